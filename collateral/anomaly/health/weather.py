"""The air at a farm, lined up with the hours that are judged, and what it means to an animal."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from collateral.facts.herd import HerdFacts
from collateral.facts.series import Climate, Floats

HEAT_FROM_THI = 75.0  # the first level of R19
HEAT_OVER_THI = 72.0  # below it a herd has recovered: dairy onset 68-72 (domain 2.3); story A13


def thi(temp_c: Floats, humidity: Floats) -> Floats:
    """Temperature-humidity index: 0.8 T + RH (T - 14.4) + 46.4, T in degC, RH 0-1 (domain 2.3)."""
    index: Floats = (0.8 * temp_c + humidity * (temp_c - 14.4) + 46.4).astype(np.float32)
    return index


def air_until(climate: Climate | None, ends_at: datetime, hours: int) -> tuple[Floats, Floats]:
    """Temperature and humidity of the `hours` hours before `ends_at`; NaN where nothing was measured."""
    if climate is None:
        return np.full(hours, np.nan, np.float32), np.full(hours, np.nan, np.float32)
    behind = round((ends_at - climate.ends_at) / timedelta(hours=1))
    return _aligned(climate.temp_c, hours, behind), _aligned(climate.humidity, hours, behind)


def thi_until(facts: HerdFacts, ends_at: datetime, hours: int) -> Floats:
    """The index of the `hours` hours before `ends_at`."""
    return thi(*air_until(facts.climate, ends_at, hours))


def in_heat(index: Floats) -> npt.NDArray[np.bool_]:
    """Which hours heat explains: from 75 on, until the index has been under 72. Unknown hours change nothing."""
    hot = np.zeros(index.size, np.bool_)
    now = False
    for hour, value in enumerate(index):
        now = bool(value >= HEAT_FROM_THI) or (now and not value < HEAT_OVER_THI)
        hot[hour] = now
    return hot


def local_hours(zone: str, ends_at: datetime, hours: int) -> npt.NDArray[np.int64]:
    """Local hour of day in which each of the `hours` hours before `ends_at` begins."""
    end = ends_at.astimezone(ZoneInfo(zone)).hour
    return (end - hours + np.arange(hours)) % 24


def _aligned(values: Floats, hours: int, behind: int) -> Floats:
    """The last `hours` values of a series that ends `behind` hours before now (ahead if negative)."""
    found = np.full(hours, np.nan, np.float32)
    for place in range(hours):
        source = values.size - (hours - place) + behind
        if 0 <= source < values.size:
            found[place] = values[source]
    return found
