"""Overlap of boxes and non-maximum suppression, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float

Rows = NDArray[np.intp]
_AT_ONCE = 64  # rows of boxes compared in one go: their tables stay in the processor's near memory


def overlap(first: Float, second: Float) -> Float:
    """(N,M) intersection over union of two sets of boxes, (N,4) and (M,4)."""
    shared = _shared(first, second)
    union = area(first)[:, None] + area(second)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def inside(first: Float, second: Float) -> Float:
    """(N,M) share of each of the second boxes that lies within each of the first."""
    return np.asarray(_shared(first, second) / np.maximum(area(second), 1e-9)[None], np.float32)


def _shared(first: Float, second: Float) -> Float:
    """(N,M) area common to each pair; side by side in memory, which a third axis would not be."""
    width = np.minimum(first[:, None, 2], second[None, :, 2]) - np.maximum(first[:, None, 0], second[None, :, 0])
    height = np.minimum(first[:, None, 3], second[None, :, 3]) - np.maximum(first[:, None, 1], second[None, :, 1])
    return np.asarray(np.maximum(width, 0) * np.maximum(height, 0), np.float32)


def area(xyxy: Float) -> Float:
    """(N,) area of each box, square pixels."""
    return np.asarray((xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1))


def suppress(boxes: Boxes, iou: float, iou_across: float = 0.75, most: int = 600) -> Boxes:
    """One box per animal, best first.

    1. Keep the `most` best boxes.
    2. From the best down, drop every worse box of the same class that overlaps by more than `iou`,
    3. of another class by more than `iou_across`: one animal seen as two species counts once.

    A small box within a large one stays: in a crowd it is more often a neighbour than a part (measured on herd-2).
    """
    best = boxes[np.argsort(-boxes.score, kind="stable")[:most]]
    left, kept = np.arange(len(best)), []
    while len(left):  # in crowds nearly all are gone after the first turn
        rows, stays = left[:_AT_ONCE], ~_beats(best, left[:_AT_ONCE], left, iou, iou_across)
        alive = np.ones(len(left), np.bool_)
        for at, row in enumerate(rows):
            if alive[at]:
                kept.append(row)
                alive[at + 1 :] &= stays[at, at + 1 :]
        left = left[len(rows) :][alive[len(rows) :]]
    return best[np.array(kept, np.intp)]


def _beats(boxes: Boxes, rows: Rows, later: Rows, iou: float, iou_across: float) -> NDArray[np.bool_]:
    """(rows, later) whether the first box makes the second one go."""
    first, second = boxes.xyxy[rows], boxes.xyxy[later]
    same = boxes.class_id[rows][:, None] == boxes.class_id[later][None]
    return np.asarray(overlap(first, second) > np.where(same, iou, iou_across))
