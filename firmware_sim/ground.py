"""The ground of a farm in metres: x east, y north of an origin; flat, good to a centimetre over a farm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

METRES_PER_DEGREE = 111_320.0

Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Ground:
    """The plane that touches the globe at `lat`, `lon` (degrees WGS-84)."""

    lat: float
    lon: float

    @property
    def metres_per_degree_east(self) -> float:
        return METRES_PER_DEGREE * math.cos(math.radians(self.lat))

    def lat_of(self, y_m: Number) -> Number:
        """Degrees north of a place `y_m` metres north of the origin."""
        return self.lat + y_m / METRES_PER_DEGREE

    def lon_of(self, x_m: Number) -> Number:
        """Degrees east of a place `x_m` metres east of the origin."""
        return self.lon + x_m / self.metres_per_degree_east

    def x_of(self, lon: float) -> float:
        """Metres east of the origin."""
        return (lon - self.lon) * self.metres_per_degree_east

    def y_of(self, lat: float) -> float:
        """Metres north of the origin."""
        return (lat - self.lat) * METRES_PER_DEGREE


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A pen: lower left corner, width along x and depth along y, in metres of the farm's ground."""

    x_m: float
    y_m: float
    width_m: float
    depth_m: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x_m + self.width_m / 2, self.y_m + self.depth_m / 2

    def ring(self, ground: Ground) -> list[tuple[float, float]]:
        """The closed fence as [lon, lat], counter-clockwise."""
        x, y, right, top = self.x_m, self.y_m, self.x_m + self.width_m, self.y_m + self.depth_m
        corners = [(x, y), (right, y), (right, top), (x, top), (x, y)]
        return [(round(ground.lon_of(e), 7), round(ground.lat_of(n), 7)) for e, n in corners]

    @classmethod
    def around(cls, ring: list[tuple[float, float]], ground: Ground) -> Rectangle:
        """The smallest rectangle along the compass around a fence of [lon, lat]."""
        xs, ys = [ground.x_of(lon) for lon, _ in ring], [ground.y_of(lat) for _, lat in ring]
        return cls(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def side_by_side(sizes: list[tuple[float, float]], alley_m: float, gap_m: float) -> list[Rectangle]:
    """Pens in two rows along an alley that runs east and west through the origin; first half north of it."""
    half = (len(sizes) + 1) // 2
    pens = []
    for row, north in ((sizes[:half], True), (sizes[half:], False)):
        x = -(sum(width for width, _ in row) + gap_m * (len(row) - 1)) / 2
        for width, depth in row:
            pens.append(Rectangle(x, alley_m / 2 if north else -alley_m / 2 - depth, width, depth))
            x += width + gap_m
    return pens
