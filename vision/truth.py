"""Labelled pictures: `<set>/images/<split>` with `labels/<split>`, and `points/<split>` where heads are points."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
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
    scene: the kind of scene, "" where the set does not tell. labelled: False where there was no label file at all; such
    a picture is held to be empty, as the layout has it.
    """

    path: Path
    xyxy: Float | None
    points: Float | None
    class_id: NDArray[np.int64]
    scene: str = ""
    labelled: bool = True

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


def pictures_in(folder: Path, split: str) -> list[Path]:
    """The pictures of one set, in name order."""
    return sorted(p for p in (folder / "images" / split).rglob("*") if p.suffix.lower() in ENDINGS)


def read_set(folder: Path, split: str) -> list[Truth]:
    """The truths of one set, in name order. Raises VisionError, naming the file, for the first broken label file."""
    scenes = scenes_of(folder)
    return [read_truth(folder, split, picture, scenes) for picture in pictures_in(folder, split)]


def read_truth(folder: Path, split: str, picture: Path, scenes: dict[str, str]) -> Truth:
    """The truth of one picture. Raises VisionError, naming the file, when its labels cannot be read."""
    label = _beside(folder, "labels", split, picture)
    point = _beside(folder, "points", split, picture)
    truth = _points(picture, point, label) if point.parent.is_dir() else _boxes(picture, label)
    known = (point if point.parent.is_dir() else label).is_file() or label.is_file()
    return replace(truth, scene=scenes.get(picture.stem, ""), labelled=known)


def scenes_of(folder: Path) -> dict[str, str]:
    """Kind of scene by picture name, from the set's `index.csv`; empty where there is none, or none with these columns.

    Raises VisionError when the file cannot be read as text.
    """
    path = folder / "index.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise VisionError(f"{path} is not a table of pictures ({error}): columns name, scene, ...") from error
    named = [(row.get("name") or "", row.get("scene") or "") for row in rows]
    return {_stem(name): scene for name, scene in named if name and scene}


def _stem(name: str) -> str:
    """Names stand in tables with and without their ending."""
    return Path(name).stem if Path(name).suffix.lower() in ENDINGS else Path(name).name


def _beside(folder: Path, kind: str, split: str, picture: Path) -> Path:
    inner = picture.relative_to(folder / "images" / split)
    return folder / kind / split / inner.with_name(f"{picture.stem}.txt")


def _boxes(picture: Path, label: Path) -> Truth:
    rows = _numbers(label, 5, _box_row)
    rows = rows[(rows[:, 0] >= 0) & (rows[:, 0] < len(CLASSES))]  # goats and horses are not ours to count
    centre, half = rows[:, 1:3], rows[:, 3:5] / 2
    return Truth(picture, np.concatenate([centre - half, centre + half], axis=1), None, rows[:, 0].astype(np.int64))


def _points(picture: Path, point: Path, label: Path) -> Truth:
    """Heads as points. A picture that has boxes alone lends their middles; one kind in its boxes names the points'."""
    boxes = _boxes(picture, label)
    if not point.is_file() and boxes.xyxy is not None and label.is_file():
        middles = np.asarray((boxes.xyxy[:, :2] + boxes.xyxy[:, 2:]) / 2, np.float32)
        return Truth(picture, None, middles, boxes.class_id)
    points = _numbers(point, 2)
    kinds = set(boxes.class_id.tolist())
    return Truth(picture, None, points, np.full(len(points), kinds.pop() if len(kinds) == 1 else 0, np.int64))


def _box_row(values: list[float]) -> list[float]:
    """class, centre, size; an outline (class and at least three corners) is taken by the box around it."""
    if len(values) < 7 or len(values) % 2 == 0:
        return values[:5]
    corners = np.array(values[1:]).reshape(-1, 2)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return [values[0], *((low + high) / 2).tolist(), *(high - low).tolist()]


def _numbers(path: Path, columns: int, row_of: Callable[[list[float]], list[float]] = lambda row: row[:2]) -> Float:
    if not path.is_file():
        return np.zeros((0, columns), np.float32)
    try:
        lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
        rows = np.array([row_of([float(value) for value in line]) for line in lines], np.float32)
        rows = rows.reshape(len(lines), columns)
    except (OSError, ValueError) as error:
        raise VisionError(f"{path}: each line should hold {columns} numbers ({error})") from error
    if not np.isfinite(rows).all():
        raise VisionError(f"{path}: each line should hold {columns} finite numbers")
    return rows
