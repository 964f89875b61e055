"""What can befall animals and tags, written into a world from a moment on: death, loss, theft, illness, heat.

Figures are those of domain 2.3 and the simulated firmware; the courses over the hours are ours [I].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import UTC_OFFSET_S, gate_of
from bench.evaluation.world import DAY_S, Extra, Known, World, moment
from collateral.facts.events import Death
from firmware_sim import tag
from firmware_sim.chance import stream
from firmware_sim.theft import MILLING_M, NOTICED_S, REPORT_EVERY_S, REPORTS

COOLING_H = 6.0  # time constant of an ear after death or in the dust [I]
WALKING_MPS, LORRY_M = 1.3, 250.0  # as in the simulated firmware's night theft
FENCE_LINE_M = 8.0  # walked beyond the gate until a camera no longer sees it [I]
FOUND_S = (3 * HOUR_S, 16 * HOUR_S)  # until somebody finds a dead animal [I]
CONFIRMED_S = (2 * HOUR_S, 20 * HOUR_S)  # until photo, tag and disposal record are there (24 h allowed, R11)


def die(world: World, row: int, at_s: float, rng: np.random.Generator, *, report: bool = True) -> float:
    """An animal dies; its tag goes on reporting until the carcass is taken away. Returns when that is confirmed."""
    still(world, row, at_s)
    found = at_s + rng.uniform(*FOUND_S)
    confirmed = found + rng.uniform(*CONFIRMED_S)
    world.silence(row, found)
    world.gone_s[row] = min(world.gone_s[row], found)
    if report:
        told = Death(
            animal_id=world.estate.animal(row), group_id=None, loan_id=world.loan_of(row),
            pen_id=world.estate.pens[int(world.estate.herd.pen[row])].pen_id, died_at=moment(at_s),
            reported_at=moment(found), tag_still_at=moment(at_s),
        )  # fmt: skip
        sure = replace(
            told, confirmed_at=moment(confirmed), carcass_sha256=f"{world.seed:032x}{row:032x}",
            disposal_ref=f"WHH-{world.seed}-{row}",
        )  # fmt: skip
        world.deaths += [Known(found, told), Known(confirmed, sure)]
        world.struck_s[row] = confirmed
    return confirmed


def still(world: World, row: int, at_s: float) -> None:
    """From now on this tag moves no more and cools down to the air: its wearer is dead, or it lies in the dust."""
    first = world.first_report_after(row, at_s)
    ahead = np.arange(first, world.hours)
    body = world.body
    body.activity[row, first:] = 0
    body.steps[row, first:] = 0
    body.rumination[row, first:] = 0
    warm = np.exp(-(ahead - first + 1) / COOLING_H)
    body.temp_c[row, first:] = warm * body.temp_c[row, first:] + (1 - warm) * world.air.temp_c[first:]
    fixes = world.fixes
    if first >= fixes.first and first < world.hours:
        _stay(world, row, first - fixes.first)


def _stay(world: World, row: int, first: int) -> None:
    """The tag lies where it was; its fixes still err."""
    fixes = world.fixes
    x, y = world.place(row)
    rng = stream(world.seed, world.estate.farm.farm_id, "lies", row)
    count = fixes.x_m.shape[1] - first
    known = ~np.isnan(fixes.x_m[row, first:])
    fixes.x_m[row, first:] = np.where(known, x + rng.normal(0, tag.GPS_SIGMA_M, count), np.nan)
    fixes.y_m[row, first:] = np.where(known, y + rng.normal(0, tag.GPS_SIGMA_M, count), np.nan)


def break_tag(world: World, row: int, at_s: float) -> None:
    """A tag is smashed or dies: silence."""
    world.silence(row, at_s)


def take_off(world: World, row: int, at_s: float, *, tamper: bool) -> None:
    """A tag is cut or falls off and lies in the pen. With a contact it says so at once."""
    still(world, row, at_s)
    if tamper:
        world.tamper[row, world.first_report_after(row, at_s) :] = True
        x, y = world.place(row)
        world.extras.append(Extra(row, at_s, at_s + 5.0, x, y, 10.0, tamper=True))


def retag(world: World, row: int, at_s: float, healthy: World | None = None) -> None:
    """The animal gets a new tag: it is heard as usual again. `healthy`: what it would have done all along."""
    first = world.first_report_after(row, at_s)
    if healthy is not None:
        for name in ("activity", "steps", "rumination", "temp_c"):
            getattr(world.body, name)[row, first:] = getattr(healthy.body, name)[row, first:]
    world.tamper[row, first:] = False
    world.retags.append((at_s, row))


def drive_off(world: World, rows: Sequence[int], departs_s: Sequence[float], rng: np.random.Generator) -> list[float]:
    """Animals are walked out of their gate to a lorry; their tags report when driven, and then no more.

    Returns for each when its second fix outside was known. As `firmware_sim.theft`: on setting off, then twice at
    the lorry, five minutes apart, repeated until heard.
    """
    certain = []
    for row, departs in zip(rows, departs_s, strict=True):
        place = world.estate.herd.pens[int(world.estate.herd.pen[row])].place
        start, gate = place.middle, gate_of(place)
        to_gate = float(np.hypot(gate[0] - start[0], gate[1] - start[1]))
        world.gone_s[row] = departs + (to_gate + FENCE_LINE_M) / WALKING_MPS
        side = 1.0 if gate[0] >= 0 else -1.0
        noticed = departs + rng.uniform(*NOTICED_S)
        heard = []
        for number in range(REPORTS):
            at_s = float(round(noticed + number * REPORT_EVERY_S))
            walked = (at_s - departs) * WALKING_MPS
            ahead = min(LORRY_M, max(0.0, walked - to_gate))
            share = min(1.0, walked / max(to_gate, 1e-9))
            off_x, off_y, error = tag.alarm_fix(rng)
            mill = rng.uniform(-MILLING_M, MILLING_M, 2)
            x = start[0] + share * (gate[0] - start[0]) + side * ahead + off_x + mill[0]
            y = start[1] + share * (gate[1] - start[1]) + off_y + mill[1]
            arrives = at_s + rng.uniform(3, 20)
            world.extras.append(Extra(row, at_s, arrives, float(x), float(y), error))
            heard.append(arrives)
        world.silence(row, departs)
        certain.append(heard[2])
    return certain


def fall_ill(
    world: World, row: int, since_s: float, until_s: float, *, moves: float, ruminates: float, warmer_c: float
) -> None:
    """Sick between two moments: shares of the usual activity and rumination, degrees warmer at the ear."""
    first, last = world.first_report_after(row, since_s), world.first_report_after(row, until_s)
    world.body.activity[row, first:last] *= moves
    world.body.steps[row, first:last] *= moves
    world.body.rumination[row, first:last] *= ruminates
    world.body.temp_c[row, first:last] += warmer_c


def in_heat(world: World, row: int, since_s: float, until_s: float, rise: float) -> None:
    """Oestrus: activity rises by `rise` points, steps to three times the usual, the ear by 0.8 degrees (domain 2.3)."""
    first, last = world.first_report_after(row, since_s), world.first_report_after(row, until_s)
    body = world.body
    body.activity[row, first:last] = np.clip(body.activity[row, first:last] + rise, 0, 100)
    body.steps[row, first:last] *= 3.0
    body.rumination[row, first:last] *= 0.7
    body.temp_c[row, first:last] += 0.8


def slow_down(world: World, since_s: float, until_s: float, *, moves: float = 1.0, ruminates: float = 1.0) -> None:
    """The whole herd: shares of the usual activity, steps and rumination."""
    first, last = world.column(since_s), world.column(until_s)
    world.body.activity[:, first:last] *= moves
    world.body.steps[:, first:last] *= moves
    world.body.rumination[:, first:last] *= ruminates


def air_of(world: World, since_s: float, until_s: float, day_c: float, night_c: float, humidity: float) -> None:
    """The air between two moments: warmest at 15 h, coolest at 3 h local."""
    hours = np.arange(world.column(since_s), min(world.hours, world.column(until_s)))
    local = ((world.begins_s + (hours + 0.5) * HOUR_S + UTC_OFFSET_S) % DAY_S) / HOUR_S
    middle, swing = (day_c + night_c) / 2, (day_c - night_c) / 2
    before = world.air.temp_c[hours].copy()
    world.air.temp_c[hours] = middle + swing * np.cos(2 * np.pi * (local - 15) / 24)
    world.air.humidity[hours] = humidity
    # An ear follows the air (anomaly.md: correlation .75).
    gap = np.interp(before, tag._GAP_AIR_C, tag._GAP_C) - np.interp(world.air.temp_c[hours], tag._GAP_AIR_C, tag._GAP_C)
    world.body.temp_c[:, hours] += gap.astype(np.float32)
