"""Devices that go blind or quiet so that something can happen: a farm without power, cameras that are lied to."""

from __future__ import annotations

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.delivery import WILL_S, Outage
from bench.evaluation.estate import drawn_head, estate
from bench.evaluation.plays.calendar import night
from bench.evaluation.plays.removal import aftermath
from bench.evaluation.stage import Play, every, play
from bench.evaluation.truth import Need
from bench.evaluation.world import DAY_S, world
from collateral.model.finding import Severity
from firmware_sim.chance import stream

BLACKOUT_S = 4.5 * HOUR_S  # 23:00 to 03:30 (A8)
WORN = 0.14  # of the tags
TAKEN = 18  # 500 before, 482 after (A8)


def blackout_with_removal(seed: int) -> Play:
    """All gateways and cameras of a farm lose power 23:00-03:30, and 18 head are gone when they come back (A8)."""
    name = "blackout_with_removal"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 1.2, eventless=True)
    rng = stream(seed, name, "taken")
    off = made.live_s + 23 * HOUR_S
    for gateway in range(len(farm.herd.gateways)):
        made.cut(Outage(gateway, off, off + BLACKOUT_S, power=True))
    pen = int(farm.camera_pen[int(rng.integers(len(farm.camera_pen)))])
    rows = rng.choice(farm.herd.pens[pen].rows, TAKEN, replace=False)
    made.gone_s[rows] = off + 2 * HOUR_S
    for row in rows.tolist():
        made.silence(row, off)
    place = farm.farm.farm_id
    for severity, within in ((Severity.YELLOW, 900.0), (Severity.ORANGE, HOUR_S + WILL_S + 120.0)):
        made.script.add(
            what=f"blackout {severity.word}", rules=("R14",), since_s=off, until_s=off + BLACKOUT_S, decisive_s=off,
            severity=severity, within_s=within, place=place,
        )  # fmt: skip
    made.script.hush(what="no alerts per tag while dark", rules=("R26", "R8", "R11", "R1", "R2", "R3"), since_s=off,
                     until_s=off + BLACKOUT_S, from_severity=Severity.YELLOW)  # fmt: skip
    made.script.add(
        what="after the blackout", rules=("R2", "R3", "R26", "R8", "R11", "R14", "R15"), since_s=off,
        until_s=made.ends_s, decisive_s=off, need=Need.MAY,
    )  # fmt: skip
    ticks = [*every(off - HOUR_S, off, 900), *every(off + 60, off + 1.2 * HOUR_S, 60),
             *every(off + 1.25 * HOUR_S, off + BLACKOUT_S, 600),
             *every(off + BLACKOUT_S + 180, min(made.ends_s - HOUR_S, off + 14 * HOUR_S), 600)]  # fmt: skip
    return play(name, made, ticks)


def removal_seen_after_blackout(seed: int) -> Play:
    """The same, watched for the day after: that fewer came out than went in must be said, two witnesses or not."""
    name = "removal_after_blackout"
    farm = estate(seed, name, 500)
    made = world(seed, farm, night(seed, name), 2.5, eventless=True)
    rng = stream(seed, name, "taken")
    off = made.live_s + 23 * HOUR_S
    for gateway in range(len(farm.herd.gateways)):
        made.cut(Outage(gateway, off, off + BLACKOUT_S, power=True))
    pen = int(farm.camera_pen[int(rng.integers(len(farm.camera_pen)))])
    rows = rng.choice(farm.herd.pens[pen].rows, TAKEN, replace=False)
    made.gone_s[rows] = off + 2 * HOUR_S
    for row in rows.tolist():
        made.silence(row, off)
    made.script.add(
        what="fewer came out", rules=("R3", "R2", "R14"), since_s=off + BLACKOUT_S, until_s=made.ends_s,
        decisive_s=off + BLACKOUT_S, severity=Severity.YELLOW, within_s=26 * HOUR_S, place=farm.farm.farm_id,
    )  # fmt: skip
    aftermath(made, off, ("R2", "R3", "R26", "R8", "R11", "R14", "R15"))
    return play(name, made, every(off - HOUR_S, off + BLACKOUT_S + DAY_S, 900))


def cover_freeze_loop(seed: int) -> Play:
    """One camera is covered, one sends a frozen frame, one replays yesterday (A9). What the counter saw stands in the
    reason of its unknown counts."""
    name = "cover_freeze_loop"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.7, frames_s=60.0, eventless=True)
    begins = made.live_s + 10 * HOUR_S  # by day
    cameras = stream(seed, name, "cameras").choice(len(farm.cameras), 3, replace=False).tolist()
    for camera, reason, number, within in zip(
        cameras, ("covered", "frozen", "replayed"), ("R15", "R16", "R16"), (180.0, 180.0, 660.0), strict=True
    ):
        until = begins + 1_800.0
        made.eyes.cover(camera, begins, until, reason)
        pen = farm.pens[int(farm.camera_pen[camera])]
        row = int(farm.herd.pens[int(farm.camera_pen[camera])].rows[0])
        made.script.add(
            what=f"{reason} {pen.pen_id}", rules=(number,), since_s=begins, until_s=until + HOUR_S, decisive_s=begins,
            severity=Severity.YELLOW, within_s=within, place=made.loan_of(row),
        )  # fmt: skip
    aftermath(made, begins, ("R15", "R16"))
    return play(name, made, [*every(begins - HOUR_S, begins - 1, 300), *every(begins, begins + 3_000, 60)])


def fleet_decay(seed: int) -> Play:
    """Batteries run down: 14 % of the tags fall silent within two days."""
    name = "fleet_decay"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 4.0, eventless=True)
    rng = stream(seed, name, "decay")
    old = np.zeros(farm.head, np.bool_)
    old[rng.choice(farm.head, round(WORN * farm.head), replace=False)] = True
    dies = made.live_s + rng.uniform(0, 2 * DAY_S, farm.head)
    made.battery_pct[old] = 10.0
    for row in np.flatnonzero(old).tolist():
        made.silence(row, float(dies[row]))
    tenth = np.sort(dies[old])[max(0, int(0.1 * farm.head) - 1)]
    made.script.add(
        what=name, rules=("R26",), since_s=made.live_s, until_s=made.ends_s, decisive_s=float(tenth),
        severity=Severity.YELLOW, within_s=DAY_S + 4 * HOUR_S, place=farm.farm.farm_id,
    )  # fmt: skip
    aftermath(made, made.live_s, ("R26", "R3", "R14"))
    return play(name, made, every(made.live_s, made.live_s + 3.5 * DAY_S, 2 * HOUR_S))
