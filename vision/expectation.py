"""From boxes to head: the calibrated expected number of animals, or the boxes above a score where none was fitted."""

from __future__ import annotations

import numpy as np

from vision.detector import Boxes, Float
from vision.manifest import SceneTrust


def expected_head(score: Float, trust: SceneTrust) -> float:
    """Head among boxes of these scores. Each box adds its chance; `factor` makes up for animals without a box.

    A herd of unsure boxes is some animals, though none of them is above a threshold; adding chances counts them, and
    does not jump when scores slide past a limit.
    """
    if trust.chance is None:
        return float((score >= trust.score).sum())
    return trust.factor * trust.chance.expected(score)


def head(score: Float, trust: SceneTrust) -> int:
    """The same in whole head."""
    return round(expected_head(score, trust))


def counted_boxes(boxes: Boxes, trust: SceneTrust) -> tuple[int, Boxes]:
    """Whole head, and the boxes that stand for them: the surest, as many as were counted, or all there are."""
    best = head(boxes.score, trust)
    return best, boxes[np.argsort(-boxes.score, kind="stable")[:best]]
