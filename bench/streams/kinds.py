"""Streams of many kinds, drawn by chance, with the rows on which something unusual begins.

The kinds are those that people keep streams of: loads of machines, temperatures, traffic, rides, prices, mentions, and
drawn ones. What is unusual is mixed with what is only large: bursts that come every day, noise with heavy tails, gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rng = np.random.Generator
DAY_S = 86_400.0
FROM_S = 1_400_000_000.0


@dataclass(frozen=True, slots=True)
class Series:
    """`at_s`: seconds since 1970; `anomalies`: the rows on which each begins (or has its middle)."""

    kind: str
    at_s: Floats
    value: Floats
    anomalies: tuple[int, ...]


def draw(seed: int, times: int = 1) -> list[Series]:
    """`times` x 58 files in a mixture like that of the published benchmark."""
    rng = np.random.default_rng(seed)
    return [make(rng) for _ in range(times) for make, files in MIXTURE.items() for _ in range(files)]


def _life(rng: Rng, value: Floats) -> Floats:
    """What happens to a stream in a year of service and is nobody's alarm: growth, another level, lone odd values."""
    rows = len(value)
    if rng.random() < 0.5:
        value = value * np.linspace(1, rng.uniform(0.7, 1.6), rows)
    if rng.random() < 0.3:
        value = value * np.where(np.arange(rows) < rows * rng.uniform(0.1, 0.9), 1, rng.uniform(0.8, 1.3))
    odd = rng.integers(0, rows, int(rng.integers(0, 6)))
    value[odd] *= rng.uniform(0.5, 1.8, len(odd))
    return value


def _clock(rng: Rng, rows: int, step_s: float) -> Floats:
    return FROM_S + np.floor(rng.uniform(0, DAY_S / 300)) * 300 + step_s * np.arange(rows)


def _places(rng: Rng, rows: int, count: int) -> list[int]:
    """Rows after the first fifth, well apart."""
    edges = np.linspace(0.2, 0.95, count + 1)
    return [int(rows * rng.uniform(a + 0.02, b - 0.02)) for a, b in pairwise(edges)]


def _walk(rng: Rng, rows: int, memory: float, size: float) -> Floats:
    """A first-order autoregression with stationary deviation `size`."""
    shocks = rng.normal(0, size * np.sqrt(1 - memory**2), rows)
    out = np.empty(rows)
    state = rng.normal(0, size)
    for i, shock in enumerate(shocks):
        state = memory * state + shock
        out[i] = state
    return out


def _day_shape(rng: Rng, at_s: Floats, sharp: float = 1.0) -> Floats:
    """A daily curve between 0 and 1."""
    phase = rng.uniform(0, 2 * np.pi)
    angle = 2 * np.pi * at_s / DAY_S + phase
    curve = np.sin(angle) + 0.4 * np.sin(2 * angle + rng.uniform(0, 6))
    curve = (curve - curve.min()) / (curve.max() - curve.min())
    return np.asarray(curve**sharp)


def machine_load(rng: Rng) -> Series:
    """A processor's load: a calm level, small bursts that mean nothing; shifts, surges, restlessness."""
    rows = 4032
    at = _clock(rng, rows, 300)
    level, noise = 10 ** rng.uniform(-1, 1.7), rng.uniform(0.01, 0.15)
    value = level * (1 + noise * rng.normal(0, 1, rows))
    bursts = rng.random(rows) < rng.choice([0.0, 0.002, 0.01])
    value[bursts] *= 1 + rng.gamma(2, rng.uniform(0.1, 0.5), int(bursts.sum()))
    if rng.random() < 0.4:
        value[(np.arange(rows) % 288) < rng.integers(1, 6)] *= rng.uniform(1.3, 3)
    found = _places(rng, rows, int(rng.integers(1, 4)))
    for row in found:
        deed, last = rng.integers(0, 4), row + int(rng.integers(20, 400))
        if deed == 0:
            value[row:last] += level * rng.choice([-1, 1]) * rng.uniform(2, 6) * noise
        elif deed == 1:
            value[row : row + rng.integers(1, 6)] += level * rng.uniform(4, 20) * noise
        elif deed == 2:
            value[row:last] += level * noise * rng.uniform(2, 5) * rng.normal(0, 1, len(value[row:last]))
        else:
            value[row:] += level * rng.uniform(2, 5) * noise
    return Series("machine_load", at, np.maximum(_life(rng, value), 0), tuple(found))


def network(rng: Rng) -> Series:
    """Bytes over a wire or to a disk: mostly little, bursts with a heavy tail; then bursts out of all proportion."""
    rows = 4032
    at = _clock(rng, rows, 300)
    value = rng.lognormal(0, rng.uniform(0.2, 0.9), rows)
    bursts = rng.random(rows) < rng.uniform(0.003, 0.02)
    value[bursts] += 5 * rng.pareto(rng.uniform(1.8, 3), int(bursts.sum()))
    found = _places(rng, rows, int(rng.integers(1, 3)))
    top = np.quantile(value, 0.999)
    for row in found:
        if rng.random() < 0.7:
            many = int(rng.integers(1, 30))
            value[row : row + many] += top * rng.uniform(0.6, 2.5)
        else:
            value[row : row + int(rng.integers(60, 300))] *= rng.uniform(1.5, 4)
    return Series("network", at, 1000 * _life(rng, value), tuple(found))


