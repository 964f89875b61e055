"""Where things are: WGS-84 positions and the fences around pens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A point on the ground, degrees WGS-84. Raises ValueError outside the globe."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"not a place on earth: {self.latitude}, {self.longitude}")


@dataclass(frozen=True, slots=True)
class Fence:
    """The closed ring around a pen; the last corner joins the first. At least three corners."""

    corners: tuple[Position, ...]

    def __post_init__(self) -> None:
        if len(self.corners) < 3:
            raise ValueError("a fence needs at least three corners")
