"""Other detectors to compare with, each a function from seconds and values to one score a row, looking back only."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Detector = Callable[[Floats, Floats], Floats]


def windowed_gaussian(_at_s: Floats, value: Floats, window: int = 6400, step: int = 100) -> Floats:
    """How unlikely a value is under a normal law fitted to the last `window` values, fitted anew every `step` rows."""
    out = np.zeros(len(value))
    for first in range(step, len(value), step):
        seen = value[max(0, first - window) : first]
        away = np.abs(value[first : first + step] - seen.mean()) / max(float(seen.std()), 1e-6)
        out[first : first + step] = [math.erf(x / math.sqrt(2)) for x in away]
    return out


def ewma_residual(_at_s: Floats, value: Floats) -> Floats:
    """Away from an exponential mean, as the tail of an exponential law; only what exceeds the last 200 rows' says."""
    return _novel(_tail(_away_from_mean(value)))


def hour_median(at_s: Floats, value: Floats) -> Floats:
    """Away from the hour of day's median so far, with the same tail."""
    return _novel(_tail(_away_from_hour(at_s, value)))


def hour_median_and_drift(at_s: Floats, value: Floats) -> Floats:
    """That, plus 0.6 x the tail of |mean of 12 - slow exponential mean|."""
    spike = _tail(_away_from_hour(at_s, value))
    fast = np.convolve(value, np.full(12, 1 / 12))[: len(value)]
    drift = _tail(np.abs(fast - _ewma(value, 0.005)))
    return _novel(spike + 0.6 * drift)


def half_space_trees(
    _at_s: Floats, value: Floats, trees: int = 25, depth: int = 8, window: int = 250, seed: int = 1
) -> Floats:
    """Half-space trees over the value and its change (Tan, Ting and Liu 2011): rows in empty cells are unusual."""
    rng = np.random.default_rng(seed)
    ahead = min(len(value), window)
    points = np.column_stack([value, np.append(0.0, np.diff(value))])
    low, high = points[:ahead].min(0), points[:ahead].max(0)
    points = np.clip((points - low) / np.maximum(high - low, 1e-9) * 0.5 + 0.25, 0, 1)
    dims = rng.integers(0, 2, (trees, depth))
    cells = np.stack([_cell(points, own, rng.uniform(0.4, 0.6, depth)) for own in dims])
    out = np.zeros(len(value))
    mass = np.zeros((trees, 2**depth))
    for first in range(0, len(value), window):
        own = cells[:, first : first + window]
        if first:
            out[first : first + window] = 1.0 - np.take_along_axis(mass, own, 1).mean(0) / window
        mass = np.stack([np.bincount(row, minlength=2**depth) for row in own])
    return out


DETECTORS: dict[str, Detector] = {
    "windowed_gaussian": windowed_gaussian, "ewma_residual": ewma_residual, "hour_median": hour_median,
    "hour_median_and_drift": hour_median_and_drift, "half_space_trees": half_space_trees,
}  # fmt: skip


def _cell(points: Floats, dims: npt.NDArray[np.int64], cuts: Floats) -> npt.NDArray[np.int64]:
    """The leaf of each point in a tree that halves (unevenly) one dimension a level."""
    low, width = np.zeros_like(points), np.ones_like(points)
    cell = np.zeros(len(points), np.int64)
    for dim, cut in zip(dims, cuts, strict=True):
        middle = low[:, dim] + cut * width[:, dim]
        right = points[:, dim] >= middle
        width[:, dim] = np.where(right, (1 - cut) * width[:, dim], cut * width[:, dim])
        low[:, dim] = np.where(right, middle, low[:, dim])
        cell = 2 * cell + right
    return cell


def _away_from_mean(value: Floats, share: float = 0.05) -> Floats:
    mean = _ewma(value, share)
    return np.abs(value - np.append(value[:1], mean[:-1]))


def _away_from_hour(at_s: Floats, value: Floats) -> Floats:
    seen: list[deque[float]] = [deque(maxlen=200) for _ in range(24)]
    out = np.zeros(len(value))
    for row, (at, now) in enumerate(zip(at_s, value, strict=True)):
        hour = seen[int(at % 86_400 // 3600)]
        if hour:
            out[row] = abs(now - float(np.median(hour)))
        hour.append(float(now))
    return out


def _ewma(value: Floats, share: float) -> Floats:
    out = np.empty(len(value))
    state = float(value[0]) if len(value) else 0.0
    for row, now in enumerate(value):
        state += share * (now - state)
        out[row] = state
    return out


def _tail(away: Floats, share: float = 0.003) -> Floats:
    """-ln of an exponential law's tail, its mean that of the past."""
    out = np.zeros(len(away))
    mean = 0.0
    for row, now in enumerate(away):
        out[row] = now / mean if mean > 0 else 0.0
        mean += max(share, 1 / (row + 1)) * (now - mean)
    return out


def _novel(score: Floats, rows: int = 200) -> Floats:
    """What exceeds everything said in the last `rows` rows; 0 for the rest."""
    out = np.zeros(len(score))
    said: deque[tuple[int, float]] = deque()
    for row, now in enumerate(score):
        while said and said[0][0] < row - rows:
            said.popleft()
        if not said or now > said[0][1]:
            out[row] = now
            said.clear()
            said.append((row, float(now)))
    return out
