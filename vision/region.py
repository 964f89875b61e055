"""Region of interest: the part of a camera's view that belongs to the pen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes
from vision.errors import VisionError


class Area(Protocol):
    """Any part of a picture that boxes can stand in."""

    def inside(self, boxes: Boxes, width: int, height: int) -> Boxes:
        """The boxes whose middle lies in it, of a picture of this size in pixels."""
        ...


_HOW = "write corners as shares of width and height: 0,0.2 1,0.2 1,1 0,1"


@dataclass(frozen=True, slots=True)
class Region:
    """A polygon in shares of the picture's width and height, so that it survives a change of resolution."""

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.corners) < 3:
            raise VisionError(f"a region needs three corners or more: {_HOW}")
        if not all(0 <= value <= 1 for corner in self.corners for value in corner):
            raise VisionError(f"a region's corners lie between 0 and 1: {_HOW}")

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read "x,y x,y x,y ..."; ';' parts corners as well. Raises VisionError with the form to use."""
        try:
            pairs = [corner.split(",") for corner in text.replace(";", " ").split()]
            corners = tuple((float(x), float(y)) for x, y in pairs)
        except ValueError as error:
            raise VisionError(f"cannot read the region {text!r}: {_HOW}") from error
        return cls(corners)

    def inside(self, boxes: Boxes, width: int, height: int) -> Boxes:
        """The boxes whose middle lies in the region."""
        return boxes[self.contains(np.asarray(boxes.centres / np.array([width, height]), np.float64))]

    def contains(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(N,) whether each of the (N,2) points, in shares of the picture, lies inside (even-odd rule)."""
        corners = np.array(self.corners)
        following = np.roll(corners, -1, axis=0)
        x, y = points[:, 0:1], points[:, 1:2]
        spans = (corners[:, 1] > y) != (following[:, 1] > y)
        rise = np.where(following[:, 1] == corners[:, 1], 1, following[:, 1] - corners[:, 1])
        meets = corners[:, 0] + (y - corners[:, 1]) / rise * (following[:, 0] - corners[:, 0])
        return np.asarray((spans & (x < meets)).sum(axis=1) % 2 == 1)
