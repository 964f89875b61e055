"""An animal's usual day: what it does at each hour, and how far it strays from that."""

from __future__ import annotations

import warnings

import numpy as np

from collateral.facts.series import BASELINE_DAYS, DAY_HOURS, Floats

ROBUST = 1.4826  # median absolute deviation to standard deviation, for a normal spread


def usual_day(history: Floats, local_hours: np.ndarray) -> tuple[Floats, Floats]:
    """`usual` (animals, 24) and `spread` (animals,) of Channel from `history` (animals, hours).

    `local_hours` (hours,): the local hour of day of each column. An hour of day that was measured on fewer than
    BASELINE_DAYS days stays NaN: half of a week of days says less than nothing about a habit.
    """
    animals = len(history)
    usual = np.full((animals, DAY_HOURS), np.nan, np.float32)
    residual = np.full_like(history, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a tag that said nothing has no median, and that is fine
        for hour in range(DAY_HOURS):
            days = history[:, local_hours == hour]
            if days.shape[1] == 0:
                continue
            enough = np.count_nonzero(~np.isnan(days), axis=1) >= BASELINE_DAYS
            usual[:, hour] = np.where(enough, np.nanmedian(days, axis=1), np.nan)
            residual[:, local_hours == hour] = days - usual[:, hour, None]
        spread = np.nanmedian(np.abs(residual), axis=1) * ROBUST
    return usual, np.asarray(spread, np.float32)
