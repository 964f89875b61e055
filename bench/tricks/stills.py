"""Real pictures of cameras that hang still, grouped by camera, and those of one film; development apart from test."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vision.camera.glance import Glance, glance_at
from vision.camera.shift import shift_between
from vision.detector import Image

_FIXED = ("corridor", "pen_wide", "fisheye_barn")
_FEWEST = 3
_AT_REST = 6  # twelfths of the view
# thresholds were set by looking at these; what is reported comes from the others
DEVELOPMENT = (
    "corridor-2021-01-15-0",
    "corridor-2021-02-23-0",
    "corridor-2021-02-25-0",
    "corridor-2021-02-25-1",
    "corridor-2021-02-26-0",
    "corridor-2021-03-13-1",
    "fisheye_barn-2021-03-05-0",
    "fisheye_barn-2021-03-05-1",
    "fisheye_barn-2021-03-05-2",
    "fisheye_barn-2021-03-11-0",
    "pen_wide-2020-11-06-0",
    "pen_wide-2020-11-07-1",
    "pen_wide-2020-11-07-2",
    "pig-pen-2022-01-08-0",
)


@dataclass(frozen=True, slots=True)
class Still:
    """One picture and its animals' boxes, shares of the picture: left, top, right, bottom."""

    path: Path
    boxes: tuple[tuple[float, float, float, float], ...]

    longest: int = 1280

    def read(self) -> Image:
        """The pixels, (H,W,3) BGR, made smaller where the longest side is longer than `longest`."""
        whole = np.asarray(cv2.imread(str(self.path), cv2.IMREAD_COLOR), np.uint8)
        share = self.longest / max(whole.shape[:2])
        if share >= 1:
            return whole
        return np.asarray(cv2.resize(whole, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)

    def at_most(self, longest: int) -> Still:
        """The same picture, smaller."""
        return replace(self, longest=longest)


@dataclass(frozen=True, slots=True)
class Place:
    """One camera: pictures with the same view, in order of time."""

    name: str
    stills: tuple[Still, ...]


def places(data: Path) -> list[Place]:
    """All fixed cameras in the shared data, in a fixed order."""
    found: list[Place] = []
    for name, paths in _folders(data).items():
        for number, group in enumerate(_same_view(paths)):
            if len(group) >= _FEWEST:
                found.append(Place(f"{name}-{number}", tuple(Still(path, _boxes(path)) for path in group)))
    return found


def film(data: Path) -> list[Image]:
    """All pictures of the race film, 30 a second, held by hand."""
    capture = cv2.VideoCapture(str(data / "race-gate" / "clips" / "A_race_back_and_forth.mp4"))
    pictures: list[Image] = []
    while True:
        there, image = capture.read()
        if not there:
            capture.release()
            return pictures
        pictures.append(np.asarray(image, np.uint8))


def _folders(data: Path) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    with (data / "pasture-cctv" / "index.csv").open() as rows:
        for row in csv.DictReader(rows):
            for split in ("train", "val"):
                path = data / "pasture-cctv" / "images" / split / f"{row['name']}.jpg"
                if row["scene"] in _FIXED and path.is_file():
                    groups.setdefault(f"{row['scene']}-{row['day']}", []).append(path)
    for split in ("train", "val"):
        for path in sorted((data / "pig-pen" / "images" / split).glob("*.jpg")):
            groups.setdefault(f"pig-pen-{path.name[8:18]}", []).append(path)
    return {name: sorted(paths, key=_time_of) for name, paths in sorted(groups.items())}


def _time_of(path: Path) -> str:
    at = path.name.rfind("161") if path.name.count("161") > 1 else 0  # corridor names end in two times
    return path.name[at:]


def _same_view(paths: list[Path]) -> list[list[Path]]:
    """Greedy: a picture joins the first group whose first picture has its outline in most parts of the view."""
    heads: list[Glance] = []
    groups: list[list[Path]] = []
    for path in paths:
        glance = glance_at(Still(path, ()).read())
        for head, group in zip(heads, groups, strict=True):
            same_size = head.outline.shape == glance.outline.shape
            if same_size and shift_between(head.outline, glance.outline).at_rest >= _AT_REST:
                group.append(path)
                break
        else:
            heads.append(glance)
            groups.append([path])
    return groups


def _boxes(path: Path) -> tuple[tuple[float, float, float, float], ...]:
    label = path.parents[2] / "labels" / path.parent.name / f"{path.stem}.txt"
    rows = [line.split() for line in label.read_text("utf-8").splitlines()] if label.is_file() else []
    centred = [tuple(float(value) for value in row[1:5]) for row in rows if len(row) >= 5]
    return tuple((x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in centred)
