"""Labelled pictures as a data sheet reads them: every class that stands in the labels, also those nobody counts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import LABELS, Float
from vision.errors import VisionError
from vision.picture import Picture, read_picture
from vision.truth import pictures_in, read_truth, scenes_of

THUMB = 32  # pixels a side, of what pictures are compared by
_NAME = re.compile(r"^\s*(\d+)\s*:\s*['\"]?([^'\"#]+?)['\"]?\s*(?:#.*)?$")
_LIST = re.compile(r"^names\s*:\s*\[(.*)\]\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One labelled picture. boxes: (N,5) class, middle x, middle y, width, height in shares. thumb: (32,32) grey."""

    set: str
    split: str
    path: Path
    sha256: str
    labels_sha256: str
    width: int
    height: int
    head: int
    scene: str
    labelled: bool
    boxes: Float
    thumb: NDArray[np.float32]


def read_samples(folder: Path, split: str) -> tuple[list[Sample], list[str]]:
    """The pictures of one set, and what is wrong with those that cannot be read: one line each."""
    scenes = scenes_of(folder)
    samples, broken = [], []
    for path in pictures_in(folder, split):
        try:
            samples.append(_sample(folder, split, path, scenes))
        except VisionError as error:
            broken.append(f"{split}/{path.name}: {error}")
    return samples, broken


def class_names(folder: Path) -> dict[int, str]:
    """The set's class names from its data.yaml, in either way of writing them; ours where it has none."""
    path = folder / "data.yaml"
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    named = {int(found.group(1)): found.group(2).strip() for line in lines if (found := _NAME.match(line))}
    listed = next((found.group(1) for line in lines if (found := _LIST.match(line))), None)
    if listed is not None:
        named = {row: name.strip(" '\"") for row, name in enumerate(listed.split(","))}
    return named or dict(enumerate(LABELS))


def _sample(folder: Path, split: str, path: Path, scenes: dict[str, str]) -> Sample:
    picture = read_picture(path)
    truth = read_truth(folder, split, path, scenes)
    files = [_label(folder, kind, split, path) for kind in ("labels", "points")]
    written = hashlib.sha256(b"\n--\n".join(file.read_bytes() if file.is_file() else b"" for file in files))
    height, width = picture.image.shape[:2]
    boxes = _boxes(files[0])
    return Sample(
        folder.resolve().name,
        split,
        path,
        picture.sha256,
        written.hexdigest(),
        width,
        height,
        truth.count,
        truth.scene,
        truth.labelled,
        boxes,
        _thumb(picture),
    )


def _label(folder: Path, kind: str, split: str, picture: Path) -> Path:
    inner = picture.relative_to(folder / "images" / split)
    return folder / kind / split / inner.with_name(f"{picture.stem}.txt")


def _boxes(label: Path) -> Float:
    """(N,5); outlines and other longer rows are left out here, `read_truth` has already refused broken ones."""
    lines = [line.split() for line in label.read_text().splitlines()] if label.is_file() else []
    rows = [[float(value) for value in line] for line in lines if len(line) == 5]
    return np.array(rows, np.float32).reshape(-1, 5)


def _thumb(picture: Picture) -> NDArray[np.float32]:
    small = cv2.resize(picture.image, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)
