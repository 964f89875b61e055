"""Which fixes lie beyond a fence for certain. Nearly every fix lies within, and that is told without geometry."""

from __future__ import annotations

from functools import lru_cache

from collateral.facts.geometry import is_null_island, metres_outside
from collateral.model.place import Fence
from collateral.model.reading import Fix

BUFFER_M = 30.0  # on-animal error 10.8 +- 6.8 m; the advice is about 30 m (domain 2.2, GPS)
ERROR_WEIGHT = 1.5  # with the buffer 80 m for a published ear tag: mean error 34 m, 95 % within 78 m (anomaly.md) [I]
UNTOLD_MARGIN_M = 80.0  # a tag that tells no error may be as poor as that one

Ring = tuple[tuple[float, float, float, float], ...]


def margin_m(error_m: float | None) -> float:
    """How far beyond the fence a fix must lie to be outside, from the device's own error estimate in metres."""
    return UNTOLD_MARGIN_M if error_m is None else BUFFER_M + ERROR_WEIGHT * error_m


def is_beyond(fence: Fence, fix: Fix) -> bool:
    """Whether a fix lies beyond `fence` by more than its margin."""
    latitude, longitude = fix.position.latitude, fix.position.longitude
    if _encloses(_ring(fence), latitude, longitude):
        return False
    return metres_outside(fence, fix.position) > margin_m(fix.error_m)


def newest_run(fence: Fence, fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """The newest unbroken run of fixes beyond the fence, oldest first. A fix at (0, 0) is no position and breaks
    nothing."""
    run: list[Fix] = []
    for fix in reversed(fixes):
        if is_null_island(fix.position):
            continue
        if not is_beyond(fence, fix):
            break
        run.append(fix)
    return tuple(reversed(run))


def _encloses(ring: Ring, latitude: float, longitude: float) -> bool:
    """Whether a point lies in the ring: a line to the east crosses it an odd number of times."""
    inside = False
    for lat, lon, next_lat, next_lon in ring:
        if (lat > latitude) != (next_lat > latitude):
            east = lon + (latitude - lat) / (next_lat - lat) * (next_lon - lon)
            inside ^= longitude < east
    return inside


@lru_cache(maxsize=4096)
def _ring(fence: Fence) -> Ring:
    """The fence's sides, (latitude, longitude) to (latitude, longitude). Straight in degrees is straight in metres."""
    corners = fence.corners
    return tuple(
        (a.latitude, a.longitude, b.latitude, b.longitude)
        for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)
    )
