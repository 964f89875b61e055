"""Sick herds and hot days."""

from __future__ import annotations

import numpy as np

from bench.evaluation import deeds
from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import drawn_head, estate
from bench.evaluation.plays.calendar import mild, night
from bench.evaluation.plays.removal import aftermath
from bench.evaluation.stage import Play, every, play
from bench.evaluation.truth import Need
from bench.evaluation.world import DAY_S, world
from collateral.model.finding import Finding, Severity
from firmware_sim.chance import stream

LIES_MORE = 0.5  # of the sick ones lie that would have stood [I]
OUTBREAK_SHARE = 0.17  # of one pen's animals (A10: 10 of 60)


def outbreak(seed: int) -> Play:
    """17 % of every pen of a loan gain 1.5 degrees and more within a day and lie down (A10)."""
    name = "outbreak"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, mild(seed, name), 4.0, eventless=True)
    rng = stream(seed, name, "sick")
    begins = made.live_s + 6 * HOUR_S
    sick = np.flatnonzero((farm.loan == 0) & (rng.random(farm.head) < OUTBREAK_SHARE + 0.03))
    onset = begins + rng.uniform(0, 12 * HOUR_S, len(sick))
    for row, at_s in zip(sick.tolist(), onset.tolist(), strict=True):
        for hours, moves, warmer in ((0, 0.8, 0.8), (12, 0.7, 1.2)):  # it rises over the day
            deeds.fall_ill(made, row, at_s + hours * HOUR_S, made.ends_s, moves=moves, ruminates=moves, warmer_c=warmer)
    made.eyes.lies[:, made.eyes.at_s > begins + 12 * HOUR_S] += LIES_MORE * OUTBREAK_SHARE
    # 24 h of gain after onset: then the whole share is sick, and one hour of data more is enough (A10).
    decisive = float(np.sort(onset)[int(0.15 / (OUTBREAK_SHARE + 0.03) * len(onset))]) + DAY_S
    made.script.add(
        what=name, rules=("R13",), since_s=begins, until_s=made.ends_s, decisive_s=decisive,
        severity=Severity.YELLOW, within_s=12 * HOUR_S, place=farm.loans[0],
    )  # fmt: skip
    aftermath(made, begins, ("R13", "R18", "R11"))
    return play(name, made, every(made.live_s, made.ends_s - HOUR_S, HOUR_S))


def mortality(seed: int) -> Play:
    """Five animals of 500 die within the week (A11): red at the fifth confirmed death."""
    name = "mortality"
    farm = estate(seed, name, 500)
    made = world(seed, farm, mild(seed, name), 9.0, eventless=True)
    rng = stream(seed, name, "dead")
    rows = rng.choice(farm.head, 5, replace=False).tolist()
    died = made.live_s + DAY_S * np.sort(rng.uniform(0.2, 5.0, 5))
    confirmed = sorted(deeds.die(made, row, at_s, rng) for row, at_s in zip(rows, died.tolist(), strict=True))
    for row, at_s in zip(rows, died.tolist(), strict=True):
        made.script.add(
            what="death", rules=("R11",), since_s=at_s, until_s=made.ends_s, decisive_s=at_s + 4 * HOUR_S,
            within_s=6 * HOUR_S, animals=frozenset({str(farm.animal(row))}), place=made.loan_of(row),
            need=Need.MUST if made.gone_s[row] - at_s > 6 * HOUR_S else Need.MAY,
        )  # fmt: skip
    made.script.add(
        what="third death", rules=("R12",), since_s=died[2], until_s=made.ends_s, decisive_s=confirmed[2],
        severity=Severity.YELLOW, within_s=2 * HOUR_S, place=farm.loans[0],
    )  # fmt: skip
    made.script.add(
        what="fifth death", rules=("R12",), since_s=died[2], until_s=made.ends_s, decisive_s=confirmed[4],
        severity=Severity.RED, within_s=2 * HOUR_S, place=farm.loans[0], red=True,
    )  # fmt: skip
    aftermath(made, float(died[0]), ("R11", "R12", "R26", "R8", "R3"))
    return play(name, made, every(made.live_s, made.live_s + 7.5 * DAY_S, HOUR_S))


def heat_then_feed_stop(seed: int) -> Play:
    """THI over 79 and warm nights: heat, and rumination -20 % is the heat's. Cooler again and still -20 % for 48 h: the
    feed is short (A13)."""
    name = "heat_then_feed_stop"
    farm = estate(seed, name, 500)
    made = world(seed, farm, mild(seed, name), 7.0, eventless=True)
    hot, cool = made.live_s + DAY_S, made.live_s + 3 * DAY_S
    deeds.air_of(made, made.live_s, hot, 22, 12, 0.55)
    deeds.air_of(made, hot, cool, 33, 25.5, 0.55)  # 81 by day, 75 by night
    deeds.air_of(made, cool, made.ends_s, 21, 12, 0.55)
    deeds.slow_down(made, hot + 8 * HOUR_S, cool, moves=0.9, ruminates=0.8)
    deeds.slow_down(made, cool, made.ends_s, ruminates=0.78)
    sixth = made.begins_s + HOUR_S * (
        6 + int(np.flatnonzero(made.air.thi[made.column(hot) :] >= 79)[0]) + made.column(hot)
    )
    made.script.add(
        what="heat", rules=("R19",), since_s=hot, until_s=cool + DAY_S, decisive_s=sixth,
        severity=Severity.YELLOW, within_s=2 * HOUR_S,
    )  # fmt: skip
    made.script.hush(what="heat is no feed stop", rules=("R18",), since_s=made.live_s, until_s=cool + DAY_S)
    made.script.add(
        what="feed stop", rules=("R18",), since_s=cool, until_s=made.ends_s, decisive_s=cool + 2 * DAY_S,
        severity=Severity.YELLOW, within_s=DAY_S,
    )  # fmt: skip
    aftermath(made, hot, ("R19",))
    aftermath(made, cool + DAY_S, ("R18",))
    return play(name, made, every(made.live_s, made.live_s + 6.5 * DAY_S, HOUR_S))


def ordinary_day(seed: int) -> Play:
    """A day like others, in a herd with some light cases: how much is said about animals."""
    return _day(seed, 1.0, "ordinary_day")


def heat_day(seed: int) -> Play:
    """The same day in the same herd with activity down by a quarter: no more may be said."""
    return _day(seed, 0.75, "heat_day")


def _day(seed: int, moves: float, kind: str) -> Play:
    name = "heat_days"  # one farm and one chance for both
    farm = estate(seed, name, 1_000)
    made = world(seed, farm, night(seed, name), 4.0, eventless=True)
    rng = stream(seed, name, "light cases")
    for row in np.flatnonzero(rng.random(farm.head) < 0.004).tolist():
        since = made.live_s + DAY_S * float(rng.uniform(0, 3))
        deeds.fall_ill(made, row, since, since + 2 * DAY_S, moves=0.65, ruminates=0.7, warmer_c=1.2)
    since = made.live_s + DAY_S
    deeds.slow_down(made, since, since + DAY_S, moves=moves)
    aftermath(made, made.live_s, ("R13", "R19", "R17", "R11", "R18", "R14", "R26"))
    said: set[tuple[str, str]] = set()

    def hear(found: list[Finding]) -> None:
        for finding in found:
            if finding.as_of.timestamp() > since:
                said.update((finding.rule, str(a)) for a in finding.animals or (finding.loan_id or finding.farm_id,))

    made_play = play(kind, made, every(made.live_s, since + DAY_S + 6 * HOUR_S, HOUR_S), also=hear)
    made_play.extra["alerts"] = float(len(said))
    return made_play
