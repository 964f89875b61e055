"""The hourly columns that rules read, from the roll-ups: a window of three days, and the usual day of the weeks before.

The roll-ups are as fresh as housekeeping; a removed tag is looked up directly, because its rule must not wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from zoneinfo import ZoneInfo

import numpy as np
import psycopg

from collateral.facts.series import HOURS, Channel, Climate, Floats, HerdSeries
from collateral.facts.usual import usual_day
from collateral.model.herd import Farm
from collateral.model.ids import AnimalId, FarmId

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL_FROM_DAYS = 14
RSSI_BEFORE = timedelta(days=14)  # R26 asks for the trend of two weeks
CHANNELS = ("activity", "steps", "rumination_min", "temp_c")

_WINDOW: LiteralString = """
SELECT place.row - 1, (extract(epoch FROM h.since - %(first)s) / 3600)::int, h.activity_mean, h.steps,
       h.rumination_min, h.ear_temp_mean_c, h.rssi_mean_dbm, h.battery_min_pct, h.tampered
FROM unnest(%(animals)s::text[]) WITH ORDINALITY AS place (animal_id, row)
JOIN animal_hour h ON h.animal_id = place.animal_id AND h.since >= %(first)s AND h.since < %(end)s
"""
_HISTORY: LiteralString = """
SELECT place.row - 1, (extract(epoch FROM h.since - %(first)s) / 3600)::int, h.activity_mean, h.steps,
       h.rumination_min, h.ear_temp_mean_c
