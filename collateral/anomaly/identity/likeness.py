"""Which series are one and the same: correlation of every pair, by matrix products in single precision."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from collateral.facts.series import Flags, Floats

ROWS = 1024  # of the correlation matrix at once: 70 MB for 17,000 animals under one gateway
AT_FIRST_SIGHT = 0.9  # what is guessed before it is known which hours a pair shares [I]

Counts = npt.NDArray[np.int64]


def twins(values: Floats, least_hours: int, above: float) -> Counts:
    """How many others of `values` (animals, hours) each row is like: correlated above `above` over at least
    `least_hours` hours that both were measured. A row that never changes is like nobody."""
    seen = ~np.isnan(values)
    standard = _standardised(values, seen)
    candidates = np.flatnonzero(_closest(standard, seen, least_hours) > AT_FIRST_SIGHT)
    found = np.zeros(len(values), np.int64)
    if candidates.size:
        found[candidates] = _alike(standard[candidates], seen[candidates], least_hours, above)
    return found


def moments(values: Floats, seen: Flags) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each row over the hours that were measured; 0 where none was. Both (animals,)."""
    hours = np.maximum(seen.sum(axis=1), 1).astype(np.float32)
    mean = np.where(seen, values, np.float32(0)).sum(axis=1) / hours
    around = np.where(seen, values - mean[:, None], np.float32(0))
    return mean, np.sqrt(np.einsum("ij,ij->i", around, around) / hours)


def _standardised(values: Floats, seen: Flags) -> Floats:
    """Each row around its own mean in its own deviations; 0 where nothing was measured or nothing changes."""
    mean, deviation = moments(values, seen)
    around = np.where(seen, values - mean[:, None], np.float32(0))
    return np.divide(around, deviation[:, None], out=np.zeros_like(around), where=deviation[:, None] > 1e-3)


def _closest(standard: Floats, seen: Flags, least_hours: int) -> Floats:
    """How much each row resembles the row most like it, as if hours were missing by chance: one product for six."""
    hours = seen.sum(axis=1)
    scaled = standard * (math.sqrt(seen.shape[1]) / np.maximum(hours, 1)).astype(np.float32)[:, None]
    scaled[hours < least_hours] = 0.0
    closest = np.empty(len(standard), np.float32)
    for first in range(0, len(scaled), ROWS):
        likeness = scaled[first : first + ROWS] @ scaled.T
        np.fill_diagonal(likeness[:, first:], 0.0)
        closest[first : first + ROWS] = likeness.max(axis=1)
    return closest


def _alike(values: Floats, seen: Flags, least_hours: int, above: float) -> Counts:
    """How many others each row is like, over the hours that both were measured."""
    mask = seen.astype(np.float32)
    squares = values**2
    found = np.zeros(len(values), np.int64)
    for first in range(0, len(values), ROWS):
        rows = slice(first, first + ROWS)
        hours = mask[rows] @ mask.T
        known = np.maximum(hours, 1.0)
        mine, theirs = values[rows] @ mask.T, mask[rows] @ values.T
        together = values[rows] @ values.T - mine * theirs / known
        spread = (squares[rows] @ mask.T - mine**2 / known) * (mask[rows] @ squares.T - theirs**2 / known)
        alike = together > above * np.sqrt(np.maximum(spread, 1e-6))
        alike &= hours >= least_hours
        found[rows] = alike.sum(axis=1) - np.diagonal(alike, offset=first)
    return found
