"""What happens on an honest farm by itself in a month: deaths, lost tags, sick animals, oestrus, sales with papers.

All of it is written down as truth: who says so is right, and nobody must be called to the telephone for it. Deaths at
the usual rate are no abnormal mortality: whoever calls them that (R12) is wrong, however many there are by chance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bench.evaluation import deeds
from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import UTC_OFFSET_S
from bench.evaluation.truth import Need
from bench.evaluation.world import DAY_S, World, approved
from collateral.model.finding import Severity
from collateral.model.loan import MovementKind
from firmware_sim.chance import stream

DEATHS_A_DAY = 0.0183 / 167  # per animal (domain 2.3)
TAG_LOSS_A_DAY = 0.04 / 365  # per animal, 4 % a year (domain 0.5)
LIES_IN_PEN = 0.6  # of lost tags; the others are broken [I]
CONTACT = 0.3  # of tags that fall off show it at their contact: torn out, not broken [I]
RETAGGED_S = (2 * DAY_S, 5 * DAY_S)  # [I]
ILL_A_DAY = 0.0003  # per animal: light cases that pass [I]
ILL_S = (1.5 * DAY_S, 4 * DAY_S)
FEMALES, CYCLE_DAYS = 0.2, 21.0  # cyclic animals in a fattening herd [I]; cattle
OESTRUS_H, OESTRUS_RISE = (4.0, 12.0), (35.0, 70.0)  # median 8 h, IQR 4-12; threshold 35, peak 70 (anomaly.md)
SALES_A_MONTH, SALE_HEAD = 2, (10, 24)
WINDOW_S = 4 * HOUR_S
PAID_S = (0.5 * DAY_S, 3 * DAY_S)  # until the buyer's proceeds are booked [I]
Happening = Callable[[World, np.random.Generator, int, float], None]
STANDS_S = 2 * DAY_S  # how long after its cause a case may still be opened


def honest_month(world: World) -> None:
    """Write a month's ordinary events into a world and its truths."""
    rng = stream(world.seed, world.estate.farm.farm_id, "nature")
    days = (world.ends_s - world.live_s) / DAY_S
    _sales(world, rng, days)
    _each(world, rng, DEATHS_A_DAY * days, _death)
    _each(world, rng, TAG_LOSS_A_DAY * days, _lost_tag)
    _each(world, rng, ILL_A_DAY * days, _illness)
    _oestrus(world, rng)


def _each(world: World, rng: np.random.Generator, share: float, happen: Happening) -> None:
    for row in np.flatnonzero(rng.random(world.estate.head) < share).tolist():
        at_s = float(rng.uniform(world.live_s + HOUR_S, world.ends_s - HOUR_S))
        if at_s < min(world.gone_s[row], world.struck_s[row]) - DAY_S:
            happen(world, rng, row, at_s)


def _death(world: World, rng: np.random.Generator, row: int, at_s: float) -> None:
    confirmed = deeds.die(world, row, at_s, rng)
    animal = str(world.estate.animal(row))
    world.script.add(
        what="death", rules=("R11",), since_s=at_s, until_s=confirmed + DAY_S, decisive_s=at_s + 4 * HOUR_S,
        within_s=6 * HOUR_S, animals=frozenset({animal}), place=world.loan_of(row),
        need=Need.MUST if at_s < world.ends_s - 12 * HOUR_S and world.gone_s[row] - at_s > 6 * HOUR_S else Need.MAY,
    )  # fmt: skip
    world.script.add(
        what="death", rules=("R8", "R11", "R26"), since_s=at_s, until_s=confirmed + STANDS_S, decisive_s=at_s,
        need=Need.MAY, place=world.loan_of(row), animals=frozenset({animal}),
    )  # fmt: skip
    world.script.add(
        what="death", rules=("R3",), since_s=at_s, until_s=confirmed + STANDS_S, decisive_s=at_s, need=Need.MAY,
        place=world.loan_of(row),
    )  # fmt: skip


