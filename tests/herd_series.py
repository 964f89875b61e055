"""The measured life of a made-up herd, hour by hour, for plays and tests of rules that read `HerdSeries`.

    life = lived(60, days=25, rng=np.random.default_rng(7))       # 60 healthy head, from a local midnight on
    life.fever([3, 4], at=500, degrees=1.5, over_h=24)            # deeds change the truth from an hour on
    series, climate = life.series(530), life.climate(530)         # what rules see after 530 whole hours
    picture = life.facts(530, tracks)                             # facts with both, `as_of` that moment

Hours are counted from `starts_at`, which is local midnight. A window needs its 72 hours and seven days of habit before
it, so the first hour that can be asked is 240. The same seed gives the same herd. Figures are those of real neck and
ear tags (SCR activity of 97 cows; ear tags on 30 cattle; rumination 497 min/d, IQR 451-566), for hourly means: a
within-animal SD of 14.2 and lag-1 correlation of .354 by the hour are 11.7 and .24 in two-hour bins, as measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from collateral.facts.herd import HerdFacts, Track
from collateral.facts.series import BASELINE_DAYS, DAY_HOURS, HOURS, Channel, Climate, HerdSeries
from tests import herds

Floats = npt.NDArray[np.float32]
Rows = Sequence[int] | slice | npt.NDArray[np.int64]

EVERYBODY = slice(None)
FIRST_HOUR = HOURS + BASELINE_DAYS * DAY_HOURS
HABIT_DAYS = 14
STARTS_AT = datetime(2026, 2, 8, 16, 0, tzinfo=UTC)  # midnight in Shanghai


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How one species lives. `by_two_hours`: mean activity from 00:00 on. `ear_at_0`, `ear_per_c`: tag temperature at
    0 degC of air, and its rise per degree. `ear_own`, `ear_between`: SD of one animal's hours, and of animals."""

    by_two_hours: tuple[float, ...] = (32.5, 28.6, 28.6, 40.4, 41.9, 38.4, 37.6, 40.6, 48.6, 42.7, 37.1, 39.3)
    between: float = 6.7
    own_hour: float = 4.2  # an animal's own shape of day: sqrt(13.8^2 - 11.7^2 - 6.0^2)
    within: float = 14.2
    lag: float = 0.354
    herd: float = 2.8  # what all share by the hour: pair correlation .04 of residuals
    steps_per_day: float = 2_750.0
    lying: float = 0.18  # share of whole hours without a step [I]
    rumination_min: float = 497.0
    rumination_between: float = 52.0  # and as much from day to day: an IQR of 115 min [I]
    rumination_within: float = 9.0
    ear_at_0: float = 30.6
    ear_per_c: float = 0.157
    ear_between: float = 1.0
    ear_own: float = 1.4
    ear_lag: float = 0.6


CATTLE = Habits()
PIGS = Habits(
    steps_per_day=600.0, lying=0.6, rumination_min=0.0, rumination_between=0.0, rumination_within=0.0,
    ear_at_0=33.2, ear_per_c=0.09, ear_between=0.4, ear_own=0.3,
)  # fmt: skip
"""Skin of 35.0 degC in a house at 20, and lying 84-88 % of the day (domain 2.3); the spreads are ours [I]."""


