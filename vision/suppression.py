"""Overlap of boxes and non-maximum suppression, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float


def overlap(first: Float, second: Float) -> Float:
    """(N,M) intersection over union of two sets of boxes, (N,4) and (M,4)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = area(first)[:, None] + area(second)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def inside(first: Float, second: Float) -> Float:
    """(N,M) share of each of the second boxes that lies within each of the first."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2) / np.maximum(area(second), 1e-9)[None], np.float32)


def area(xyxy: Float) -> Float:
    """(N,) area of each box, square pixels."""
    return np.asarray((xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1))


def suppress(boxes: Boxes, iou: float, iou_across: float = 0.75, most: int = 600) -> Boxes:
    """One box per animal, best first.

    1. Keep the `most` best boxes.
    2. From the best down, drop every worse box of the same class that overlaps by more than `iou`,
    3. of another class by more than `iou_across`: one animal seen as two species counts once,
    4. and every worse, much smaller box that lies within it: a head or a white patch is not a second animal.
    """
    best = boxes[np.argsort(-boxes.score, kind="stable")[:most]]
    if len(best) < 2:
        return best
    same = best.class_id[:, None] == best.class_id[None]
    beats = overlap(best.xyxy, best.xyxy) > np.where(same, iou, iou_across)
    return best[_greedy(beats | _parts(best))]


def _parts(boxes: Boxes, share: float = 0.85, size: float = 0.5) -> NDArray[np.bool_]:
    """(N,N) whether box j looks like a part of box i. Both limits measured on the validation pictures."""
    extent = area(boxes.xyxy)
    return np.asarray((inside(boxes.xyxy, boxes.xyxy) > share) & (extent[None] < size * extent[:, None]))


def _greedy(beats: NDArray[np.bool_]) -> NDArray[np.bool_]:
    alive = np.ones(len(beats), np.bool_)
    for row in range(len(beats)):
        if alive[row]:
            alive[row + 1 :] &= ~beats[row, row + 1 :]
    return alive
