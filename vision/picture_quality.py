"""Can animals be seen in this picture at all? A blind camera counts unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vision.detector import Image

DARKEST, FEWEST_EDGES = 18.0, 2.5  # the limits of `Sight`, for stills and for video
_SIZE = (160, 90)  # small: sensor noise averages out, structure stays


@dataclass(frozen=True, slots=True)
class Sight:
    """Two measures of a picture, grey levels 0..255.

    bright: the brightest spot after averaging noise away. edges: 98th percentile of the curvature of brightness,
    which smooth light falling on a cloth does not have.
    """

    bright: float
    edges: float


def measure_sight(image: Image) -> Sight:
    """Measure an (H,W,3) BGR picture; about a millisecond."""
    small = cv2.resize(_halved(image), _SIZE, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 1.0)
    curvature = np.abs(cv2.Laplacian(grey, cv2.CV_32F, ksize=1)).ravel()
    rank = int(0.98 * (curvature.size - 1))
    return Sight(float(grey.max()), float(np.partition(curvature, rank)[rank]))


def _halved(image: Image) -> Image:
    """Made half as large until it is less than twice `_SIZE`: averages the same, several times faster."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    while width >= _SIZE[0] and height >= _SIZE[1]:
        even = image[: 2 * height, : 2 * width]
        image = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        height, width = height // 2, width // 2
    return image


def why_blind(image: Image) -> str | None:
    """'dark', 'covered', or None when the picture can be counted.

    Covered means that nearly nothing in it has an edge: a cloth, a hand, fog, a blank signal.
    Thresholds lie between the dimmest countable picture of the real sets and simulated blind ones.
    """
    sight = measure_sight(image)
    if sight.bright < DARKEST:
        return "dark"
    return "covered" if sight.edges < FEWEST_EDGES else None