def _lost_tag(world: World, rng: np.random.Generator, row: int, at_s: float) -> None:
    back = at_s + float(rng.uniform(*RETAGGED_S))
    keep = {n: getattr(world.body, n)[row].copy() for n in ("activity", "steps", "rumination", "temp_c")}
    heard = world.delivery.heard[row].copy()
    if rng.random() < LIES_IN_PEN:
        deeds.take_off(world, row, at_s, tamper=bool(rng.random() < CONTACT))
    else:
        deeds.break_tag(world, row, at_s)
    first = world.first_report_after(row, back)
    for name, column in keep.items():
        getattr(world.body, name)[row, first:] = column[first:]
    world.delivery.heard[row, first:] = heard[first:]
    deeds.retag(world, row, back)
    world.script.add(
        what="lost tag", rules=("R26", "R8", "R11"), since_s=at_s, until_s=back + STANDS_S, decisive_s=at_s,
        need=Need.MAY, place=world.loan_of(row), animals=frozenset({str(world.estate.animal(row))}),
    )  # fmt: skip


def _illness(world: World, rng: np.random.Generator, row: int, at_s: float) -> None:
    until = at_s + float(rng.uniform(*ILL_S))
    deeds.fall_ill(world, row, at_s, until, moves=0.65, ruminates=0.6, warmer_c=1.2)
    world.script.add(
        what="illness", rules=("R13",), since_s=at_s, until_s=until + DAY_S, decisive_s=at_s, need=Need.MAY,
        animals=frozenset({str(world.estate.animal(row))}),
    )  # fmt: skip


def _oestrus(world: World, rng: np.random.Generator) -> None:
    for row in np.flatnonzero(rng.random(world.estate.head) < FEMALES).tolist():
        at_s = world.live_s + float(rng.uniform(0, CYCLE_DAYS)) * DAY_S
        if at_s > min(world.ends_s - DAY_S, world.gone_s[row]):
            continue
        low, high = OESTRUS_H
        until = at_s + HOUR_S * float(
            np.exp(rng.normal(np.log(8.0), (np.log(high) - np.log(low)) / 2 / 0.674)).clip(3, 20)
        )
        deeds.in_heat(world, row, at_s, until, float(rng.uniform(*OESTRUS_RISE)))
        world.script.add(
            what="oestrus", rules=("R17",), since_s=at_s, until_s=until + DAY_S, decisive_s=at_s, within_s=DAY_S,
            animals=frozenset({str(world.estate.animal(row))}), place=world.loan_of(row),
        )  # fmt: skip


def _sales(world: World, rng: np.random.Generator, days: float) -> None:
    """Approved, by day, and booked when the window ends."""
    for number in range(int(rng.poisson(SALES_A_MONTH * days / 30))):
        day = int(rng.integers(2, max(3, int(days) - 1)))
        midnight = (world.live_s + UTC_OFFSET_S) // DAY_S * DAY_S - UTC_OFFSET_S + day * DAY_S
        begins = midnight + float(rng.uniform(7, 14)) * HOUR_S
        pen = int(rng.integers(len(world.estate.pens)))
        there = [int(r) for r in world.estate.herd.pens[pen].rows if np.isinf(world.gone_s[r])]
        if len(there) < 2 * SALE_HEAD[1]:
            continue
        rows = [int(r) for r in rng.choice(there, int(rng.integers(*SALE_HEAD)), replace=False)]
        sale(world, number, rows, begins, rng)


def sale(world: World, number: int, rows: list[int], begins_s: float, rng: np.random.Generator) -> None:
    """An approved sale: its window, the walk to the lorry in the middle of it, the book at its end."""
    approved(world, number, MovementKind.SALE, rows, begins_s, begins_s + WINDOW_S, begins_s - DAY_S,
             begins_s + WINDOW_S + float(rng.uniform(*PAID_S)))  # fmt: skip
    departs = begins_s + 0.3 * WINDOW_S + np.sort(rng.uniform(0, 1_800, len(rows)))
    deeds.drive_off(world, rows, departs.tolist(), rng)
    world.struck_s[rows] = begins_s + WINDOW_S
    world.script.add(
        what="approved sale", rules=("R2", "R1"), since_s=begins_s - 1, until_s=begins_s + WINDOW_S + STANDS_S,
        decisive_s=begins_s, need=Need.MAY, place=world.loan_of(rows[0]), most=Severity.BLUE,
    )  # fmt: skip
