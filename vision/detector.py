"""What a detector is, and `Boxes`, the one currency between detecting, counting and drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.errors import VisionError

CLASSES = ("cattle", "sheep", "pig")
PERSON = "person"  # found so that people can be made unrecognisable in evidence; never counted
LABELS = (*CLASSES, PERSON)
Image = NDArray[np.uint8]
Float = NDArray[np.float32]
Index = slice | NDArray[np.bool_] | NDArray[np.intp] | Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of one picture, one row each, in columns that cannot be written to.

    xyxy: (N,4) float32, left, top, right, bottom in pixels of the picture, right >= left, bottom >= top.
    score: (N,) float32 in 0..1. class_id: (N,) int64, an index into `LABELS`.
    Raises VisionError when the columns do not fit together.
    """

    xyxy: Float
    score: Float
    class_id: NDArray[np.int64]

    def __post_init__(self) -> None:
        xyxy = np.array(self.xyxy, np.float32).reshape(-1, 4)
        score = np.array(self.score, np.float32).reshape(-1)
        class_id = np.array(self.class_id, np.int64).reshape(-1)
        if not len(xyxy) == len(score) == len(class_id):
            raise VisionError(f"{len(xyxy)} boxes, {len(score)} scores, {len(class_id)} classes: give one each")
        if not (np.isfinite(xyxy).all() and (xyxy[:, 2:] >= xyxy[:, :2]).all()):
            raise VisionError("a box must be finite and read left, top, right, bottom")
        if not ((score >= 0) & (score <= 1)).all():
            raise VisionError("scores must lie between 0 and 1")
        if not ((class_id >= 0) & (class_id < len(LABELS))).all():
            raise VisionError(f"class ids must index {', '.join(LABELS)}")
        for name, column in (("xyxy", xyxy), ("score", score), ("class_id", class_id)):
            column.flags.writeable = False
            object.__setattr__(self, name, column)

    @classmethod
    def empty(cls) -> Boxes:
        """No boxes."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, index: Index) -> Boxes:
        """The rows that a slice, a boolean mask or row numbers choose."""
        rows: Index = index if isinstance(index, slice) else np.asarray(index)
        if not isinstance(rows, slice) and len(rows) == 0:
            return Boxes.empty()
        return Boxes(self.xyxy[rows], self.score[rows], self.class_id[rows])

    @property
    def centres(self) -> Float:
        """(N,2) middle of each box, pixels."""
        return np.asarray((self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2, np.float32)

    def at_least(self, score: float) -> Boxes:
        """The boxes with this score or more."""
        return self[self.score >= score]

    @property
    def animals(self) -> Boxes:
        """The boxes that can count; people are left out."""
        return self[self.class_id < len(CLASSES)]

    @property
    def people(self) -> Boxes:
        """The boxes around people."""
        return self[self.class_id >= len(CLASSES)]

    def of_class(self, name: str) -> Boxes:
        """The boxes of one species; VisionError when there is no such species."""
        if name not in CLASSES:
            raise VisionError(f"species {name!r} is not one of {', '.join(CLASSES)}")
        return self[self.class_id == CLASSES.index(name)]

    def by_class(self) -> dict[str, int]:
        """Head per species, species without any left out."""
        counts = np.bincount(self.animals.class_id, minlength=len(CLASSES))
        return {name: int(count) for name, count in zip(CLASSES, counts, strict=True) if count}


class Detector(Protocol):
    """Finds animals in one picture."""

    @property
    def version(self) -> str:
        """Names the model so that a count can be traced to it."""
        ...

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, down to the detector's lowest score, best first; people among them."""
        ...
