"""An animal's usual day: what it does at each hour, and how far it strays from that."""

from __future__ import annotations

import numpy as np

from collateral.facts.series import BASELINE_DAYS, DAY_HOURS, Floats

ROBUST = 1.4826  # median absolute deviation to standard deviation, for a normal spread


def usual_day(history: Floats, local_hours: np.ndarray) -> tuple[Floats, Floats]:
    """`usual` (animals, 24) and `spread` (animals,) of Channel from `history` (animals, hours).

    `local_hours` (hours,): the local hour of day of each column. An hour of day that was measured on fewer than
    BASELINE_DAYS days stays NaN: half of a week of days says less than nothing about a habit.
    """
    usual = np.full((len(history), DAY_HOURS), np.nan, np.float32)
    for hour in np.unique(local_hours):
        usual[:, hour] = median(history[:, local_hours == hour], least=BASELINE_DAYS)
    return usual, ROBUST * median(np.abs(history - usual[:, local_hours]), least=1)


def median(values: Floats, *, least: int) -> Floats:
    """Median of the last axis without NaN, float32; NaN where fewer than `least` are known.

    Sorting puts NaN last, so that the middle is looked up: several times faster than numpy's nanmedian.
    """
    ordered = np.sort(values, axis=-1)
    known = np.count_nonzero(~np.isnan(values), axis=-1)
    most = max(0, values.shape[-1] - 1)
    low, high = (
        np.take_along_axis(ordered, np.clip(place, 0, most)[..., None], -1)[..., 0]
        for place in ((known - 1) // 2, known // 2)
    )
    return np.where(known >= least, (low + high) / 2, np.nan).astype(np.float32)
