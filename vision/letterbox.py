"""Fitting a picture into what a network takes, and boxes back onto the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Float, Image

_GREY = (114, 114, 114)
STRIDE = 32


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How one picture lies in the network's input: scaled by `scale`, then moved by (`left`, `top`) pixels."""

    scale: float
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def fit(cls, width: int, height: int, size: int, *, square: bool = False) -> Letterbox:
        """Longest side to `size`, the other padded to the network's stride, or to a square."""
        scale = size / max(width, height)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        outer = (size, size) if square else tuple(-(-side // STRIDE) * STRIDE for side in inner)
        return cls(scale, (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2, outer[0], outer[1])

    def tensor(self, image: Image, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """(1,3,H,W) float32 RGB in 0..1 of `image`, (H,W,3) BGR uint8.

        out: an array of that shape to write into and return; a camera's frames all need the same one.
        """
        width, height = (max(1, round(side * self.scale)) for side in (image.shape[1], image.shape[0]))
        shrink = cv2.INTER_AREA if self.scale < 0.6 else cv2.INTER_LINEAR
        small = cv2.resize(image, (width, height), interpolation=shrink)
        below, right = self.height - height - self.top, self.width - width - self.left
        padded = cv2.copyMakeBorder(small, self.top, below, self.left, right, cv2.BORDER_CONSTANT, value=_GREY)
        tensor = np.empty((1, 3, self.height, self.width), np.float32) if out is None else out
        for plane, colour in zip(tensor[0], reversed(cv2.split(padded)), strict=True):
            np.copyto(plane, colour)
        return np.divide(tensor, np.float32(255), out=tensor)

    def forth(self, xyxy: Float) -> Float:
        """(N,4) boxes of the picture to boxes of the network's input."""
        return np.asarray(xyxy * self.scale + self._offset, np.float32)

    def back(self, xyxy: Float) -> Float:
        """(N,4) boxes of the network's input to boxes of the picture."""
        return np.asarray((xyxy - self._offset) / self.scale, np.float32)

    @property
    def _offset(self) -> Float:
        return np.array([self.left, self.top] * 2, np.float32)
