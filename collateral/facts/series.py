"""What the tags of a herd measured, hour by hour, as columns: rules over thousands of animals read whole arrays.

Row i belongs to `HerdFacts.tracks[i]`. Column h is the hour that ends at `ends_at - (hours - 1 - h)` hours. NaN means
that nothing was measured, which is never the same as zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

HOURS = 72  # the longest look back of any rule (ghost animals, R4)
DAY_HOURS = 24
BASELINE_DAYS = 7  # an animal's usual day needs at least so many (anomaly.md, pipeline 2)


@dataclass(frozen=True, eq=False)
class Channel:
    """One quantity of every animal.

    `values` (animals, hours): mean over the hour, or its sum for steps and minutes. `usual` (animals, 24): the
    animal's own median by local hour of day over at least BASELINE_DAYS before the window; NaN where not known yet.
    `spread` (animals,): 1.4826 x median absolute residual over the same days; NaN where not known.
    """

    values: Floats
    usual: Floats
    spread: Floats

    @classmethod
    def silent(cls, animals: int, hours: int = HOURS) -> Channel:
        """A channel on which nothing was ever measured."""
        return cls(
            np.full((animals, hours), np.nan, np.float32),
            np.full((animals, DAY_HOURS), np.nan, np.float32),
            np.full(animals, np.nan, np.float32),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class HerdSeries:
    """The hourly channels of one herd; `ends_at` is the end of the last complete hour, `ends_at_local_hour` 0-23 of it.

    `temp_c` is what the tag feels (surface of ear or skin, or a bolus), never core temperature. `tamper` (animals,
    hours) is what the tag's own contact says. `battery_pct` the newest, `rssi_dbm` the mean of the last day,
    `rssi_before_dbm` that of the day two weeks ago; all (animals,).
    """

    ends_at: datetime
    ends_at_local_hour: int
    activity: Channel
    steps: Channel
    rumination_min: Channel
    temp_c: Channel
    tamper: Flags
    battery_pct: Floats
    rssi_dbm: Floats
    rssi_before_dbm: Floats

    @property
    def animals(self) -> int:
        return int(self.activity.values.shape[0])

    @property
    def hours(self) -> int:
        return int(self.activity.values.shape[1])

    @property
    def local_hours(self) -> npt.NDArray[np.int64]:
        """Local hour of day in which each column's hour begins, 0-23, shape (hours,)."""
        return (self.ends_at_local_hour - self.hours + np.arange(self.hours)) % DAY_HOURS

    def begins(self, column: int) -> datetime:
        """When the hour of a column begins."""
        return self.ends_at - timedelta(hours=self.hours - column)


@dataclass(frozen=True, eq=False)
class Climate:
    """Air at the farm by the hour, oldest first, the last hour ending at `ends_at`: degrees Celsius, humidity 0-1.
    NaN: not measured."""

    ends_at: datetime
    temp_c: Floats
    humidity: Floats = field(default_factory=lambda: np.empty(0, np.float32))


def silent_series(animals: int, ends_at: datetime, local_hour: int = 0, hours: int = HOURS) -> HerdSeries:
    """A herd of which no tag has measured anything."""
    nothing = Channel.silent(animals, hours)
    unknown = np.full(animals, np.nan, np.float32)
    return HerdSeries(
        ends_at=ends_at, ends_at_local_hour=local_hour, activity=nothing, steps=nothing, rumination_min=nothing,
        temp_c=nothing, tamper=np.zeros((animals, hours), np.bool_), battery_pct=unknown, rssi_dbm=unknown,
        rssi_before_dbm=unknown,
    )  # fmt: skip