FROM unnest(%(animals)s::text[]) WITH ORDINALITY AS place (animal_id, row)
JOIN animal_hour h ON h.animal_id = place.animal_id AND h.since >= %(first)s AND h.since < %(end)s
"""
_RADIO_BEFORE: LiteralString = """
SELECT place.row - 1, d.rssi_mean_dbm
FROM unnest(%(animals)s::text[]) WITH ORDINALITY AS place (animal_id, row)
JOIN animal_day d ON d.animal_id = place.animal_id AND d.since = %(day)s
WHERE d.rssi_mean_dbm IS NOT NULL
"""
_TAMPERED: LiteralString = """
SELECT DISTINCT place.row - 1
FROM unnest(%(animals)s::text[]) WITH ORDINALITY AS place (animal_id, row)
JOIN tag_assignment w ON w.animal_id = place.animal_id AND w.since <= %(as_of)s AND coalesce(w.until > %(as_of)s, true)
JOIN reading r ON r.tag_id = w.tag_id AND r.tamper AND r.measured_at >= %(since)s AND r.measured_at <= %(as_of)s
"""
_CLIMATE: LiteralString = """
SELECT (extract(epoch FROM at - %(first)s) / 3600)::int, temp_c, humidity FROM weather
WHERE farm_id = %(farm)s AND at >= %(first)s AND at < %(end)s
"""


@dataclass(eq=False)
class Usual:
    """The usual day of each channel, as of one day, for these animals."""

    of_day: datetime
    animals: tuple[AnimalId, ...]
    days: dict[str, tuple[Floats, Floats]]


@dataclass(eq=False)
class SeriesReader:
    """Reads the columns of farm after farm and keeps the usual days, which change once a day."""

    known: dict[FarmId, Usual] = field(default_factory=dict)

    def read(
        self, connection: psycopg.Connection, farm: Farm, animals: Sequence[AnimalId], as_of: datetime
    ) -> HerdSeries:
        """The columns of `animals`, in their order, up to the last full hour before `as_of`."""
        end = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        window = {"animals": list(animals), "first": end - HOURS * HOUR, "end": end}
        values = _grid(connection.execute(_WINDOW, window).fetchall(), len(animals), HOURS, 7)
        usual = self._usual(connection, farm, tuple(animals), end)
        channels = {
            name: Channel(values[number], *usual.days[name]) for number, name in enumerate(CHANNELS)
        }  # fmt: skip
        return HerdSeries(
            ends_at=end, ends_at_local_hour=_local_hour(farm, end), **channels,
            tamper=np.asarray(np.nan_to_num(values[6]) > 0), battery_pct=_newest(values[5]),
            rssi_dbm=_mean(values[4][:, -24:]), rssi_before_dbm=_before(connection, animals, end),
        )  # fmt: skip

    def _usual(self, connection: psycopg.Connection, farm: Farm, animals: tuple[AnimalId, ...], end: datetime) -> Usual:
        day = end.replace(hour=0)
        kept = self.known.get(farm.farm_id)
        if kept is None or kept.of_day != day or kept.animals != animals:
            kept = Usual(day, animals, _usual_days(connection, farm, animals, day))
            self.known[farm.farm_id] = kept
        return kept


def with_new_tampering(
    connection: psycopg.Connection, series: HerdSeries, animals: Sequence[AnimalId], as_of: datetime
) -> HerdSeries:
    """The same columns with what tags have said since: a removal in the running hour stands in the last one."""
    bounds = {"animals": list(animals), "since": series.ends_at - HOUR, "as_of": as_of}
    rows = [row for (row,) in connection.execute(_TAMPERED, bounds)]
    if not rows:
        return series
    tamper = series.tamper.copy()
    tamper[rows, -1] = True
    return replace(series, tamper=tamper)


def climate(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> Climate | None:
    """The air at a farm over the window of the columns; None where nobody measures it."""
    end = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    rows = connection.execute(_CLIMATE, {"farm": farm, "first": end - HOURS * HOUR, "end": end}).fetchall()
    if not rows:
        return None
    temp_c, humidity = np.full(HOURS, np.nan, np.float32), np.full(HOURS, np.nan, np.float32)
    for hour, air, damp in rows:
        temp_c[hour] = air
        humidity[hour] = np.nan if damp is None else damp
    return Climate(ends_at=end, temp_c=temp_c, humidity=humidity)


def _usual_days(
    connection: psycopg.Connection, farm: Farm, animals: tuple[AnimalId, ...], day: datetime
) -> dict[str, tuple[Floats, Floats]]:
    """From the weeks before the window, so that what happens now is not measured against itself."""
    end = day - timedelta(days=HOURS // 24)
    first = end - USUAL_FROM_DAYS * DAY
    hours = USUAL_FROM_DAYS * 24
    bounds = {"animals": list(animals), "first": first, "end": end}
    values = _grid(connection.execute(_HISTORY, bounds).fetchall(), len(animals), hours, len(CHANNELS))
    local_hours = (_local_hour(farm, first) + np.arange(hours)) % 24
    return {name: usual_day(values[number], local_hours) for number, name in enumerate(CHANNELS)}


def _grid(rows: list[tuple[object, ...]], animals: int, hours: int, columns: int) -> list[Floats]:
    """Rows of (animal, hour, values...) as one (animals, hours) array per value; NaN where there is none."""
    grids = [np.full((animals, hours), np.nan, np.float32) for _ in range(columns)]
    if rows:
        table = np.array(rows, dtype=np.float64)  # None becomes NaN
        row, hour = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
        for number, grid in enumerate(grids):
            grid[row, hour] = table[:, 2 + number]
    return grids


def _newest(values: Floats) -> Floats:
    """The last value of each animal that there is."""
    seen = ~np.isnan(values)
    last = values.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    found: Floats = np.where(seen.any(axis=1), values[np.arange(len(values)), last], np.nan).astype(np.float32)
    return found


def _mean(values: Floats) -> Floats:
    seen = np.count_nonzero(~np.isnan(values), axis=1)
    found: Floats = np.where(seen > 0, np.nansum(values, axis=1) / np.maximum(seen, 1), np.nan).astype(np.float32)
    return found


def _before(connection: psycopg.Connection, animals: Sequence[AnimalId], end: datetime) -> Floats:
    found = np.full(len(animals), np.nan, np.float32)
    for row, level in connection.execute(
        _RADIO_BEFORE, {"animals": list(animals), "day": (end - RSSI_BEFORE).replace(hour=0)}
    ):
        found[row] = level
    return found


def _local_hour(farm: Farm, moment: datetime) -> int:
    return moment.astimezone(ZoneInfo(farm.timezone)).hour