@dataclass
class HerdLife:
    """The truth of a herd: (animals, hours) per quantity, NaN where the tag measured nothing. Change it in place, or
    by the deeds below; `at` is the first hour touched, `until` the first hour no longer (None: to the end)."""

    habits: Habits
    starts_at: datetime
    activity: Floats
    steps: Floats
    rumination_min: Floats
    temp_c: Floats
    tamper: npt.NDArray[np.bool_]
    air_c: Floats  # (hours,)
    humidity: Floats
    rssi_dbm: Floats  # (animals,)
    battery_pct: Floats
    _habit: dict[int, list[tuple[Floats, Floats]]] = field(default_factory=dict)

    @property
    def animals(self) -> int:
        return int(self.activity.shape[0])

    @property
    def hours(self) -> int:
        return int(self.activity.shape[1])

    def moment(self, hour: int) -> datetime:
        """When `hour` whole hours have passed."""
        return self.starts_at + timedelta(hours=hour)

    # Deeds

    def slow(self, rows: Rows, *, at: int, until: int | None = None, by: float = 0.25) -> None:
        """Activity and steps fall by a share."""
        self.activity[rows, at:until] *= 1 - by
        self.steps[rows, at:until] = np.floor(self.steps[rows, at:until] * (1 - by))

    def ruminate_less(self, rows: Rows, *, at: int, until: int | None = None, by: float = 0.20) -> None:
        self.rumination_min[rows, at:until] *= 1 - by

    def fever(self, rows: Rows, *, at: int, degrees: float = 1.5, over_h: int = 24, until: int | None = None) -> None:
        """The tag warms by `degrees`, evenly over `over_h` hours, and stays so."""
        end = self.hours if until is None else until
        rise = degrees * np.minimum(1.0, (np.arange(end - at) + 1) / max(1, over_h))
        self.temp_c[rows, at:end] += rise.astype(np.float32)

    def die(self, rows: Rows, *, at: int, halving_h: float = 3.0) -> None:
        """No movement any more, and the tag cools towards the air."""
        for quantity in (self.activity, self.steps, self.rumination_min):
            quantity[rows, at:] *= 0.0
        left = (0.5 ** ((np.arange(self.hours - at) + 1) / halving_h)).astype(np.float32)
        self.temp_c[rows, at:] = self.air_c[at:] + (self.temp_c[rows, at:] - self.air_c[at:]) * left

    def lose_tag(self, rows: Rows, *, at: int) -> None:
        """The tag lies in the straw: still, at the temperature of the air, its contact open."""
        self.die(rows, at=at, halving_h=0.3)
        self.tamper[rows, at:] = True

    def hush(self, rows: Rows, *, at: int, until: int | None = None) -> None:
        """Nothing is measured."""
        for quantity in (self.activity, self.steps, self.rumination_min, self.temp_c):
            quantity[rows, at:until] = np.nan

    def air(self, *, at: int, until: int, temp_c: float | None = None, humidity: float | None = None) -> None:
        """Set the weather; tags follow the air as they do in life."""
        if temp_c is not None:
            self.temp_c[:, at:until] += self.habits.ear_per_c * (temp_c - self.air_c[at:until])
            self.air_c[at:until] = temp_c
        if humidity is not None:
            self.humidity[at:until] = humidity

    # What rules see

    def series(self, hour: int) -> HerdSeries:
        """The last 72 hours as of `hour`, with habits from the days before them."""
        if not FIRST_HOUR <= hour <= self.hours:
            raise ValueError(f"ask for hours {FIRST_HOUR} to {self.hours}, not {hour}: habits need seven days")
        habits = self._habits(hour)
        window = slice(hour - HOURS, hour)
        channels = [
            Channel(truth[:, window].copy(), usual, spread)
            for truth, (usual, spread) in zip(self._quantities(), habits, strict=True)
        ]
        return HerdSeries(
            ends_at=self.moment(hour), ends_at_local_hour=hour % DAY_HOURS, activity=channels[0], steps=channels[1],
            rumination_min=channels[2], temp_c=channels[3], tamper=self.tamper[:, window].copy(),
            battery_pct=self.battery_pct, rssi_dbm=self.rssi_dbm, rssi_before_dbm=self.rssi_dbm,
        )  # fmt: skip

    def climate(self, hour: int) -> Climate:
        """The air of the same 72 hours."""
        window = slice(hour - HOURS, hour)
        return Climate(self.moment(hour), self.air_c[window].copy(), self.humidity[window].copy())

    def tracks(self, hour: int, **which: object) -> list[Track]:
        """An animal per row, as `tests.herds.track` makes them, heard just now."""
        now = self.moment(hour)
        return [herds.track(n, seen=now, **which) for n in range(self.animals)]  # type: ignore[arg-type]

    def facts(self, hour: int, tracks: Sequence[Track] | None = None, **more: object) -> HerdFacts:
        """One farm with this herd as of `hour`; `more` are further fields of HerdFacts."""
        now = self.moment(hour)
        own = self.tracks(hour) if tracks is None else tracks
        picture = herds.facts(own, gateways=[herds.gateway(heard=now)], as_of=now)
        return replace(picture, series=self.series(hour), climate=self.climate(hour), **more)  # type: ignore[arg-type]

    def _quantities(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.activity, self.steps, self.rumination_min, self.temp_c

    def _habits(self, hour: int) -> list[tuple[Floats, Floats]]:
        """Learnt anew once a day, as of the midnight before the window."""
        day = (hour - HOURS) // DAY_HOURS
        if day not in self._habit:
            self._habit[day] = [habit(q[:, : day * DAY_HOURS]) for q in self._quantities()]
        return self._habit[day]


def habit(past: Floats) -> tuple[Floats, Floats]:
    """`usual` and `spread` of a channel, from whole days that begin at local midnight; at most the last 14 count."""
    days = min(HABIT_DAYS, past.shape[1] // DAY_HOURS)
    by_day = past[:, past.shape[1] - days * DAY_HOURS :].reshape(past.shape[0], days, DAY_HOURS)
    usual = _median(np.ascontiguousarray(by_day.transpose(0, 2, 1)))
    residual = np.abs(by_day - usual[:, None, :]).reshape(past.shape[0], -1)
    return usual, (1.4826 * _median(residual)).astype(np.float32)


def lived(
    animals: int, *, days: int = 20, rng: np.random.Generator, habits: Habits = CATTLE,
    starts_at: datetime = STARTS_AT, air_c: float = 12.0, humidity: float = 0.6, missing: float = 0.039,
    poor_tags: float = 0.0,
) -> HerdLife:  # fmt: skip
    """A healthy herd for `days` days from `starts_at` (local midnight). `missing`: share of hours that a good tag
    misses; `poor_tags`: share of tags that miss 60 % (of real collars 19 in 97 missed more than half)."""
    hours = days * DAY_HOURS
    air = _weather(hours, air_c, rng)
    activity, restless = _activity(animals, hours, habits, rng)
    life = HerdLife(
        habits=habits, starts_at=starts_at, activity=activity, steps=_steps(activity, habits, rng),
        rumination_min=_rumination(animals, hours, habits, rng), temp_c=_ear(animals, air, restless, habits, rng),
        tamper=np.zeros((animals, hours), np.bool_), air_c=air,
        humidity=np.clip(humidity + 0.08 * rng.standard_normal(hours), 0.15, 1.0).astype(np.float32),
        rssi_dbm=rng.normal(-92, 12, animals).astype(np.float32),
        battery_pct=rng.uniform(55, 100, animals).astype(np.float32),
    )  # fmt: skip
    share = np.where(rng.random(animals) < poor_tags, 0.6, missing)
    gone = rng.random((animals, hours)) < share[:, None]
    for quantity in (life.activity, life.steps, life.rumination_min, life.temp_c):
        quantity[gone] = np.nan
    return life


def _weather(hours: int, mean: float, rng: np.random.Generator) -> Floats:
    """Air by the hour: warmest at 15 h, 4 degC up and down, with spells of days."""
    hour = np.arange(hours)
    spells = _wander(1, hours, 0.97, 2.5, rng)[0]
    return np.asarray(mean + 4 * np.cos(2 * np.pi * (hour - 15) / DAY_HOURS) + spells, np.float32)


def _activity(animals: int, hours: int, habits: Habits, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Activity, and how restless each hour was against the usual, in SDs."""
    by_hour: Floats = np.repeat(np.asarray(habits.by_two_hours, np.float32), 2)
    own = by_hour + rng.normal(0, habits.between, (animals, 1)) + rng.normal(0, habits.own_hour, (animals, DAY_HOURS))
    restless = _wander(animals, hours, habits.lag, 1.0, rng)
    shared = _wander(1, hours, habits.lag, habits.herd, rng)
    days = hours // DAY_HOURS
    activity = np.tile(own, (1, days)) + habits.within * restless + shared
    return np.asarray(np.maximum(activity, 1.0), np.float32), restless


def _steps(activity: Floats, habits: Habits, rng: np.random.Generator) -> Floats:
    """Whole numbers by the hour, none while lying the hour through."""
    rate = habits.steps_per_day / DAY_HOURS / (1 - habits.lying) * activity / activity.mean()
    steps = rng.poisson(rng.gamma(4.0, rate / 4.0)).astype(np.float32)
    steps[rng.random(activity.shape) < habits.lying] = 0.0
    return np.asarray(steps, np.float32)


def _rumination(animals: int, hours: int, habits: Habits, rng: np.random.Generator) -> Floats:
    """Minutes in each hour, more by night."""
    hour = np.arange(hours)
    shape = 1 + 0.25 * np.cos(2 * np.pi * (hour - 2) / DAY_HOURS)
    day = np.repeat(rng.normal(0, habits.rumination_between, (animals, hours // DAY_HOURS)), DAY_HOURS, axis=1)
    own = habits.rumination_min + rng.normal(0, habits.rumination_between, (animals, 1)) + day
    noise = rng.normal(0, 1, (animals, hours)) * habits.rumination_within
    return np.clip(own / DAY_HOURS * shape + noise, 0, 60).astype(np.float32)


def _ear(animals: int, air: Floats, restless: Floats, habits: Habits, rng: np.random.Generator) -> Floats:
    own = rng.normal(0, habits.ear_between, (animals, 1))
    noise = _wander(animals, air.size, habits.ear_lag, habits.ear_own, rng)
    warm = habits.ear_at_0 + habits.ear_per_c * air + own + noise + 0.1 * habits.ear_own * restless
    return np.asarray(warm, np.float32)


def _wander(rows: int, hours: int, lag: float, deviation: float, rng: np.random.Generator) -> Floats:
    """Noise that remembers: an AR(1) of the given lag-1 correlation and standard deviation."""
    noise = rng.standard_normal((hours, rows), np.float32)
    for hour in range(1, hours):
        noise[hour] = lag * noise[hour - 1] + np.sqrt(1 - lag**2) * noise[hour]
    return np.ascontiguousarray((deviation * noise).T)


def _median(values: Floats) -> Floats:
    """Along the last axis, without NaN; NaN where there is nothing."""
    ordered = np.sort(values, axis=-1)
    known = np.count_nonzero(~np.isnan(ordered), axis=-1)
    low, high = np.maximum(known - 1, 0) // 2, np.maximum(known, 1) // 2
    high = np.minimum(high, np.maximum(known - 1, 0))
    pick = [np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (low, high)]
    return ((pick[0] + pick[1]) / 2).astype(np.float32)
