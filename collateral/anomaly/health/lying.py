"""Whether a camera has seen more of a house lie than at the same hours of the day before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, stdev

from collateral.facts.events import LyingView
from collateral.facts.herd import HerdFacts
from collateral.model.ids import CameraId, PenId

HOURS = 12  # compared hour by hour, so that feeding times meet feeding times [I]
LEAST_HOURS = 6
LAGS_H = (48, 24)  # two days ago the house was healthier still
LEAST_RISE = 0.03  # of the animals seen: ten of sixty that no longer get up are two to five points [I]
ERRORS = 2.5  # standard errors of the mean rise; the tags have spoken already [I]


@dataclass(frozen=True, slots=True)
class Rise:
    """Shares of the animals seen that lay, the newest frames, and when the last of them was taken."""

    camera_id: CameraId
    before: float
    now: float
    since: datetime
    frames: tuple[str, ...]


def lying_rise(facts: HerdFacts, pen: PenId) -> Rise | None:
    """The clearest rise that a camera of the pen saw over the last hours; None when none did."""
    cameras = {view.camera_id for view in facts.lying if view.pen_id == pen}
    found = [
        rise for c in sorted(cameras) if (rise := _rise([v for v in facts.lying if v.camera_id == c], facts.as_of))
    ]
    return max(found, key=lambda r: r.now - r.before, default=None)


def _rise(views: list[LyingView], as_of: datetime) -> Rise | None:
    by_hour = _by_hour(views, as_of)
    for lag in LAGS_H:
        pairs = [(by_hour[h + lag], by_hour[h]) for h in range(HOURS) if h in by_hour and h + lag in by_hour]
        if _has_risen([now - before for before, now in pairs]):
            newest = sorted(views, key=lambda v: v.captured_at)[-2:]
            before, now = (mean(shares) for shares in zip(*pairs, strict=True))
            frames = tuple(v.frame_sha256 for v in newest)
            return Rise(views[0].camera_id, before, now, newest[-1].captured_at, frames)
    return None


def _has_risen(differences: list[float]) -> bool:
    if len(differences) < LEAST_HOURS:
        return False
    rise, error = mean(differences), stdev(differences) / len(differences) ** 0.5
    return rise >= LEAST_RISE and rise >= ERRORS * error


def _by_hour(views: list[LyingView], as_of: datetime) -> dict[int, float]:
    """The share that lay, of all animals seen, by full hours back from now."""
    seen: dict[int, int] = {}
    lying: dict[int, int] = {}
    for view in views:
        hour = int((as_of - view.captured_at) / timedelta(hours=1))
        if view.captured_at <= as_of:
            seen[hour] = seen.get(hour, 0) + view.seen
            lying[hour] = lying.get(hour, 0) + view.lying
    return {hour: lying[hour] / number for hour, number in seen.items() if number}
