"""Labelled pictures as training knows them: the YOLO layout, read and written."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import CLASSES, Image
from vision.errors import VisionError
from vision.picture import ENDINGS, read_picture

_COLUMNS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One picture with its boxes. rows: (N,5) float64 class, middle x, middle y, width, height in shares."""

    path: Path
    rows: NDArray[np.float64]
    scene: str = ""

    def with_rows(self, rows: NDArray[np.float64]) -> Labelled:
        """The same picture, labelled otherwise."""
        return replace(self, rows=rows)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A picture that training made of others: pixels, (H,W,3) BGR uint8, and boxes as in `Labelled`."""

    name: str
    image: Image
    rows: NDArray[np.float64]


def read_labelled(folder: Path, split: str = "train") -> list[Labelled]:
    """The pictures of one set in name order; classes that nobody counts are dropped. VisionError for an empty set."""
    pictures = sorted(p for p in (folder / "images" / split).glob("*") if p.suffix.lower() in ENDINGS)
    if not pictures:
        raise VisionError(f"no pictures in {folder / 'images' / split}: pass the folder of sets to --data")
    scenes = _scenes(folder / "index.csv")
    return [
        Labelled(picture, read_rows(folder / "labels" / split / f"{picture.stem}.txt"), scenes.get(picture.stem, ""))
        for picture in pictures
    ]


def read_rows(path: Path) -> NDArray[np.float64]:
    """The rows of one label file, none when it is missing. Raises VisionError for a line that is not five numbers."""
    if not path.is_file():
        return np.zeros((0, _COLUMNS))
    lines = [line.split()[:_COLUMNS] for line in path.read_text().splitlines() if line.strip()]
    try:
        rows = np.array(lines, np.float64).reshape(-1, _COLUMNS)
    except ValueError as error:
        raise VisionError(f"{path}: each line should hold class, x, y, width, height ({error})") from error
    return np.asarray(rows[rows[:, 0] < len(CLASSES)])


def link_picture(labelled: Labelled, out: Path, name: str) -> Path:
    """Put the picture under `out` by a link, with its labels beside it; returns where it lies."""
    target = _image_path(out, name, labelled.path.suffix.lower())
    target.unlink(missing_ok=True)
    target.symlink_to(labelled.path.absolute())
    _write_rows(out, name, labelled.rows)
    return target


def write_made(made: Made, out: Path) -> Path:
    """Write a made picture and its labels under `out`; returns where it lies."""
    target = _image_path(out, made.name, ".jpg")
    cv2.imwrite(str(target), made.image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    _write_rows(out, made.name, made.rows)
    return target


def pixels_of(labelled: Labelled) -> Image:
    """The decoded picture."""
    return read_picture(labelled.path).image


def _image_path(out: Path, name: str, suffix: str) -> Path:
    folder = out / "images" / "train"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}{suffix}"


def _write_rows(out: Path, name: str, rows: NDArray[np.float64]) -> None:
    folder = out / "labels" / "train"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"{int(row[0])} " + " ".join(f"{value:.6f}" for value in row[1:]) + "\n" for row in rows)
    (folder / f"{name}.txt").write_text("".join(lines))


def _scenes(index: Path) -> dict[str, str]:
    """Picture name to kind of scene, where the set keeps an index."""
    if not index.is_file():
        return {}
    with index.open(newline="") as lines:
        return {row["name"]: row["scene"] for row in csv.DictReader(lines)}
