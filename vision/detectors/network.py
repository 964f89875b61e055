"""What all engines share: a picture into the network, its boxes back onto the picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import CLASSES, Boxes, Float, Image
from vision.detectors.head import Head
from vision.errors import VisionError
from vision.letterbox import STRIDE, Letterbox
from vision.suppression import suppress


@dataclass(frozen=True, slots=True)
class Network:
    """What an opened model file says of itself.

    names: the class names as its metadata write them, empty without. side: pixels of its fixed square input, None
    where it takes any. output: the shape of its first output, None where that is free.
    """

    names: str
    side: int | None
    output: tuple[int | None, ...]

    @classmethod
    def of(cls, names: str, shape: tuple[int | None, ...], output: tuple[int | None, ...], model: Path) -> Network:
        """From the shapes of input and output; VisionError when it does not take one RGB picture."""
        if len(shape) != 4 or shape[1] not in {3, None} or shape[0] not in {1, None}:
            told = " x ".join("any" if side is None else str(side) for side in shape)
            raise VisionError(
                f"{model} takes {told} numbers, not one picture (1 x 3 x height x width): export it again"
            )
        if shape[2] != shape[3]:
            raise VisionError(
                f"{model} takes pictures of {shape[3]} x {shape[2]}: export it square, or with free sides"
            )
        return cls(names, shape[2], output)


def check_file(model: Path) -> None:
    """VisionError when there is no file to open, or nothing in it."""
    if not model.is_file():
        raise VisionError(f"no model at {model}: name an .onnx file, or leave it out for the one that comes along")
    if model.stat().st_size == 0:
        raise VisionError(f"the model {model} is empty: copy or export it again")


class Engine(Protocol):
    """Runs one opened network."""

    @property
    def name(self) -> str:
        """What runs it, with version, as people read it."""
        ...

    @property
    def network(self) -> Network:
        """What the model file says of itself."""
        ...

    def run(self, tensor: Float) -> Float:
        """(1,3,H,W) float32 to the float32 output for that one picture."""
        ...


class NetworkDetector:
    """One network under one engine. Not for several threads at once; make one per thread.

    size: longest side of the network's input in pixels; a network with a fixed input ignores it.
    threads: also the most that OpenCV takes in this process while it fits pictures into the network.
    floor: boxes under this score are never returned. iou: overlap at which the worse box goes.
    """

    def __init__(
        self, engine: Engine, path: Path, *, size: int, threads: int, floor: float, iou: float, version: str
    ) -> None:
        network = engine.network
        self._engine, self._square = engine, network.side is not None
        self._size = _sane_size(network.side or size)
        self._floor, self._iou = floor, iou
        self._head = Head.of(network.names, network.output, str(path))
        self._version = version or path.stem
        self._tensor: NDArray[np.float32] = np.empty((1, 3, 0, 0), np.float32)
        cv2.setNumThreads(threads)

    @property
    def version(self) -> str:
        return self._version

    @property
    def size(self) -> int:
        """Longest side of its input, pixels; a fixed one may differ from what was asked for."""
        return self._size

    @property
    def engine(self) -> str:
        """What runs the network, with its version."""
        return self._engine.name

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, best first."""
        height, width = image.shape[:2]
        letterbox = Letterbox.fit(width, height, self._size, square=self._square)
        found = self._head.read(self._run(self._fill(letterbox, image)), self._floor)
        return suppress_apart(_onto_picture(found, letterbox, width, height), self._iou)

    def _run(self, tensor: Float) -> Float:
        try:
            return self._engine.run(tensor)
        except Exception as error:  # the engines' own errors share no public base
            height, width = tensor.shape[2:]
            raise VisionError(
                f"{self._version} fails on an input of {width} x {height} under {self.engine} ({error}): export it "
                "with free sides, or take another --size"
            ) from error

    def _fill(self, letterbox: Letterbox, image: Image) -> Float:
        """The network's input, in memory that the next picture of this size uses again."""
        if self._tensor.shape[2:] != (letterbox.height, letterbox.width):
            self._tensor = np.empty((1, 3, letterbox.height, letterbox.width), np.float32)
        return letterbox.tensor(image, self._tensor)


def suppress_apart(boxes: Boxes, iou: float) -> Boxes:
    """One box per animal and per person, best first. A person before a cow takes no cow away, nor the reverse."""
    people = boxes.class_id >= len(CLASSES)
    if not people.any():
        return suppress(boxes, iou)
    parts = suppress(boxes[~people], iou), suppress(boxes[people], iou)
    both = Boxes(*(np.concatenate([getattr(p, c) for p in parts]) for c in ("xyxy", "score", "class_id")))
    return both[np.argsort(-both.score, kind="stable")]


def _onto_picture(boxes: Boxes, letterbox: Letterbox, width: int, height: int) -> Boxes:
    xyxy = np.clip(letterbox.back(boxes.xyxy), 0, np.array([width, height] * 2, np.float32))
    return Boxes(xyxy, boxes.score, boxes.class_id)


def _sane_size(size: int) -> int:
    if not STRIDE <= size <= 4096:
        raise VisionError(f"a network's input of {size} pixels is out of bounds: take {STRIDE} to 4096")
    return size
