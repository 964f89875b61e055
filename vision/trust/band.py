"""Split-conformal quantiles of counting errors, one for each range of counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
LEAST = math.ceil(1 / (1 - LEVEL) - 1e-9) - 1  # pictures below which a quantile of this level is not known
_ROOM = 30  # pictures of a band: the rule needs fewer, a steady quantile more


@dataclass(frozen=True, slots=True)
class Band:
    """Counts up to `up_to` head (None: all higher ones) are off by less than quantile * sqrt(count), 19 times in 20."""

    up_to: int | None
    quantile: float
    pictures: int


def surprise(counted: int, true: int) -> float:
    """|error| in units of the square root of the count."""
    return abs(true - counted) / math.sqrt(max(counted, 1))


def conformal_quantile(surprises: Sequence[float], level: float = LEVEL) -> float | None:
    """The value that a fresh picture's surprise stays under with probability `level`; None when too few were seen."""
    rank = math.ceil((len(surprises) + 1) * level - 1e-9)
    return None if rank > len(surprises) else sorted(surprises)[rank - 1]


def fit_bands(counted: Sequence[int], true: Sequence[int], room: int = _ROOM) -> tuple[Band, ...]:
    """Ranges of counts with at least `room` pictures each and their quantiles; empty when even one is not known.

    Pictures are sorted by what was counted, never by the truth: at work only the count is known.
    """
    pairs = sorted(zip(counted, true, strict=True))
    parts = max(1, len(pairs) // room)
    edges = sorted({pairs[len(pairs) * part // parts - 1][0] for part in range(1, parts)}) if pairs else []
    limits: list[int | None] = [*edges, None]
    bands, low = [], -1
    for limit in limits:
        inside = [(c, t) for c, t in pairs if c > low and (limit is None or c <= limit)]
        quantile = conformal_quantile([surprise(c, t) for c, t in inside])
        if quantile is None:  # a tie swallowed its neighbour
            return fit_bands(counted, true, len(pairs)) if parts > 1 else ()
        bands.append(Band(limit, round(quantile, 4), len(inside)))
        low = low if limit is None else limit
    return tuple(bands)


def quantile_at(bands: Sequence[Band], best: int) -> float | None:
    """The quantile of the band that a count falls into; None without bands."""
    return next((band.quantile for band in bands if band.up_to is None or best <= band.up_to), None)