def requests(rng: Rng) -> Series:
    """Requests to a service: a daily curve of counts; surges and outages."""
    rows = 4032
    at = _clock(rng, rows, 300)
    mean = rng.uniform(20, 300) * (0.2 + _day_shape(rng, at, rng.uniform(0.7, 2)))
    found = _places(rng, rows, int(rng.integers(1, 3)))
    for row in found:
        last = row + int(rng.integers(6, 150))
        mean[row:last] *= rng.choice([rng.uniform(0, 0.6), rng.uniform(1.4, 2.5)])
    value = rng.poisson(_life(rng, mean) * rng.gamma(20, 1 / 20, rows)).astype(float)
    return Series("requests", at, value, tuple(found))


def scaling(rng: Rng) -> Series:
    """Load of a group of machines that grows and shrinks: a saw, then stuck high or low."""
    rows = int(rng.integers(4000, 18000))
    at = _clock(rng, rows, 300)
    period = rng.integers(60, 300)
    value = 40 + 30 * ((np.arange(rows) % period) / period) + rng.normal(0, 3, rows)
    value += 20 * _day_shape(rng, at)
    (row,) = _places(rng, rows, 1)
    value[row : row + int(rows * rng.uniform(0.03, 0.08))] = rng.choice([100.0, 5.0]) + rng.normal(0, 1)
    return Series("scaling", at, value, (row,))


def machine_temperature(rng: Rng) -> Series:
    """A hot machine: it wanders; failures are deep falls, some announced by restlessness."""
    rows = int(rng.integers(8000, 22000))
    at = _clock(rng, rows, 300)
    value = 90 + _walk(rng, rows, 0.998, 6) + _walk(rng, rows, 0.9, 1.0)
    found = _places(rng, rows, int(rng.integers(1, 5)))
    for row in found:
        many = int(rng.integers(40, 400))
        shape = np.sin(np.linspace(0, np.pi, many)) ** 0.5
        value[row : row + many] -= rng.uniform(8, 40) * shape[: len(value[row : row + many])]
    return Series("machine_temperature", at, value, tuple(found))


