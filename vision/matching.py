"""Which detection found which animal, and the average precision that follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float
from vision.suppression import overlap
from vision.truth import Truth

_LEAST_IOU = 0.5


def hits(boxes: Boxes, truth: Truth, width: int, height: int) -> NDArray[np.bool_]:
    """(N,) whether each of `boxes`, best first, found an animal of its class that no better box had found.

    Boxes match boxes from an overlap of 0.5 on; a point is found by a box around it.
    """
    if not len(boxes) or not truth.count:
        return np.zeros(len(boxes), np.bool_)
    fit = _fit(boxes, truth, width, height)
    fit[boxes.class_id[:, None] != truth.class_id[None]] = 0
    found = np.zeros(len(boxes), np.bool_)
    for row in range(len(boxes)):
        best = int(fit[row].argmax())
        if fit[row, best] > 0:
            found[row] = True
            fit[:, best] = 0
    return found


def average_precision_by_class(
    scores: Sequence[Float],
    found: Sequence[NDArray[np.bool_]],
    kinds: Sequence[NDArray[np.int64]],
    totals: dict[int, int],
) -> float | None:
    """Mean of the average precision of each class that is there to be found; None when there is none.

    kinds: the class of each box. totals: animals by class. Boxes of a class that no picture holds are not asked about.
    """
    each = [
        average_precision(
            [s[k == kind] for s, k in zip(scores, kinds, strict=True)],
            [f[k == kind] for f, k in zip(found, kinds, strict=True)],
            total,
        )
        for kind, total in sorted(totals.items())
    ]
    known = [value for value in each if value is not None]
    return sum(known) / len(known) if known else None


def average_precision(scores: Sequence[Float], found: Sequence[NDArray[np.bool_]], total: int) -> float | None:
    """Area under the precision-recall curve over all pictures; None when there is nothing to find."""
    if total == 0:
        return None
    order = np.argsort(-np.concatenate([*scores, np.zeros(0, np.float32)]), kind="stable")
    right = np.concatenate([*found, np.zeros(0, np.bool_)])[order]
    if not len(right):
        return 0.0
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * right).sum() / total)


def _fit(boxes: Boxes, truth: Truth, width: int, height: int) -> Float:
    """(N,M) how well each box fits each animal; 0 = not at all."""
    scale = np.array([width, height] * 2, np.float32)
    if truth.xyxy is not None:
        iou = overlap(boxes.xyxy, truth.xyxy * scale)
        return np.where(iou >= _LEAST_IOU, iou, 0)
    points = np.zeros((0, 2), np.float32) if truth.points is None else truth.points * scale[:2]
    inside = (points[None] >= boxes.xyxy[:, None, :2]) & (points[None] <= boxes.xyxy[:, None, 2:])
    distance = np.linalg.norm(boxes.centres[:, None] - points[None], axis=2)
    return np.asarray(inside.all(axis=2) / (1 + distance), np.float32)
