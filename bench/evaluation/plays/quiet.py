"""Honest farm-months: 500 head, all that happens by itself, looked at every two hours."""

from __future__ import annotations

from datetime import timedelta

from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import estate
from bench.evaluation.nature import honest_month
from bench.evaluation.plays.calendar import SINCE
from bench.evaluation.stage import Play, every, play
from bench.evaluation.world import DAY_S, world

HEAD, DAYS = 500, 30
LOOK_S = 2 * HOUR_S  # what lasts shorter than two hours in a quiet month may be missed: the price of 200 months
FRAMES_S = 1_800.0  # pictures that are counted in a quiet month; in plays one every five minutes


def honest(seed: int, number: int) -> Play:
    """Month `number` of a seed; they go round the year."""
    name = f"quiet_{number}"
    farm = estate(seed, name, HEAD)
    begins = SINCE + timedelta(days=(seed * 10 + number) * 37 % 365)
    made = world(seed, farm, begins, DAYS, frames_s=FRAMES_S)
    honest_month(made)
    return play(name, made, every(made.live_s, made.live_s + DAYS * DAY_S, LOOK_S), quiet=True)
