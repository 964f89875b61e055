"""Detectors that look closer: the picture in tiles, always or only where the animals turn out to be small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.detector import Boxes, Detector, Image
from vision.still.seams import merge
from vision.still.tiles import OVERLAP, lay_tiles

SMALL_PX = 20.0  # measured on training pictures, see docs/guides/still-counts.md
_SURE = 0.2
_LEAST_BOXES = 3


@dataclass(frozen=True, slots=True)
class TiledDetector:
    """Another detector, shown the picture in windows of `side` pixels; itself a detector like any other."""

    detector: Detector
    side: int
    overlap: float = OVERLAP

    @property
    def version(self) -> str:
        return self.detector.version

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, best first, one per animal also where it lies on a seam."""
        height, width = image.shape[:2]
        tiles = lay_tiles(width, height, self.side, self.overlap)
        if len(tiles) == 1:
            return self.detector.detect(image)
        found = [(tile, tile.onto_picture(self.detector.detect(tile.cut(image)))) for tile in tiles]
        return merge(found, width, height)


@dataclass(frozen=True, slots=True)
class ZoomDetector:
    """A first look at the whole picture, and a closer one when its animals are small.

    size: longest side, pixels, to which `first` shrinks a picture. small: the closer look is taken when the median
    animal measures less than this there, and only when the picture has more pixels than the first look used:
    enlarging what was recorded small shows nothing new.
    """

    first: Detector
    closer: Detector
    size: int
    small: float = SMALL_PX

    @property
    def version(self) -> str:
        return self.first.version

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, best first; the closer look replaces the first."""
        boxes = self.first.detect(image)
        shrink = self.size / max(image.shape[:2])
        if shrink > 0.8 or not animals_are_small(boxes, shrink, self.small):
            return boxes
        return self.closer.detect(image)


def animals_are_small(boxes: Boxes, shrink: float, small: float = SMALL_PX) -> bool:
    """Whether the median animal is under `small` pixels in a picture shrunk by `shrink`; False for hardly any."""
    sure = boxes.animals.at_least(_SURE)
    if len(sure) < _LEAST_BOXES:
        return False
    sides = np.sqrt((sure.xyxy[:, 2:] - sure.xyxy[:, :2]).prod(axis=1))
    return bool(np.median(sides) * shrink < small)
