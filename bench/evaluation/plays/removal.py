"""Animals that are taken away: by lorry, a few, with their tags cut, one a week, or with papers."""

from __future__ import annotations

import math

import numpy as np

from bench.evaluation import deeds, nature
from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import LARGEST, UTC_OFFSET_S, drawn_head, estate
from bench.evaluation.plays.calendar import night
from bench.evaluation.stage import Play, every, play
from bench.evaluation.truth import Need
from bench.evaluation.world import DAY_S, World, world
from collateral.model.finding import Severity
from firmware_sim.chance import stream

BEGINS_S = 2 * HOUR_S + 600  # 02:10 local (A3), as the night's play begins at midnight
GROUPS, GAP_S = 4, 360.0  # driven off one group after the other, as in the simulated firmware
TICK_S = 60.0
AFTER_S = 70 * 60.0
AFTERMATH = ("R1", "R2", "R3", "R8", "R11", "R14", "R25", "R26")


def theft_large(seed: int) -> Play:
    """24 head by lorry at night, heard until they are on it, a camera on the pen (A3)."""
    return _theft("theft_large", seed, drawn_head(seed, "theft_large"), 24)


def theft_largest(seed: int) -> Play:
    """The same on the largest farm."""
    return _theft("theft_largest", seed, LARGEST, 24, history_days=11, step_s=120.0)


def theft_small(seed: int) -> Play:
    """Three head: no camera can tell, the tags must."""
    return _theft("theft_small", seed, drawn_head(seed, "theft_small"), 3)


def _theft(name: str, seed: int, head: int, stolen: int, *, history_days: int = 17, step_s: float = TICK_S) -> Play:
    farm = estate(seed, name, head)
    made = world(seed, farm, night(seed, name), 0.4, eventless=True, history_days=history_days)
    rng = stream(seed, name, "theft")
    begins = made.live_s + BEGINS_S
    pen = clearest_pen(made, 2 * stolen, begins)
    rows = rng.choice(farm.herd.pens[pen].rows, stolen, replace=False).tolist()
    departs = begins + np.arange(stolen) * GROUPS // stolen * GAP_S + rng.uniform(0, 20, stolen)
    certain = sorted(deeds.drive_off(made, rows, departs.tolist(), rng))
    group = max(3, math.ceil(0.03 * len(farm.herd.pens[pen].rows)))
    tags_s = certain[min(group, stolen) - 1]
    ends = made.ends_s
    if stolen >= 10:  # so many that a camera can tell: published counters err by some heads (domain 0.6)
        seen = sight_of_loss(made, pen, 2 / 3 * stolen)
        made.script.add(
            what=name, rules=("R2",), since_s=begins, until_s=ends, decisive_s=max(tags_s, seen),
            severity=Severity.RED, within_s=300.0, place=made.loan_of(rows[0]), red=True,
        )  # fmt: skip
    else:
        made.script.add(
            what=name, rules=("R2", "R1"), since_s=begins, until_s=ends, decisive_s=tags_s,
            severity=Severity.ORANGE, within_s=300.0, place=made.loan_of(rows[0]),
        )  # fmt: skip
    aftermath(made, begins, AFTERMATH)
    ticks = [*every(made.live_s + HOUR_S, begins - 1, 900), *every(begins, begins + AFTER_S, step_s)]
    return play(name, made, ticks)


def silent_theft(seed: int) -> Play:
    """Fifteen tags are smashed in the pen, then the animals are driven off: nothing is heard, something is seen."""
    name = "silent_theft"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.6, eventless=True)
    rng = stream(seed, name, "theft")
    begins = made.live_s + BEGINS_S
    pen = clearest_pen(made, 30, begins)
    rows = rng.choice(farm.herd.pens[pen].rows, 15, replace=False).tolist()
    for row in rows:
        deeds.break_tag(made, row, begins)
        made.gone_s[row] = begins + 900 + rng.uniform(0, 900)
    missed = sorted(_last_report(made, row, begins) + 3 * HOUR_S for row in rows)
    group = max(3, math.ceil(0.03 * len(farm.herd.pens[pen].rows)))
    decisive = max(missed[group - 1], sight_of_loss(made, pen, 10))
    made.script.add(
        what=name, rules=("R2", "R3", "R8", "R26"), since_s=begins, until_s=made.ends_s, decisive_s=decisive,
        severity=Severity.ORANGE, within_s=2 * HOUR_S, place=made.loan_of(rows[0]),
    )  # fmt: skip
    aftermath(made, begins, AFTERMATH)
    return play(name, made, [*every(made.live_s, begins, 900), *every(begins, begins + 7 * HOUR_S, 300)])


def tags_cut(seed: int) -> Play:
    """Tags with a contact are cut off and left in the pen: three within the day are a matter (A5)."""
    name = "tags_cut"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.5, eventless=True)
    rng = stream(seed, name, "cut")
    rows = rng.choice(farm.herd.pens[int(rng.integers(len(farm.pens)))].rows, 3, replace=False).tolist()
    times = made.live_s + HOUR_S * np.array([0.5, 1.0, 1.5])
    for row, at_s in zip(rows, times.tolist(), strict=True):
        deeds.take_off(made, row, at_s, tamper=True)
    place = made.loan_of(rows[0])
    made.script.add(
        what="one tag cut", rules=("R8",), since_s=times[0], until_s=made.ends_s, decisive_s=times[0],
        severity=Severity.YELLOW, within_s=900.0, place=place,
    )  # fmt: skip
    made.script.add(
        what="three tags cut", rules=("R8",), since_s=times[2], until_s=made.ends_s, decisive_s=times[2],
        severity=Severity.ORANGE, within_s=900.0, place=place,
    )  # fmt: skip
    aftermath(made, float(times[0]), ("R8", "R10", "R11", "R26", "R3"))
    return play(name, made, every(made.live_s, made.live_s + 9 * HOUR_S, 300))


