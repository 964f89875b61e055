"""How each animal of a herd is doing this hour, against its own habit and its herd: what the health rules judge.

Computed once per picture of a herd and kept as long as the picture is.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from collateral.anomaly.common_mode import Herds, against_own, mean, medians, without_common_mode
from collateral.anomaly.data_quality import is_out_of_range, lies_still
from collateral.anomaly.health.weather import air_until, in_heat, thi
from collateral.anomaly.tail import chance_of_higher, chance_of_lower, score
from collateral.facts.herd import HerdFacts, Track
from collateral.facts.series import DAY_HOURS, Climate, Floats, HerdSeries
from collateral.model.herd import Species

Flags = npt.NDArray[np.bool_]

FEVER_H = 6  # a fever is a mean over so many hours: single hours of an ear wander [I]
LEAST_FEVER_H = 3
LEAST_ACTIVITY_H = 12  # of the day [I]
ROUSED_H = 6  # oestrus lasts 8 h, quartiles 4-12 (anomaly.md)
ROUSED_BACK_H = 48  # an aroused animal is no patient for so long [I]


@dataclass(frozen=True, eq=False)
class Vitals:
    """(animals,) each; NaN and False where nobody can tell.

    `warmth` (animals, hours): degC above habit and herd; `fever_c` its mean over the last 6 h, `fever_chance` of that
    or more in a healthy animal, `fever_chance_before` the same a day earlier. `activity_share`: activity of the last
    day above habit and herd, as a share of habit, and `low_chance` of that or less. `roused_share`: the highest 6 h of
    the last two days, as a share of habit or of the herd's, whichever is more. `rumination_share`: like
    `activity_share`.
    `is_hot`: whether heat explains the last day.
    """

    herds: Herds
    warmth: Floats
    fever_c: Floats
    fever_chance: Floats
    fever_chance_before: Floats
    activity_share: Floats
    low_chance: Floats
    roused_share: Floats
    rumination_share: Floats
    unfit: Flags  # tags that speak of no living animal: taken off, still for a day
    is_hot: bool


# Not the facts themselves: they hold the series, which would then never go.
_KEPT: WeakKeyDictionary[HerdSeries, tuple[tuple[Track, ...], Climate | None, Vitals]] = WeakKeyDictionary()


def vitals_of(facts: HerdFacts) -> Vitals | None:
    """The vitals of a picture's animals; None without measurements."""
    series = facts.series
    if series is None or not facts.tracks:
        return None
    kept = _KEPT.get(series)
    if kept is not None and kept[0] is facts.tracks and kept[1] is facts.climate:
        return kept[2]
    found = _vitals(facts, series)
    _KEPT[series] = (facts.tracks, facts.climate, found)
    return found


def herds_of(facts: HerdFacts) -> Herds:
    """Who is whose mate on this farm."""
    pens: dict[str, int] = {}
    kinds: dict[Species, int] = {}
    pen = [pens.setdefault(t.pen.pen_id, len(pens)) for t in facts.tracks]
    kind = [kinds.setdefault(t.pen.species, len(kinds)) for t in facts.tracks]
    return Herds(np.asarray(pen, np.int64), np.asarray(kind, np.int64))


def _vitals(facts: HerdFacts, series: HerdSeries) -> Vitals:
    herds = herds_of(facts)
    air, humidity = air_until(facts.climate, series.ends_at, series.hours)
    hours = series.local_hours
    warmth = without_common_mode(against_own(series.temp_c, hours, series.hours), herds, air)
    yesterday = warmth[:, :-DAY_HOURS]
    # An animal answers to weather and feeding in proportion to its habit, so these are taken as shares of it.
    level, chewing = _mean_of_day(series.activity.usual), _mean_of_day(series.rumination_min.usual)
    active = against_own(series.activity, hours, series.hours) / level[:, None]
    active = without_common_mode(active, herds, air)
    cud = against_own(series.rumination_min, hours, DAY_HOURS) / chewing[:, None]
    cud = without_common_mode(cud, herds, air[-DAY_HOURS:])
    today = mean(series.activity.values[:, -DAY_HOURS:])
    low = chance_of_lower(score(active, series.activity.spread / level, herds.kind, DAY_HOURS, LEAST_ACTIVITY_H))
    low[is_out_of_range(level, herds.kind)] = np.nan
    spread = series.temp_c.spread
    return Vitals(
        herds=herds,
        warmth=warmth,
        fever_c=mean(warmth[:, -FEVER_H:]),
        fever_chance=chance_of_higher(score(warmth, spread, herds.kind, FEVER_H, LEAST_FEVER_H)),
        fever_chance_before=chance_of_higher(score(yesterday, spread, herds.kind, FEVER_H, LEAST_FEVER_H)),
        activity_share=mean(active[:, -DAY_HOURS:]),
        low_chance=low,
        roused_share=_highest(active[:, -ROUSED_BACK_H:]) * level / _herd_level(level, herds),
        rumination_share=mean(cud),
        unfit=series.tamper[:, -DAY_HOURS:].any(axis=1) | lies_still(today, level),
        is_hot=bool(in_heat(thi(air, humidity))[-DAY_HOURS:].any()),
    )


def _mean_of_day(usual: Floats) -> Floats:
    """An animal's usual hour; NaN where it has none, or none to speak of."""
    level = mean(usual)
    return np.where(level > 0, level, np.nan).astype(np.float32)


def _highest(activity: Floats) -> Floats:
    """The highest mean of 6 h, of which at least 4 were measured."""
    known = ~np.isnan(activity)
    sums = np.cumsum(np.where(known, activity, 0), axis=1)
    counts = np.cumsum(known, axis=1)
    sums[:, ROUSED_H:] -= sums[:, :-ROUSED_H].copy()
    counts[:, ROUSED_H:] -= counts[:, :-ROUSED_H].copy()
    rolling = np.where(counts >= 4, sums / np.maximum(counts, 1), -np.inf)[:, ROUSED_H - 1 :]
    highest = rolling.max(axis=1)
    return np.where(np.isfinite(highest), highest, np.nan).astype(np.float32)


def _herd_level(level: Floats, herds: Herds) -> Floats:
    """An animal's usual hour or its kind's, whichever is more: a quiet animal's is no measure of a large rise."""
    typical = medians(level[:, None], herds.kind, herds.kinds)[0][herds.kind, 0]
    return np.asarray(np.fmax(level, typical), np.float32)
