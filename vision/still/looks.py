"""One model, looked through in several ways: as it comes, at another size, in tiles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from vision.detector import Boxes, Detector, Image
from vision.detectors.choice import open_detector
from vision.detectors.network import NetworkDetector
from vision.errors import VisionError
from vision.still.wide import TiledDetector, ZoomDetector

AUTO = "auto"
CLOSER = 2  # the closer look has twice the pixels along a side
_LOOK = re.compile(r"(size|tiles) (\d+)")
Open = Callable[[int], NetworkDetector]


class Looks:
    """A detector that takes a closer look where animals are small, and other ways of looking by name.

    What a look needs is opened when it is first asked for. Not for several threads at once.
    """

    def __init__(self, opened: Open, size: int) -> None:
        self._open = opened
        self._first = opened(size)
        self._ways: dict[str, Detector] = {"whole": self._first}

    @property
    def version(self) -> str:
        return self._first.version

    @property
    def engine(self) -> str:
        """What runs the network, with its version."""
        return self._first.engine

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, best first, by the look "auto"."""
        return self.by(AUTO).detect(image)

    def by(self, look: str) -> Detector:
        """ "auto", "whole", "size 960" or "tiles 640"; VisionError for anything else."""
        if look not in self._ways:
            self._ways[look] = self._made(look)
        return self._ways[look]

    def _made(self, look: str) -> Detector:
        if look == AUTO:
            return ZoomDetector(self._first, _Closer(self._open, self._first), self._first.size)
        told = _LOOK.fullmatch(look)
        if told is None:
            raise VisionError(f'no way to look {look!r}: write "auto", "whole", "size 960" or "tiles 640"')
        side = int(told[2])
        return self._open(side) if told[1] == "size" else TiledDetector(self._first, side)


class _Closer:
    """Tiles at the picture's own pixels, as large as the network takes; opened when the first small herd comes."""

    def __init__(self, opened: Open, first: NetworkDetector) -> None:
        self._open, self._first = opened, first
        self._tiled: TiledDetector | None = None

    @property
    def version(self) -> str:
        return self._first.version

    def detect(self, image: Image) -> Boxes:
        if self._tiled is None:
            large = self._open(CLOSER * self._first.size)  # a network of fixed input stays as it is, and has more tiles
            self._tiled = TiledDetector(large, large.size)
        return self._tiled.detect(image)


def open_looks(path: Path, *, size: int, threads: int, floor: float, version: str = "") -> Looks:
    """A model file as `Looks`; arguments as `open_detector`. VisionError when the model cannot be used."""

    def opened(side: int) -> NetworkDetector:
        return open_detector(path, size=side, threads=threads, floor=floor, version=version)

    return Looks(opened, size)
