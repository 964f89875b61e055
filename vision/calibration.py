"""How far counts can be trusted: split-conformal intervals and the score that counts best, from labelled pictures.

The interval rests on the pictures being like those it was measured on. A camera whose recall drops leaves it:
calibrate again per camera, and treat a new scene's interval as provisional.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.counting import head_range
from vision.evaluation import Examined, figures
from vision.manifest import SceneTrust

LEVEL = 0.95
_SCORES = np.arange(0.1, 0.71, 0.02)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Two-fold check: trust fitted on one half of the pictures, judged on the other. None where it cannot be fitted."""

    mae: float
    coverage95: float | None
    width95: float | None


def fit(examined: Sequence[Examined]) -> SceneTrust:
    """The score with the smallest mean counting error on `examined`, and the interval that goes with it."""
    score = float(min(_SCORES, key=lambda candidate: _mae(examined, candidate)))
    measured = figures(examined, SceneTrust(score, None, len(examined)))
    quantile = conformal_quantile([_surprise(t, score) for t in examined])
    return SceneTrust(
        round(score, 2),
        None if quantile is None else round(quantile, 4),
        len(examined),
        measured.recall,
        measured.precision,
    )


def conformal_quantile(surprises: Sequence[float], level: float = LEVEL) -> float | None:
    """The value that a fresh picture's surprise stays under with probability `level`; None when too few were seen."""
    rank = math.ceil((len(surprises) + 1) * level)
    return None if rank > len(surprises) else sorted(surprises)[rank - 1]


def held_out(examined: Sequence[Examined]) -> HeldOut | None:
    """Judge `fit` on pictures it has not seen; None for fewer than four pictures."""
    if len(examined) < 4:
        return None
    halves = (examined[0::2], examined[1::2])
    errors, inside, widths = [], [], []
    for seen, unseen in (halves, halves[::-1]):
        trust = fit(seen)
        for t in unseen:
            counted = t.counted(trust.score)
            errors.append(abs(counted - t.count))
            if trust.quantile is not None:
                interval = head_range(counted, trust)
                inside.append(interval.low <= t.count <= interval.high)
                widths.append(interval.high - interval.low)
    known = bool(inside)
    return HeldOut(
        round(float(np.mean(errors)), 3),
        round(float(np.mean(inside)), 3) if known else None,
        round(float(np.mean(widths)), 2) if known else None,
    )


def _surprise(examined: Examined, score: float) -> float:
    counted = examined.counted(score)
    return abs(examined.count - counted) / math.sqrt(max(counted, 1))


def _mae(examined: Sequence[Examined], score: float) -> float:
    return float(np.mean([abs(t.counted(score) - t.count) for t in examined]))
