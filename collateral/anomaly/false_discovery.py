"""Which of many animals are called abnormal, so that no more than a tenth of those called are called wrongly.

Benjamini and Hochberg, per herd and look. Only after the common mode has been removed: see `common_mode.py`. Theft,
escape and death do not pass here; they are confirmed k of n times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from collateral.anomaly.common_mode import Ints
from collateral.facts.series import Floats

Q = 0.1  # anomaly.md, pipeline 3


def discoveries(chances: Floats, q: float = Q) -> npt.NDArray[np.bool_]:
    """Which of `chances` (any shape (n,); NaN is nobody) are discoveries at false discovery rate `q`."""
    return chances <= _level(chances, q)


def discoveries_by(chances: Floats, herd: Ints, herds: int, q: float = Q) -> npt.NDArray[np.bool_]:
    """The same per herd, numbered from 0."""
    order = np.argsort(herd, kind="stable")
    bounds = np.searchsorted(herd[order], np.arange(herds + 1))
    levels = np.array([_level(chances[order[bounds[h] : bounds[h + 1]]], q) for h in range(herds)])
    called: npt.NDArray[np.bool_] = chances <= levels[herd] if herds else np.zeros(chances.size, np.bool_)
    return called


def _level(chances: Floats, q: float) -> float:
    """The largest chance that is still a discovery; below 0 when none is."""
    ordered = np.sort(chances[~np.isnan(chances)])
    below = np.nonzero(ordered <= q * np.arange(1, ordered.size + 1) / max(1, ordered.size))[0]
    return float(ordered[below[-1]]) if below.size else -1.0
