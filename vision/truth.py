"""Labelled pictures: `<set>/images/<split>` with `labels/<split>`, and `points/<split>` where heads are points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vision.detector import CLASSES, Float
from vision.errors import VisionError
from vision.picture import ENDINGS


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is really in one picture, in shares of its width and height.

    xyxy: (N,4) boxes, None where heads are points. points: (N,2), None where heads are boxes. class_id: (N,).
    """

    path: Path
    xyxy: Float | None
    points: Float | None
    class_id: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.class_id)


def find_sets(data: Path, split: str) -> dict[str, Path]:
    """The labelled sets below `data`, or `data` itself. Raises VisionError when there is none."""
    if (data / "images" / split).is_dir():
        return {data.resolve().name: data}
    found = {path.parent.parent.name: path.parent.parent for path in sorted(data.glob(f"*/images/{split}"))}
    if not found:
        raise VisionError(f"no labelled pictures in {data}: it should hold <set>/images/{split} and labels/{split}")
    return found


def read_set(folder: Path, split: str) -> list[Truth]:
    """The truths of one set, in name order; a picture without a label file is empty of animals."""
    pictures = sorted(p for p in (folder / "images" / split).iterdir() if p.suffix.lower() in ENDINGS)
    if (folder / "points").is_dir():
        return [_points(picture, folder / "points" / split / f"{picture.stem}.txt") for picture in pictures]
    return [_boxes(picture, folder / "labels" / split / f"{picture.stem}.txt") for picture in pictures]


def _boxes(picture: Path, label: Path) -> Truth:
    rows = _numbers(label, 5)
    rows = rows[rows[:, 0] < len(CLASSES)]  # goats and horses are not ours to count
    centre, half = rows[:, 1:3], rows[:, 3:5] / 2
    return Truth(picture, np.concatenate([centre - half, centre + half], axis=1), None, rows[:, 0].astype(np.int64))


def _points(picture: Path, label: Path) -> Truth:
    points = _numbers(label, 2)
    return Truth(picture, None, points, np.zeros(len(points), np.int64))


def _numbers(path: Path, columns: int) -> Float:
    if not path.is_file():
        return np.zeros((0, columns), np.float32)
    try:
        rows = [[float(value) for value in line.split()[:columns]] for line in path.read_text().splitlines() if line]
        return np.array(rows, np.float32).reshape(-1, columns)
    except ValueError as error:
        raise VisionError(f"{path}: each line should hold {columns} numbers ({error})") from error
