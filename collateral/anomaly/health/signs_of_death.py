"""Whether a tag looks like that of a dead animal: no movement for hours, and cooled against its herd. Death passes no
false discovery control; it is confirmed by so many of so many hours instead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.anomaly.common_mode import Ints, against_own, median
from collateral.anomaly.health.vitals import Flags, vitals_of
from collateral.anomaly.health.weather import air_until
from collateral.facts.herd import HerdFacts
from collateral.facts.series import Floats, HerdSeries

LEAST_KNOWN_OF_WINDOW = 24  # hours of 72 in which a tag that never moved must have been heard [I]
COOLING_H = 3
AT_ONCE_H = 2  # a tag without an animal has the temperature of the air within so many hours, a carcass has not [I]
LEFT_AT_ONCE = 0.25  # of the warmth above the air; less is no carcass [I]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathLimits:
    """`still_h`: hours without a step (R11), confirmed by `still_h` of `still_h` + 1. `cooled_c`: below habit and herd
    (R11), in two of the last three hours. `active_share` of the herd's usual activity is no life [I]. Where the air is
    within `warm_c` of a living ear nothing can cool: then `warm_h` hours without a step or a stir must do [I].
    `report_h`: by when photo and disposal record are due (R11), `grave_h`: when their lack is graver, `several`: so
    many are [I]."""

    still_h: int = 4
    cooled_c: float = 3.0
    active_share: float = 0.15
    warm_c: float = 3.0
    warm_h: int = 8
    report_h: float = 24.0
    grave_h: float = 48.0
    several: int = 3


LIMITS = DeathLimits()


def seems_dead(facts: HerdFacts, limits: DeathLimits = LIMITS) -> Flags:
    """Which animals' tags look so, (animals,). A tag whose contact is open speaks of itself, not of its animal."""
    series = facts.series
    if series is None or not facts.tracks:
        return np.zeros(len(facts.tracks), np.bool_)
    still = _still_for(series, limits.still_h, limits)
    # Only few are still at all: the herd's common mode is worth computing when somebody is.
    if not still.any():
        return still
    air, _ = air_until(facts.climate, series.ends_at, series.hours)
    left = _against_herd(facts, series)
    cooled, warm_air = _temperatures(series, left, air, limits)
    dead = (still & cooled) | (_still_for(series, limits.warm_h, limits) & warm_air) | _never_moved(series)
    dead &= ~series.tamper.any(axis=1)
    for row in np.nonzero(dead)[0]:
        dead[row] = not _cooled_at_once(series.temp_c.values[row], left[row], air, still_since(series, int(row)))
    return dead


def is_still(facts: HerdFacts, limits: DeathLimits = LIMITS) -> Flags:
    """Which animals' tags show no life in these hours, whatever their temperature, (animals,)."""
    if facts.series is None or not facts.tracks:
        return np.zeros(len(facts.tracks), np.bool_)
    return _still_for(facts.series, limits.still_h, limits)


def still_since(series: HerdSeries, row: int) -> int:
    """The first column of the run of hours without a step that goes on to the end."""
    moved = np.nonzero(series.steps.values[row] > 0)[0]
    return int(moved[-1]) + 1 if moved.size else 0


def _still_for(series: HerdSeries, hours: int, limits: DeathLimits) -> Flags:
    """No step in `hours` of the last `hours` + 1, and no activity to speak of where that is measured."""
    steps = series.steps.values[:, -hours - 1 :]
    known: Ints = np.count_nonzero(~np.isnan(steps), axis=1)
    still: Flags = np.asarray((known >= hours) & (_highest(steps) == 0))
    rows = np.nonzero(still)[0]
    still[rows] = ~_stirs(series, rows, hours, limits)
    return still


def _stirs(series: HerdSeries, rows: np.ndarray, hours: int, limits: DeathLimits) -> Flags:
    """Whether animals without a step are nevertheless active: their heads move, they chew."""
    activity = series.activity.values[rows, -hours - 1 :]
    herd, _ = median(series.activity.usual[:, series.local_hours[-hours - 1 :]])
    if not np.isfinite(herd).any():
        herd, _ = median(series.activity.values[:, -hours - 1 :])
    return np.asarray((activity > limits.active_share * herd).any(axis=1), np.bool_)


def _against_herd(facts: HerdFacts, series: HerdSeries) -> Floats:
    """Tag temperatures against habit and herd; of a herd too small to compare with, against habit alone."""
    vitals = vitals_of(facts)
    own = against_own(series.temp_c, series.local_hours, series.hours)
    return own if vitals is None else np.where(np.isnan(vitals.warmth), own, vitals.warmth).astype(np.float32)


def _temperatures(series: HerdSeries, left: Floats, air: Floats, limits: DeathLimits) -> tuple[Flags, Flags]:
    """Who has cooled below habit and herd, towards the air; and for whom the air is too warm to tell."""
    now, around, below = series.temp_c.values[:, -COOLING_H:], air[-COOLING_H:], left[:, -COOLING_H:]
    alive = now - below
    towards = np.isnan(around) | (np.abs(now - around) < np.abs(alive - around))
    cooled = np.count_nonzero((below <= -limits.cooled_c) & towards, axis=1) >= 2
    return cooled, _all_known(np.abs(alive - around) < limits.warm_c)


def _cooled_at_once(temp: Floats, left: Floats, air: Floats, since: int) -> bool:
    """Whether the warmth was gone as soon as the movement: a tag lying in the straw. False where that is not known."""
    first = slice(since + 1, since + 1 + AT_ONCE_H)
    if since == 0:  # it lay still before the window began
        return False
    warmth, alive = temp[first] - air[first], temp[first] - left[first] - air[first]
    known = np.isfinite(warmth) & np.isfinite(alive) & (alive > 0)
    return bool(known.any()) and bool((warmth[known] < LEFT_AT_ONCE * alive[known]).all())


def _all_known(near: Flags) -> Flags:
    """In two of the last three hours; a comparison with NaN is no."""
    enough: Flags = np.count_nonzero(near, axis=1) >= 2
    return enough


def _never_moved(series: HerdSeries) -> Flags:
    """Not a step and not a stir in the whole window: habits have died with the animal by then."""
    known = np.count_nonzero(~np.isnan(series.steps.values), axis=1) >= LEAST_KNOWN_OF_WINDOW
    silent: Flags = (
        known & np.equal(_highest(series.steps.values), 0) & np.less_equal(_highest(series.activity.values), 1)
    )
    return silent


def _highest(values: Floats) -> Floats:
    highest: Floats = np.nan_to_num(values).max(axis=1)
    return highest
