"""What a whole herd does, as streams: its median activity, its median rumination, how many of its tags are heard.

The common mode that rules on single animals leave out (`common_mode.py`) is judged here. No rule does so: the three
days that rules see are too few for a stream to know itself. Reports over a longer record do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from collateral.anomaly.common_mode import LEAST_MATES, median
from collateral.anomaly.stream.detector import LIMITS, StreamLimits, scores
from collateral.facts.series import Floats, HerdSeries

HOUR = timedelta(hours=1)


@dataclass(frozen=True, eq=False, kw_only=True)
class HerdStreams:
    """Hourly values (hours,), oldest first, the last hour ending at `ends_at`; NaN where too few were measured."""

    ends_at: datetime
    activity: Floats
    rumination_min: Floats
    tags_heard: Floats


def herd_streams(series: HerdSeries) -> HerdStreams:
    """The streams of one herd. A median of fewer than eight animals is none."""
    heard = np.isfinite(series.activity.values).sum(axis=0)
    return HerdStreams(
        ends_at=series.ends_at, activity=_middle(series.activity.values),
        rumination_min=_middle(series.rumination_min.values), tags_heard=heard.astype(np.float32),
    )  # fmt: skip


def hourly_scores(ends_at: datetime, values: Sequence[float] | Floats, limits: StreamLimits = LIMITS) -> Floats:
    """One score in [0, 1) per hour of a stream that ends at `ends_at`; 0 where nothing was measured.

    Also for streams from elsewhere: a camera's head count, deaths a day, kilograms of feed.
    """
    last_s = (ends_at - HOUR).timestamp()
    first_s = last_s - 3600.0 * (len(values) - 1)
    rows = ((first_s + 3600.0 * hour, float(value)) for hour, value in enumerate(values))
    return np.fromiter(scores(rows, limits), np.float32, len(values))


def _middle(values: Floats) -> Floats:
    middle, known = median(values)
    return np.where(known >= LEAST_MATES, middle, np.nan).astype(np.float32)
