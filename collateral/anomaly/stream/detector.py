"""The stream detector: one value at a time, bounded memory, never looking ahead.

1. *Expect.* Three forecasts: the usual of the half hour of the day, of the hour of the week, and the level. The one
   that has erred least lately speaks; so a stream finds out by itself whether it has days or weeks.
2. *Residual*, less its own slow mean: another level is news once, not for ever.
3. *Four views*, each as surprise in nats: the value now, drift (the mean of the last 16 against the
   slow mean), unrest (mean size of the last 24 against the usual size), stillness (a longer run without any change
   than ever before).
4. *Say it once.* Only what exceeds all that was said lately is said: a day of illness is one alarm.

Design and measurements: docs/evaluation.md. A score of 0.5 is the threshold that did best over all kinds of streams of
bench/stream_detectors.py; near 1 is rare.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collateral.anomaly.stream.season import Season
from collateral.anomaly.stream.tail import LOUDEST, Tail

DAY_S, WEEK_S = 86_400.0, 604_800.0
LARGEST = 1e150
"""Larger numbers are cut to this, so that no sum overflows."""
WILD = 100.0
"""A residual of more than so many usual sizes counts as so many in means: one wild reading must not deafen them."""
STILL_ROWS = 5
"""A run of equal values as short as this is nothing."""
LOUDER = 1.1
"""What is said again must exceed what was said by so much."""
ROUNDING = 1e-9
"""Differences smaller than this share of the values are rounding, not news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How the detector listens; all measured on bench/streams with seeds other than those reported [I].

    `level`, `memory`, `slow_level`, `slow`: share of the newest row in the level, the forecasts' errors, the slow mean
    that is taken off the residual, and the one that drift is measured from. `drift_rows`, `unrest_rows`: short means.
    `drift`, `unrest`, `stillness`: weights beside the value's own 1.
    `said_share`, `said_least`: for how many rows what was said silences less, as a share of all rows so far.
    `cautious_rows`: with so many rows behind it a stream is believed half. `half_nats`: what scores 0.5.
    """

    level: float = 0.05
    memory: float = 0.0005
    slow_level: float = 0.002
    slow: float = 0.005
    drift_rows: int = 16
    unrest_rows: int = 24
    drift: float = 2.0
    unrest: float = 0.5
    stillness: float = 0.5
    said_share: float = 0.05
    said_least: int = 50
    cautious_rows: int = 50
    half_nats: float = 18.0


LIMITS = StreamLimits()


class _Mean:
    """An exponential mean that begins as a plain one."""

    __slots__ = ("seen", "share", "value")

    def __init__(self, share: float) -> None:
        self.share, self.value, self.seen = share, 0.0, 0

    def learn(self, now: float) -> None:
        self.seen += 1
        self.value += max(self.share, 1.0 / self.seen) * (now - self.value)


class _Last:
    """The mean of the last few values."""

    __slots__ = ("_rows", "_values")

    def __init__(self, rows: int) -> None:
        self._values: deque[float] = deque(maxlen=rows)

    def learn(self, now: float) -> float:
        self._values.append(now)
        return sum(self._values) / len(self._values)


class _Stillness:
    """Surprise at a run of equal values: nats of as many chance repetitions as it is longer than the longest before."""

    __slots__ = ("_has_moved", "_longest", "_repeated", "_rows", "_run", "_value")

    def __init__(self) -> None:
        self._value = math.nan
        self._has_moved = False
        self._rows = self._repeated = self._run = 0
        self._longest = STILL_ROWS

    def surprise(self, value: float) -> float:
        chance = max((self._repeated + 1) / (self._rows + 2), 0.5)
        self._rows += 1
        if value != self._value:
            self._has_moved = self._rows > 1
            self._longest, self._run, self._value = max(self._longest, self._run), 0, value
            return 0.0
        self._repeated, self._run = self._repeated + 1, self._run + 1
        if not self._has_moved or self._run <= self._longest:
            return 0.0
        return min((self._run - self._longest) * -math.log(chance), LOUDEST)


class StreamDetector:
    """Scores one stream. `push` takes seconds since 1970 (NaN: time unknown) and a value; the newest `surprise` stays
    readable before it is silenced by what was said."""

    def __init__(self, limits: StreamLimits = LIMITS) -> None:
        self.limits = limits
        self.rows = 0
        self.surprise = 0.0
        self._seasons = (Season(DAY_S, 48, 14), Season(WEEK_S, 168, 6))
        self._errors = [_Mean(limits.memory) for _ in range(3)]
        self._level = 0.0
        self._slow_level = _Mean(limits.slow_level)
        self._slow, self._usual_size = _Mean(limits.slow), _Mean(limits.slow)
        self._short, self._size = _Last(limits.drift_rows), _Last(limits.unrest_rows)
        self._tails = (Tail(), Tail(), Tail())
        self._stillness = _Stillness()
        self._said, self._said_row = 0.0, 0

    def push(self, at_s: float, value: float) -> float:
        """The score of this value in [0, 1). A value that is no number scores 0 and teaches nothing."""
        if not math.isfinite(value):
            self.surprise = 0.0
            return 0.0
        value = min(max(value, -LARGEST), LARGEST)
        residual = self._residual(at_s, value)
        self.surprise = self._surprise(residual, value) * self.rows / (self.rows + self.limits.cautious_rows)
        self.rows += 1
        return self._say(self.surprise)

    def _residual(self, at_s: float, value: float) -> float:
        """Away from the forecast that has erred least; then all learn."""
        if not self.rows:
            self._level = value
        timed = math.isfinite(at_s)
        forecasts = [s.expect(at_s, value) if timed else None for s in self._seasons]
        best, least = self._level, math.inf
        for forecast, error in zip((*forecasts, self._level), self._errors, strict=True):
            expected = self._level if forecast is None else forecast
            if error.value < least:
                best, least = expected, error.value
            error.learn(abs(value - expected))
        self._level += self.limits.level * (value - self._level)
        if timed:
            for season in self._seasons:
                season.learn(at_s, value)
        away = value - best
        return away if abs(away) > ROUNDING * max(abs(value), abs(best)) else 0.0

    def _surprise(self, residual: float, value: float) -> float:
        limits = self.limits
        away = residual - self._slow_level.value
        most = WILD * self._usual_size.value or math.inf
        heard = min(max(away, -most), most)
        self._slow_level.learn(heard + self._slow_level.value)
        drift = abs(self._short.learn(heard) - self._slow.value)
        self._slow.learn(heard)
        unrest = abs(self._size.learn(abs(heard)) - self._usual_size.value)
        self._usual_size.learn(abs(heard))
        now, drifts, unrests = self._tails
        return (
            now.surprise(abs(away))
            + limits.drift * drifts.surprise(drift)
            + limits.unrest * unrests.surprise(unrest)
            + limits.stillness * self._stillness.surprise(value)
        )

    def _say(self, surprise: float) -> float:
        """Silence what does not exceed all that was said lately; squeeze nats into [0, 1)."""
        lately = max(self.limits.said_least, self.limits.said_share * self.rows)
        if surprise <= LOUDER * self._said and self.rows - self._said_row <= lately:
            return 0.0
        self._said, self._said_row = surprise, self.rows
        return surprise / (surprise + self.limits.half_nats)


def scores(rows: Iterable[tuple[float, float]], limits: StreamLimits = LIMITS) -> Iterator[float]:
    """One score per (seconds, value), in order, each before the next row is read."""
    detector = StreamDetector(limits)
    for at_s, value in rows:
        yield detector.push(at_s, value)
