"""What comes out of a YOLO-family network, read as boxes in its own pixels."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import CLASSES, LABELS, Boxes, Float
from vision.errors import VisionError

_COCO_ROWS = 4 + 80  # networks for the public COCO classes often come without names
_COCO = {0: "person", 18: "sheep", 19: "cow"}
OTHER_NAMES = {"cow": "cattle"}  # what other label sets call ours
_LISTED_COLUMNS = 6  # left, top, right, bottom, score, class
_LONGEST_NAMES = 100_000  # characters; a damaged file must not be parsed for minutes


@dataclass(frozen=True, slots=True)
class Head:
    """How one network's output is laid out.

    columns: for each of `LABELS` the network's class of that name, or -1. classes: how many the network knows.
    model: its name, for messages.
    """

    columns: NDArray[np.intp]
    classes: int
    model: str

    @classmethod
    def of(cls, names: str, shape: Sequence[int | None], model: str) -> Head:
        """From the class names in a network's metadata and the shape of its output, None where that is free.

        Raises VisionError when the network was made for something else, or its names and output do not fit.
        """
        known = _parsed(names, shape, model)
        rows = {OTHER_NAMES.get(name, name): row for row, name in known.items()}
        columns = np.array([rows.get(name, -1) for name in LABELS], np.intp)
        if (columns[: len(CLASSES)] < 0).all():
            raise VisionError(f"{model} knows none of {', '.join(CLASSES)}: it was trained for something else")
        classes = _COCO_ROWS - 4 if known is _COCO else max(known) + 1
        head = cls(columns, classes, model)
        if len(shape) != 3:
            raise VisionError(f"{model} has an output of {len(shape)} dimensions, not 3: {_EXPORT}")
        head.check(shape[1], shape[2])
        return head

    def check(self, rows: int | None, columns: int | None) -> None:
        """VisionError when an output of this size cannot come from a head for so many classes."""
        fits_columns = rows in {None, 4 + self.classes}
        if not fits_columns and columns not in {None, _LISTED_COLUMNS}:
            raise VisionError(
                f"{self.model} gives {rows} x {columns} numbers, which does not fit its {self.classes} class names "
                f"(4 + {self.classes} rows, or {_LISTED_COLUMNS} columns): {_EXPORT}"
            )

    def read(self, output: Float, floor: float) -> Boxes:
        """Boxes from the output for one picture, at or above `floor`, in any order.

        VisionError when it does not fit the network's classes, or is not numbers.
        """
        self.check(*output.shape)
        if len(output) == 4 + self.classes:
            return read_output(output, self.columns, floor)
        return read_list(output, self.columns, floor)


_EXPORT = "it is a model of another kind or version. Export it again with `python -m vision export`"


def read_output(output: Float, columns: NDArray[np.intp], floor: float) -> Boxes:
    """Boxes in network pixels from a YOLO head's (4 + classes, N) output.

    columns: for each of our labels the row of its scores among the network's classes, or -1.
    """
    known = np.flatnonzero(columns >= 0)
    scores = output[4 + columns[known]]
    best = scores.max(axis=0)
    _must_be_numbers(best)
    keep = np.flatnonzero(best >= floor)  # few of thousands: all that follows is done for these alone
    label = known[scores[:, keep].argmax(axis=0)]
    centre, half = output[:2, keep].T, np.maximum(output[2:4, keep].T, 0) / 2
    xyxy = np.concatenate([centre - half, centre + half], axis=1)
    return Boxes(xyxy, np.clip(best[keep], 0, 1), label)


def read_list(output: Float, columns: NDArray[np.intp], floor: float) -> Boxes:
    """Boxes in network pixels from the (N, 6) list of a network that has already chosen: corners, score, class."""
    score = output[:, 4]
    _must_be_numbers(score)
    found = output[score >= floor]
    theirs = found[:, 5:6].astype(np.intp)
    ours = theirs == np.where(columns >= 0, columns, -2)
    mine = ours.any(axis=1)
    corners = found[mine, :4]
    xyxy = np.concatenate(
        [np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])], axis=1
    )
    return Boxes(xyxy, np.clip(found[mine, 4], 0, 1), ours[mine].argmax(axis=1))


def _must_be_numbers(score: Float) -> None:
    if not np.isfinite(score).all():
        raise VisionError("the network's scores are not numbers: its file is damaged, or its precision too small")


def _parsed(names: str, shape: Sequence[int | None], model: str) -> Mapping[int, str]:
    if not names and len(shape) == 3 and shape[1] == _COCO_ROWS:
        return _COCO
    try:
        known = ast.literal_eval(names[:_LONGEST_NAMES])
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise VisionError(f"{model} does not name its classes: export it with `python -m vision export`") from error
    good = (
        isinstance(known, dict) and known and all(isinstance(k, int) and isinstance(v, str) for k, v in known.items())
    )
    if not good or min(known) < 0:
        raise VisionError(f"{model} does not name its classes by number: export it with `python -m vision export`")
    return dict(known)
