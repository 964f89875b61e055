"""Fences and fixes on the ground, in metres. Local flat projection: good to a centimetre over a farm."""

from __future__ import annotations

import math
from functools import lru_cache

import shapely

from collateral.model.place import Fence, Position

METRES_PER_DEGREE = 111_320.0
_NULL_ISLAND_DEG = 0.01


def metres_outside(fence: Fence, position: Position) -> float:
    """How far outside the fence a position is, in metres; 0 when inside."""
    polygon, origin = _projected(fence)
    return float(shapely.distance(polygon, shapely.Point(_flat(position, origin))))


def metres_between(a: Position, b: Position) -> float:
    """Ground distance in metres."""
    x, y = _flat(a, b)
    return math.hypot(x, y)


def is_null_island(position: Position) -> bool:
    """Whether a receiver without a fix said (0, 0): 3-5 % of real collar logs do."""
    return abs(position.latitude) < _NULL_ISLAND_DEG and abs(position.longitude) < _NULL_ISLAND_DEG


@lru_cache(maxsize=4096)
def _projected(fence: Fence) -> tuple[shapely.Polygon, Position]:
    origin = fence.corners[0]
    polygon = shapely.Polygon([_flat(corner, origin) for corner in fence.corners])
    shapely.prepare(polygon)
    return polygon, origin


def _flat(position: Position, origin: Position) -> tuple[float, float]:
    east = (position.longitude - origin.longitude) * METRES_PER_DEGREE * math.cos(math.radians(origin.latitude))
    north = (position.latitude - origin.latitude) * METRES_PER_DEGREE
    return east, north
