"""Has the camera moved? The picture is cut into twelve parts and each says by itself where it went."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.glance import Grey

ROWS, COLUMNS = 3, 4
_SURE = 0.06  # response below which a part says nothing
_CLOSE = 1.0  # pixels of the outline


@dataclass(frozen=True, slots=True)
class Shift:
    """Shift of the view in pixels of the outline; how many parts agree with it, with no shift, and had a say.

    Animals, burned-in clocks and the black rim of a fisheye are outvoted as long as they fill fewer parts.
    """

    pixels: float
    agree: int
    at_rest: int
    voters: int


def shift_between(before: Grey, now: Grey) -> Shift:
    """Compare two outlines of one size."""
    moves, sure, structured = _moves(before, now)
    rest = int((sure & (np.hypot(moves[:, 0], moves[:, 1]) < _CLOSE)).sum())
    loyal = [int((sure & (np.hypot(*(moves - move).T) < _CLOSE)).sum()) if ok else 0
             for move, ok in zip(moves, sure, strict=True)]  # fmt: skip
    best = int(np.argmax(loyal))
    family = sure & (np.hypot(*(moves - moves[best]).T) < _CLOSE)
    middle = np.median(moves[family], axis=0) if family.any() else np.zeros(2)
    return Shift(float(np.hypot(*middle)), loyal[best], rest, int(structured.sum()))


def _moves(before: Grey, now: Grey) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    rows, columns = before.shape[0] // ROWS, before.shape[1] // COLUMNS
    window = cv2.createHanningWindow((columns, rows), cv2.CV_32F)
    moves, response, strength = [], [], []
    for row in range(ROWS):
        for column in range(COLUMNS):
            part = np.s_[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns]
            a, b = np.ascontiguousarray(before[part]), np.ascontiguousarray(now[part])
            move, sure = cv2.phaseCorrelate(a, b, window)
            moves.append(move)
            response.append(sure)
            strength.append(float(a.std()))
    structured = np.array(strength) > 0.2
    return np.array(moves, np.float64), (np.array(response) > _SURE) & structured, structured
