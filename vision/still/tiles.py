"""Overlapping windows of a wide picture. Pure geometry, in pixels of the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float, Image
from vision.errors import VisionError

OVERLAP = 0.2


@dataclass(frozen=True, slots=True)
class Tile:
    """One window: left and top belong to it, right and bottom do not."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, image: Image) -> Image:
        """The window of `image`, (H,W,3); a view, not a copy."""
        return image[self.top : self.bottom, self.left : self.right]

    def onto_picture(self, boxes: Boxes) -> Boxes:
        """Boxes found in the window, in pixels of the picture."""
        return Boxes(boxes.xyxy + np.array([self.left, self.top] * 2, np.float32), boxes.score, boxes.class_id)

    def clip(self, xyxy: Float) -> Float:
        """What of each of the (N,4) boxes this window sees; a box elsewhere has no area left."""
        low = np.array([self.left, self.top] * 2, np.float32)
        high = np.array([self.right, self.bottom] * 2, np.float32)
        return np.asarray(np.clip(xyxy, low, high), np.float32)

    def shared(self, other: Tile) -> Tile | None:
        """The part that two windows have in common; None when they are apart."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Tile(left, top, right, bottom) if right > left and bottom > top else None

    def cuts(self, xyxy: Float, width: int, height: int, margin: float) -> NDArray[np.bool_]:
        """(N,) whether a box ends within `margin` pixels of an edge behind which the picture goes on."""
        near_low = (xyxy[:, :2] - (self.left, self.top)) <= margin
        near_high = ((self.right, self.bottom) - xyxy[:, 2:]) <= margin
        goes_on_low = np.array([self.left > 0, self.top > 0])
        goes_on_high = np.array([self.right < width, self.bottom < height])
        return np.asarray(((near_low & goes_on_low) | (near_high & goes_on_high)).any(axis=1))


def lay_tiles(width: int, height: int, side: int, overlap: float = OVERLAP) -> list[Tile]:
    """Windows of `side` pixels that cover the picture, neighbours sharing at least `overlap` of a side.

    They are spread evenly, so that no window hangs over the edge. Raises VisionError for an impossible plan.
    """
    if side < 32 or not 0 <= overlap < 0.9:
        raise VisionError(f"tiles of {side} px with {overlap:.0%} overlap: use 32 px or more and an overlap below 90 %")
    columns, rows = _starts(width, side, overlap), _starts(height, side, overlap)
    return [Tile(x, y, min(x + side, width), min(y + side, height)) for y in rows for x in columns]


def _starts(length: int, side: int, overlap: float) -> list[int]:
    if length <= side:
        return [0]
    shared = side * overlap
    windows = math.ceil((length - shared) / (side - shared))
    return [round(start) for start in np.linspace(0, length - side, max(windows, 2))]
