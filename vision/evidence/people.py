"""People made unrecognisable before a picture is kept. Better one too many than one too few.

A person's box is replaced by few large cells of one colour each, which nothing brings back. Animals that stand before
the person stay as they are, because they were counted, but for where the head must be.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float, Image

LOWEST = 0.1
"""People are hidden from this score on: a coat on a nail that is hidden too does no harm."""
MARGIN = 0.12
"""What a box is grown by on each side, as a share of it: boxes cut hair, hats and chins off."""
CELLS = 4
"""Cells across the shorter side of a person: a head is about one or two of them."""
LEAST_CELL = 12  # pixels
HEAD = 0.4  # the upper share of a standing person that is hidden even behind an animal
STANDING = 1.3  # height over width; seen from above or lying, a head may be anywhere
SAME = 0.5  # an "animal" that overlaps a person this much is that person


def blur_people(image: Image, people: Boxes, animals: Boxes) -> tuple[Image, int]:
    """A copy of `image`, (H,W,3) BGR uint8, with `people` hidden, and how many. Pixels elsewhere stay as they are.

    animals: those that count; where one stands before a person it stays visible.
    """
    hidden = image.copy()
    sure = people.at_least(LOWEST)
    # Each box takes its colours from the picture as it was: a second box must not make a first one finer.
    for box in sure.xyxy:
        _hide(hidden, image, box, _others(animals, box))
    return hidden, len(sure)


def _others(animals: Boxes, person: Float) -> Float:
    """The boxes of animals that are not the person himself, taken for one."""
    if len(animals) == 0:
        return animals.xyxy
    low = np.maximum(animals.xyxy[:, :2], person[:2])
    both = np.clip(np.minimum(animals.xyxy[:, 2:], person[2:]) - low, 0, None).prod(axis=1)
    area = (animals.xyxy[:, 2:] - animals.xyxy[:, :2]).prod(axis=1) + (person[2:] - person[:2]).prod() - both
    return np.asarray(animals.xyxy[both < SAME * np.maximum(area, 1e-6)], np.float32)


def _hide(hidden: Image, image: Image, person: Float, animals: Float) -> None:
    left, top, right, bottom = _grown(person, image)
    if right <= left or bottom <= top:
        return
    part = hidden[top:bottom, left:right]
    mask = np.ones(part.shape[:2], bool)
    for x1, y1, x2, y2 in animals.round().astype(int):
        mask[max(0, y1 - top) : max(0, y2 - top), max(0, x1 - left) : max(0, x2 - left)] = False
    tall, wide = bottom - top, right - left
    mask[: tall if tall < STANDING * wide else round(HEAD * tall)] = True
    part[mask] = _cells(np.ascontiguousarray(image[top:bottom, left:right]))[mask]


def _grown(person: Float, image: Image) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (float(side) for side in person)
    wide, tall = (x2 - x1) * MARGIN + 2, (y2 - y1) * MARGIN + 2
    height, width = image.shape[:2]
    return (
        max(0, int(x1 - wide)), max(0, int(y1 - tall)),
        min(width, int(x2 + wide) + 1), min(height, int(y2 + tall) + 1),
    )  # fmt: skip


def _cells(part: Image) -> Image:
    """The part as few cells, each of the mean colour of what was there."""
    height, width = part.shape[:2]
    cell = max(LEAST_CELL, min(height, width) / CELLS)
    across, down = max(1, round(width / cell)), max(1, round(height / cell))
    few: NDArray[np.uint8] = np.asarray(cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
