"""How rare an animal's residual is: a score in robust deviations, and its exponential tail.

The tail is logistic, with the quartiles of the score: exp(-1.63 |z|) far out. On SCR activity a normal tail raises four
times as many false alerts, and a Laplace tail finds half of the animals that a logistic one does.
"""

from __future__ import annotations

import numpy as np

from collateral.anomaly.common_mode import LEAST_MATES, Ints
from collateral.anomaly.data_quality import MAD_TO_SIGMA
from collateral.facts.series import Floats

RATE = float(np.log(3) / 0.6745)  # logistic and normal distribution then share their quartiles
ALONE = 1.4  # how much wider a mean is than independent hours make it; measured on SCR activity, for too few mates
LEAST_SPREAD = 0.2  # of the herd's typical spread: a tag that hardly varies is no measure of itself [I]
ILL_WIDENS = 1.3  # how much a sixth of a herd that is ill widens the scatter of its scores


def score(residual: Floats, spread: Floats, kind: Ints, hours: int, least_known: int) -> Floats:
    """Mean of the residual (animals, hours back) over its last `hours`, in deviations of such a mean: (animals,).

    Hours hang together, so the deviation is that of the herd's own means, by kind: of the windows of `hours` before
    this one, so that an illness that many have today is no measure of itself; or of this one, if the whole herd
    scatters more than illness explains. Never less than independent hours would give. NaN with fewer than
    `least_known` hours, or where no spread is known.
    """
    windows = _in_spreads(residual, spread, hours, least_known)
    now, before = windows[:, -1], windows[:, :-1]
    found = np.full(now.size, np.nan, np.float32)
    for number in range(int(kind.max()) + 1 if kind.size else 0):
        members = kind == number
        width = _width(now[members]) / (ILL_WIDENS if before.size else 1)
        if before.size:
            width = np.fmax(width, _width(before[members].ravel()))
        found[members] = now[members] / (ALONE if np.isnan(width) else max(1.0, float(width)))
    return found


def chance_of_higher(score: Floats) -> Floats:
    """The chance of such a score or a higher one; NaN stays unknown."""
    chance: Floats = (1 / (1 + np.exp(np.clip(RATE * score, -80, 80)))).astype(np.float32)
    return chance


def chance_of_lower(score: Floats) -> Floats:
    """The chance of such a score or a lower one."""
    return chance_of_higher(-score)


def _in_spreads(residual: Floats, spread: Floats, hours: int, least_known: int) -> Floats:
    """The means over windows of `hours`, newest last, in the deviations that they would have if hours were
    independent: (animals, windows)."""
    animals, count = len(residual), residual.shape[1] // hours
    typical = float(np.nanmedian(spread)) if np.isfinite(spread).any() else np.nan
    windows = residual[:, residual.shape[1] - count * hours :].reshape(animals, count, hours)
    measured = ~np.isnan(windows)
    known = np.count_nonzero(measured, axis=2)
    average = np.where(measured, windows, np.float32(0)).sum(axis=2) / np.maximum(known, 1)
    raw = average / np.maximum(spread, LEAST_SPREAD * typical)[:, None] * np.sqrt(known)
    return np.where(known >= least_known, raw, np.nan).astype(np.float32)


def _width(raw: Floats) -> float:
    """Robust deviation of the known ones; NaN of too few."""
    known = raw[np.isfinite(raw)]
    if known.size < LEAST_MATES:
        return float("nan")
    return MAD_TO_SIGMA * float(np.median(np.abs(known - np.median(known))))
