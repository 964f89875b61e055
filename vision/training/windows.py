"""Closer looks: square windows of a picture, so that small animals are learnt at the size that tiles show them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.training.labelled import Labelled, Made, pixels_of

_LEAST_VISIBLE = 0.35  # an animal cut off by more is neither learnt nor, being small by then, missed
_SIDE = (0.35, 0.65)  # of the longer side


def cut_windows(labelled: Labelled, count: int, name: str, rng: np.random.Generator) -> list[Made]:
    """`count` windows of one picture, each around one of its animals; none of a picture without animals."""
    if not len(labelled.rows):
        return []
    image = pixels_of(labelled)
    height, width = image.shape[:2]
    made = []
    for number in range(count):
        side = min(round(max(width, height) * rng.uniform(*_SIDE)), width, height)
        left, top = _corner(labelled.rows, width, height, side, rng)
        rows = rows_in_window(labelled.rows, width, height, (left, top, side))
        made.append(Made(f"{name}-window{number}", image[top : top + side, left : left + side], rows))
    return made


def rows_in_window(
    rows: NDArray[np.float64], width: int, height: int, window: tuple[int, int, int]
) -> NDArray[np.float64]:
    """The boxes of a (width, height) picture as seen in a window (left, top, side), in shares of the window."""
    left, top, side = window
    scale = np.array([width, height], np.float64)
    low, high = (rows[:, 1:3] - rows[:, 3:5] / 2) * scale, (rows[:, 1:3] + rows[:, 3:5] / 2) * scale
    corner = np.array([left, top], np.float64)
    inner_low, inner_high = np.clip(low - corner, 0, side), np.clip(high - corner, 0, side)
    shown = (inner_high - inner_low).prod(axis=1) / np.maximum((high - low).prod(axis=1), 1e-9)
    keep = shown >= _LEAST_VISIBLE
    middle, extent = (inner_low + inner_high) / 2 / side, (inner_high - inner_low) / side
    return np.asarray(np.concatenate([rows[:, :1], middle, extent], axis=1)[keep])


def _corner(rows: NDArray[np.float64], width: int, height: int, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """The corner of a window that holds a random animal somewhere in its middle half."""
    animal = rows[rng.integers(len(rows))]
    shift = rng.uniform(-0.25, 0.25, 2) * side
    left = round(animal[1] * width - side / 2 + shift[0])
    top = round(animal[2] * height - side / 2 + shift[1])
    return int(np.clip(left, 0, width - side)), int(np.clip(top, 0, height - side))
