"""Labels for people, who are in the pictures and in nobody's labels: found by a network that knows them.

People are never counted. The counter learns them so that evidence can be kept with people made unrecognisable.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from vision.detector import LABELS, PERSON, Boxes, Float, Image
from vision.letterbox import Letterbox
from vision.suppression import overlap, suppress
from vision.training.labelled import Labelled, pixels_of

_COCO_PERSON_ROW = 4  # after the four numbers of the box
_SURE = 0.35
_SAME_BODY = 0.45  # a "person" who fills an animal's box is that animal

FindPeople = Callable[[Image], Float]


def coco_people(weights: Path) -> FindPeople:
    """A finder of people, (N,4) pixels, from a network with the public COCO classes and a fixed input size."""
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    tensor = session.get_inputs()[0]

    def find(image: Image) -> Float:
        fit = Letterbox.fit(image.shape[1], image.shape[0], int(tensor.shape[2]), square=True)
        output = session.run(None, {tensor.name: fit.tensor(image)})[0][0]
        score = output[_COCO_PERSON_ROW]
        keep = (score >= _SURE) & (output[4:].argmax(axis=0) == 0)
        middle, half = output[:2, keep].T, output[2:4, keep].T / 2
        xyxy = np.concatenate([middle - half, middle + half], axis=1)
        boxes = Boxes(fit.back(xyxy), np.clip(score[keep], 0, 1), np.full(int(keep.sum()), LABELS.index(PERSON)))
        return suppress(boxes, 0.5).xyxy

    return find


def with_people(labelled: Labelled, find: FindPeople) -> Labelled:
    """The same picture with rows for the people whom `find` sees, where no animal is labelled."""
    image = pixels_of(labelled)
    scale = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
    people = np.clip(find(image) / scale, 0, 1)
    animals = _corners(labelled.rows)
    if len(animals) and len(people):
        people = people[overlap(people, animals).max(axis=1) < _SAME_BODY]
    if not len(people):
        return labelled
    middle, extent = (people[:, :2] + people[:, 2:]) / 2, people[:, 2:] - people[:, :2]
    rows = np.concatenate([np.full((len(people), 1), LABELS.index(PERSON)), middle, extent], axis=1)
    return labelled.with_rows(np.concatenate([labelled.rows, rows]))


def _corners(rows: NDArray[np.float64]) -> Float:
    return np.asarray(
        np.concatenate([rows[:, 1:3] - rows[:, 3:5] / 2, rows[:, 1:3] + rows[:, 3:5] / 2], axis=1), np.float32
    )