def slow_leak(seed: int) -> Play:
    """One head a week is sold without a word and its tag destroyed; 2 % are gone after ten weeks."""
    name = "slow_leak"
    weeks, head = 13, 500
    farm = estate(seed, name, head)
    made = world(seed, farm, night(seed, name), 7.0 * weeks, frames_s=3_600.0)
    rng = stream(seed, name, "leak")
    rows = rng.choice(head, weeks, replace=False).tolist()
    gone = [made.live_s + DAY_S * (7 * week + 2) + rng.uniform(0, DAY_S) for week in range(weeks)]
    for row, at_s in zip(rows, gone, strict=True):
        deeds.break_tag(made, row, at_s)
        made.gone_s[row] = at_s
    made.script.add(
        what="2 % gone", rules=("R3",), since_s=made.live_s, until_s=made.ends_s, decisive_s=gone[9],
        severity=Severity.YELLOW, within_s=28 * DAY_S, place=farm.loans[0],  # before 3 % are gone [I]
    )  # fmt: skip
    aftermath(made, gone[0], ("R3", "R26", "R8", "R11", "R25"))
    return play(name, made, every(made.live_s + 6 * HOUR_S, made.ends_s - HOUR_S, DAY_S))  # the 06:00 job (A2)


def planned_sale(seed: int) -> Play:
    """24 head leave with approved papers (A4): nothing red, nothing orange."""
    return _sale("planned_sale", seed, extra=0)


def sale_and_two_more(seed: int) -> Play:
    """26 leave where 24 may (A4): orange, and it names the two."""
    return _sale("sale_and_two_more", seed, extra=2)


def _sale(name: str, seed: int, extra: int) -> Play:
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.5, eventless=True)
    rng = stream(seed, name, "sale")
    begins = made.live_s + 2 * HOUR_S
    rows = rng.choice(farm.herd.pens[int(rng.integers(len(farm.pens)))].rows, 24 + extra, replace=False).tolist()
    nature.sale(made, 1, rows[:24], begins, rng)
    made.script.hush(what=name, rules=("R1", "R2", "R3", "R8"), since_s=0.0, until_s=made.ends_s,
                     from_severity=Severity.RED)  # fmt: skip
    more = rows[24:]
    if more:
        departs = [begins + 0.3 * nature.WINDOW_S + 900.0 + 10 * n for n in range(extra)]
        certain = deeds.drive_off(made, more, departs, rng)
        # Orange is what the story asks for; the watchkeeper has five minutes, as for the night truck.
        made.script.add(
            what=name, rules=("R1", "R2"), since_s=begins, until_s=made.ends_s, decisive_s=max(certain),
            severity=Severity.ORANGE, within_s=600.0, place=made.loan_of(more[0]),
            animals=frozenset(str(farm.animal(r)) for r in more),
        )  # fmt: skip
        aftermath(made, begins, ("R1", "R3", "R26", "R8"))
    else:
        made.script.hush(what=name, rules=("R1", "R2", "R3", "R8"), since_s=0.0, until_s=made.ends_s,
                         from_severity=Severity.YELLOW)  # fmt: skip
    ticks = [*every(made.live_s, begins, 900), *every(begins, begins + 4 * HOUR_S, 300),
             *every(begins + 4.5 * HOUR_S, begins + 9 * HOUR_S, 1_800)]  # fmt: skip
    return play(name, made, ticks)


def clearest_pen(made: World, least: int, at_s: float) -> int:
    """The watched pen with so many head whose camera sees best around a moment: a thief does not choose it, a test of
    the second witness must."""
    around = (made.eyes.at_s > at_s - 3 * HOUR_S) & (made.eyes.at_s < at_s + HOUR_S)
    able = [n for n, pen in enumerate(made.estate.camera_pen) if len(made.estate.herd.pens[int(pen)].rows) >= least]
    best = min(able, key=lambda n: int((made.eyes.blind[n, around] != 0).sum()))
    return int(made.estate.camera_pen[best])


def sight_of_loss(made: World, pen: int, missing: float) -> float:
    """When a pen's camera had counted twice after so many had left: the second witness."""
    camera = int(np.flatnonzero(made.estate.camera_pen == pen)[0])
    full = made.head_in(pen, made.live_s)
    frames = [
        float(at) for at, blind in zip(made.eyes.at_s, made.eyes.blind[camera], strict=True)
        if blind == 0 and full - made.head_in(pen, float(at)) >= missing
    ]  # fmt: skip
    return frames[1] + 5.0 if len(frames) > 1 else float("inf")


def aftermath(made: World, since_s: float, rules: tuple[str, ...]) -> None:
    """What else may rightly be said once something has happened."""
    made.script.add(
        what="aftermath", rules=rules, since_s=since_s, until_s=made.ends_s, decisive_s=since_s, need=Need.MAY
    )


def _last_report(made: World, row: int, before_s: float) -> float:
    column = made.first_report_after(row, before_s) - 1
    while column > 0 and not made.delivery.heard[row, column]:
        column -= 1
    return made.begins_s + column * HOUR_S + float(made.estate.offset_s[row])


def local_midnight(at_s: float) -> float:
    """The midnight before a moment, local time, epoch seconds."""
    return (at_s + UTC_OFFSET_S) // DAY_S * DAY_S - UTC_OFFSET_S
