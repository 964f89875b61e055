"""Copy-paste augmentation: animals of one picture set down in another of the same set, where none stands.

The sets have boxes and no outlines, so a cut-out is the ellipse in its box with a soft edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Float, Image
from vision.suppression import overlap
from vision.training.labelled import Labelled, Made, pixels_of

_LEAST_SIDE = 8  # pixels; a smaller cut-out is noise
_CROWDING = 0.1  # pasted animals overlap others by no more, as intersection over union
_TRIES = 12


@dataclass(slots=True, eq=False)
class _Canvas:
    """A picture while animals are being pasted into it. boxes: (N,4) left, top, right, bottom in pixels."""

    image: Image
    boxes: Float
    class_ids: list[float] = field(default_factory=list)


def paste_animals(into: Labelled, givers: Sequence[Labelled], count: int, name: str, rng: np.random.Generator) -> Made:
    """`into` with up to `count` animals from `givers`, mirrored and scaled by 0.8 to 1.25 at random."""
    image = pixels_of(into).copy()
    canvas = _Canvas(image, _pixels(into.rows, image), list(into.rows[:, 0]))
    giver = givers[int(rng.integers(len(givers)))]
    source = pixels_of(giver)
    boxes = _pixels(giver.rows, source)
    for choice in rng.permutation(len(boxes))[:count]:
        cut = _cut_out(source, boxes[choice], rng)
        if cut is not None:
            _set_down(canvas, cut, float(giver.rows[choice, 0]), rng)
    return Made(name, canvas.image, _shares(canvas))


def _cut_out(source: Image, box: Float, rng: np.random.Generator) -> Image | None:
    left, top, right, bottom = (round(float(value)) for value in box)
    piece = source[max(top, 0) : bottom, max(left, 0) : right]
    scale = float(rng.uniform(0.8, 1.25))
    width, height = round(piece.shape[1] * scale), round(piece.shape[0] * scale)
    if min(width, height, *piece.shape[:2]) < _LEAST_SIDE:
        return None
    resized = np.asarray(cv2.resize(piece, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(resized[:, ::-1]) if rng.random() < 0.5 else resized


def _set_down(canvas: _Canvas, cut: Image, class_id: float, rng: np.random.Generator) -> None:
    """Paste where there is room; after a dozen tries without any the animal is left out."""
    height, width = cut.shape[:2]
    space = canvas.image.shape[1] - width, canvas.image.shape[0] - height
    if min(space) <= 0:
        return
    for _ in range(_TRIES):
        left, top = int(rng.integers(space[0])), int(rng.integers(space[1]))
        box = np.array([[left, top, left + width, top + height]], np.float32)
        if len(canvas.boxes) == 0 or overlap(box, canvas.boxes).max() <= _CROWDING:
            _blend(canvas.image[top : top + height, left : left + width], cut)
            canvas.boxes = np.concatenate([canvas.boxes, box])
            canvas.class_ids.append(class_id)
            return


def _blend(ground: Image, cut: Image) -> None:
    height, width = cut.shape[:2]
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(mask, (width // 2, height // 2), (int(width * 0.47), int(height * 0.47)), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), max(min(width, height) * 0.06, 0.8))[:, :, None]
    ground[:] = (cut * soft + ground * (1 - soft)).astype(np.uint8)


def _pixels(rows: NDArray[np.float64], image: Image) -> Float:
    scale = np.array([image.shape[1], image.shape[0]] * 2, np.float64)
    corners = np.concatenate([rows[:, 1:3] - rows[:, 3:5] / 2, rows[:, 1:3] + rows[:, 3:5] / 2], axis=1)
    return np.asarray(corners * scale, np.float32)


def _shares(canvas: _Canvas) -> NDArray[np.float64]:
    scale = np.array([canvas.image.shape[1], canvas.image.shape[0]] * 2, np.float64)
    boxes = canvas.boxes / scale
    middle, extent = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([np.array(canvas.class_ids)[:, None], middle, extent], axis=1)
