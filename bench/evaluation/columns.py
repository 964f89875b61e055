"""The hourly columns as known by a moment: what has arrived, with each animal's own usual day from the days before."""

from __future__ import annotations

import warnings

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.body import Column
from bench.evaluation.world import BASELINE_DAYS, DAY_S, World, moment
from collateral.facts.series import BASELINE_DAYS as LEAST_DAYS
from collateral.facts.series import DAY_HOURS, HOURS, Channel, Climate, HerdSeries
from collateral.facts.usual import ROBUST
from firmware_sim.herd import Ints

CHANNELS = ("activity", "steps", "rumination", "temp_c")


class Columns:
    """Fed with reports as they arrive; asked for the series of a moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        shape = world.body.activity.shape
        self._known = {name: np.full(shape, np.nan, np.float32) for name in CHANNELS}
        self._tamper = np.zeros(shape, np.bool_)
        self._usual: dict[str, tuple[Column, Column]] = {}
        self._usual_day = -1
        self._made: tuple[tuple[int, int, int], HerdSeries] | None = None
        self._news = 0

    def hear(self, rows: Ints, columns: Ints) -> None:
        """Hourly reports have arrived."""
        for name in CHANNELS:
            self._known[name][rows, columns] = getattr(self._world.body, name)[rows, columns]
        self._tamper[rows, columns] |= self._world.tamper[rows, columns]
        self._news += bool(len(columns) and columns.min() < columns.max())  # an hour before the newest may have changed

    def tampered(self, row: int, column: int) -> None:
        """A tag has said that it was taken off."""
        self._tamper[row, column] = True
        self._news += 1

    def series(self, at_s: float, rows: Ints | None, last_seen_s: np.ndarray) -> HerdSeries:
        """The last complete 72 hours of these rows (None: all). The same object again while nothing has changed."""
        end = self._world.column(at_s)
        stamp = (end, self._news, -1 if rows is None else len(rows))
        if self._made is None or self._made[0] != stamp:
            self._made = (stamp, self._series(at_s, end, rows, last_seen_s))
        return self._made[1]

    def climate(self, at_s: float) -> Climate:
        """The air of the last complete 72 hours."""
        end, air = self._world.column(at_s), self._world.air
        window = slice(max(0, end - HOURS), end)
        return Climate(
            moment(self._world.begins_s + end * HOUR_S), air.temp_c[window].astype(np.float32),
            air.humidity[window].astype(np.float32),
        )  # fmt: skip

    def _series(self, at_s: float, end: int, rows: Ints | None, last_seen_s: np.ndarray) -> HerdSeries:
        self._learn(end)
        world, window = self._world, slice(end - HOURS, end)
        which = slice(None) if rows is None else rows
        days = np.maximum(0.0, last_seen_s - world.begins_s) / DAY_S
        heard_today = at_s - last_seen_s <= DAY_S
        rssi = world.rssi_dbm - world.rssi_fall_db_a_day * days
        before = world.rssi_dbm - world.rssi_fall_db_a_day * (days - 14)
        battery = np.maximum(0.0, world.battery_pct - world.battery_loss * days)
        return HerdSeries(
            ends_at=moment(world.begins_s + end * HOUR_S), ends_at_local_hour=end % DAY_HOURS,
            activity=self._channel("activity", which, window), steps=self._channel("steps", which, window),
            rumination_min=self._channel("rumination", which, window), temp_c=self._channel("temp_c", which, window),
            tamper=self._tampered(end, window)[which], battery_pct=battery[which].astype(np.float32),
            rssi_dbm=np.where(heard_today, rssi, np.nan)[which].astype(np.float32),
            rssi_before_dbm=before[which].astype(np.float32),
        )  # fmt: skip

    def _tampered(self, end: int, window: slice) -> np.ndarray:
        """A removal in the running hour stands in the last full one, as in collateral.store.herd_series."""
        tamper = self._tamper[:, window].copy()
        tamper[:, -1] |= self._tamper[:, min(end, self._tamper.shape[1] - 1)]
        return tamper

    def _channel(self, name: str, which: slice | Ints, window: slice) -> Channel:
        usual, spread = self._usual[name]
        return Channel(np.array(self._known[name][:, window][which]), usual[which], spread[which])

    def _learn(self, end: int) -> None:
        """Each animal's usual day, once a day, from the days before the window as they are known by now."""
        day = end // DAY_HOURS
        if day == self._usual_day:
            return
        last = day * DAY_HOURS - HOURS
        first = max(0, last - BASELINE_DAYS * DAY_HOURS)
        for name in CHANNELS:
            self._usual[name] = usual_and_spread(self._known[name][:, first:last])
        self._usual_day = day


def usual_and_spread(values: Column) -> tuple[Column, Column]:
    """What `collateral.facts.usual.usual_day` says of whole days that begin at local midnight, several times faster."""
    animals = values.shape[0]
    days = values.reshape(animals, -1, DAY_HOURS)
    usual = _median(days.transpose(0, 2, 1), least=LEAST_DAYS)
    residual = np.abs(days - usual[:, None, :]).reshape(animals, -1)
    return usual, (ROBUST * _median(residual, least=1)).astype(np.float32)


def _median(values: Column, least: int) -> Column:
    """Median along the last axis without NaN, NaN where fewer than `least` are known. Much faster than nanmedian."""
    ordered = np.sort(values, axis=-1)  # NaN last
    known = np.count_nonzero(~np.isnan(values), axis=-1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        low = np.take_along_axis(ordered, np.maximum(0, (known - 1) // 2)[..., None], -1)[..., 0]
        high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[-1] - 1)[..., None], -1)[..., 0]
        middle = (low + high) / 2
    return np.asarray(np.where(known >= least, middle, np.nan), np.float32)