def room_temperature(rng: Rng) -> Series:
    """A room by the hour with gaps: days, weeks and seasons; the cooling fails."""
    rows = int(rng.integers(4000, 7500))
    at = _clock(rng, rows, 3600)
    value = 70 + 4 * _day_shape(rng, at) + 3 * np.sin(2 * np.pi * at / (365 * DAY_S)) + _walk(rng, rows, 0.97, 1.5)
    value += 2 * ((at // DAY_S + 4) % 7 < 5)
    found = _places(rng, rows, int(rng.integers(1, 3)))
    for row in found:
        many = int(rng.integers(12, 150))
        value[row : row + many] += rng.choice([-1, 1]) * rng.uniform(3, 9)
    keep = rng.random(rows) > 0.02
    keep[_places(rng, rows, 1)[0] :][:48] = False
    kept = np.flatnonzero(keep)
    return Series("room_temperature", at[keep], value[keep], tuple(int(np.searchsorted(kept, row)) for row in found))


def rides(rng: Rng) -> Series:
    """Rides by the half hour: days and weeks; feasts, storms, a run."""
    rows = 10320
    at = _clock(rng, rows, 1800)
    weekend = (at // DAY_S + 4) % 7 >= 5
    value = 15000 * np.where(weekend, 0.3 + 0.7 * _day_shape(rng, at), 0.2 + 0.9 * _day_shape(rng, at, 0.8))
    value *= 1 + _walk(rng, rows, 0.9, 0.06)
    found = _places(rng, rows, int(rng.integers(2, 6)))
    for row in found:
        last = row + int(rng.integers(20, 70))
        value[row:last] *= rng.choice([rng.uniform(0.3, 0.75), rng.uniform(1.2, 1.6)])
    return Series("rides", at, np.maximum(value, 0), tuple(found))


def advertising(rng: Rng) -> Series:
    """Prices by the hour: noisy, a faint day, spikes; days of another price."""
    rows = int(rng.integers(1500, 1700))
    at = _clock(rng, rows, 3600)
    value = rng.uniform(0.05, 1) * (1 + 0.3 * _day_shape(rng, at)) * rng.lognormal(0, rng.uniform(0.1, 0.4), rows)
    found = _places(rng, rows, int(rng.integers(1, 4)))
    for row in found:
        many = int(rng.choice([1, 2, 24, 60]))
        value[row : row + many] *= rng.uniform(2, 6) if many < 3 else rng.uniform(1.3, 2.2)
    return Series("advertising", at, _life(rng, value), tuple(found))


def mentions(rng: Rng) -> Series:
    """Mentions of a name every five minutes: counts with heavy bursts of their own; then everyone speaks of it."""
    rows = 15900
    at = _clock(rng, rows, 300)
    mean = 10 ** rng.uniform(0.3, 2) * (0.3 + _day_shape(rng, at))
    shape = rng.uniform(2, 6)
    burst = np.ones(rows)
    for row in rng.integers(0, rows, int(rng.integers(20, 80))):
        burst[row : row + 24] += rng.pareto(1.7) * np.exp(-np.arange(24) / 5)[: len(burst[row : row + 24])]
    value = rng.poisson(mean * burst * rng.gamma(shape, 1 / shape, rows)).astype(float)
    found = _places(rng, rows, int(rng.integers(2, 5)))
    for row in found:
        many = int(rng.integers(30, 200))
        decay = np.exp(-np.arange(many) / (many / 4))[: rows - row]
        surge = mean.mean() * 10 ** rng.uniform(0.3, 1.3) * decay * rng.gamma(4, 0.25, len(decay))
        value[row : row + many] += np.round(surge)
    return Series("mentions", at, np.round(_life(rng, value)), tuple(found))


def traffic(rng: Rng) -> Series:
    """Speeds, occupancy or travel times at uneven moments: rush hours are usual, jams are not."""
    rows = int(rng.integers(1100, 2600))
    at = FROM_S + np.cumsum(rng.choice([300.0, 600.0, 900.0, 4500.0], rows, p=[0.5, 0.3, 0.18, 0.02]))
    rush = np.exp(-((at % DAY_S - rng.uniform(5, 9) * 3600) ** 2) / 2 / 4000**2)
    busy = rng.gamma(3, 1 / 3, rows) * (0.4 + rush)
    found = _places(rng, rows, int(rng.integers(1, 5)))
    for row in found:
        busy[row : row + int(rng.integers(2, 30))] += rng.uniform(0.8, 3)
    if rng.random() < 0.5:
        return Series("traffic", at, np.clip(75 - 12 * busy + rng.normal(0, 2, rows), 0, 90), tuple(found))
    return Series("traffic", at, busy * 10, tuple(found))


def keystrokes(rng: Rng) -> Series:
    """How someone types, by the hour: then another hand."""
    rows = int(rng.integers(1800, 5300))
    at = _clock(rng, rows, 3600)
    value = rng.gamma(8, 0.02, rows) + 0.02 * _day_shape(rng, at)
    found = _places(rng, rows, int(rng.integers(1, 3)))
    for row in found:
        value[row : row + int(rows * 0.05)] *= rng.choice([rng.uniform(0.5, 0.8), rng.uniform(1.2, 1.7)])
    return Series("keystrokes", at, _life(rng, value), tuple(found))


def drawn(rng: Rng) -> Series:
    """A drawn day of 14: a high plateau, once higher, lower, missing, out of time, or denser with spikes."""
    rows = 4032
    at = _clock(rng, rows, 300)
    hour = at % DAY_S / 3600
    noise = rng.uniform(0.5, 4)
    value = np.where((hour > 9) & (hour < 18), 80.0, 20.0) + rng.uniform(-noise, noise, rows)
    row = _places(rng, rows, 1)[0]
    day = row - int((hour[row] - 9) * 12) if hour[row] > 9 else row + int((9 - hour[row]) * 12)
    deed = rng.integers(0, 5)
    if deed == 0:
        value[day : day + 108] += rng.uniform(20, 60)
    elif deed == 1:
        value[day : day + 108] = 20 + rng.uniform(-noise, noise, len(value[day : day + 108]))
    elif deed == 2:
        value[day : day + 108] -= rng.uniform(20, 45)
    elif deed == 3:
        day = day + 180
        value[day : day + 36] += 40
    else:
        value = rng.uniform(0, 2, rows)
        value[rng.random(rows) < 0.01] += 20
        value[row : row + 300][rng.random(len(value[row : row + 300])) < 0.08] += 20
        day = row
    return Series("drawn", at, value, (min(day, rows - 20),))


def nothing(rng: Rng) -> Series:
    """Streams on which nothing happens: flat, noise, a square wave, a daily curve with and without noise."""
    rows = 4032
    at = _clock(rng, rows, 300)
    deed = rng.integers(0, 5)
    value = [
        np.full(rows, 45.0), rng.uniform(0, 40, rows), np.where(at % DAY_S > DAY_S / 2, 80.0, 20.0),
        80 * _day_shape(rng, at), 80 * _day_shape(rng, at) + rng.normal(0, 2, rows),
    ][deed]  # fmt: skip
    return Series("nothing", at, value, ())


MIXTURE: dict[Callable[[Rng], Series], int] = {
    machine_load: 10, network: 5, requests: 3, scaling: 1, machine_temperature: 1, room_temperature: 1, rides: 1,
    advertising: 6, mentions: 10, traffic: 7, keystrokes: 2, drawn: 6, nothing: 5,
}  # fmt: skip
"""How many files of each kind stand in one draw of 58."""
