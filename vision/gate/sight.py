"""`Sight`: the boxes of one frame and its time, the currency of everything about the gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes
from vision.suppression import inside, overlap

Float = NDArray[np.float64]
Whole = NDArray[np.int64]
NO_CLASS = -1


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """frame: its number. t: seconds. xyxy: (N,4) pixels. score: (N,) 0..1. kind: (N,) any class number, -1 unknown."""

    frame: int
    t: float
    xyxy: Float
    score: Float
    kind: Whole

    @classmethod
    def of(cls, frame: int, t: float, boxes: Boxes) -> Sight:
        """What a detector saw in one frame; people do not pass gates."""
        seen = boxes.animals
        return cls(frame, t, seen.xyxy.astype(np.float64), seen.score.astype(np.float64), seen.class_id.copy())

    def __len__(self) -> int:
        return len(self.score)

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Sight:
        """The boxes that a mask or row numbers choose."""
        return Sight(self.frame, self.t, self.xyxy[rows], self.score[rows], self.kind[rows])

    def one_each(self, iou: float = 0.65, part: float = 0.9, small: float = 0.8) -> Sight:
        """Without second boxes on one animal: near twins, and small boxes that lie within a better one."""
        if len(self) < 2:
            return self
        best = self.only(np.argsort(-self.score, kind="stable"))
        xyxy = best.xyxy.astype(np.float32)
        extent = np.prod(best.xyxy[:, 2:] - best.xyxy[:, :2], axis=1)
        beats = overlap(xyxy, xyxy) > iou
        beats |= (inside(xyxy, xyxy) > part) & (extent[None] < small * extent[:, None])
        return best if not np.triu(beats, 1).any() else best.only(_standing(beats))


def _standing(beats: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Best first; whoever is beaten by somebody still standing goes."""
    standing = np.ones(len(beats), np.bool_)
    for row in range(len(beats)):
        if standing[row]:
            standing[row + 1 :] &= ~beats[row, row + 1 :]
    return standing
