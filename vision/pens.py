"""One camera's view divided: named pens, each perhaps for one species, and zones that are not the borrower's.

A file per camera, TOML or JSON of the same shape:

    camera = "barn-3"

    [[region]]
    name = "pen 3"
    species = "pig"
    corners = [[0, 0.2], [0.5, 0.2], [0.5, 1], [0, 1]]

    [[excluded]]
    name = "neighbour"
    corners = "0.5,0 1,0 1,0.3"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vision.detector import CLASSES, Boxes
from vision.errors import VisionError
from vision.region import Region

_PARTS = {"camera", "region", "excluded"}
_KEYS = {"region": {"name", "species", "corners"}, "excluded": {"name", "corners"}}


@dataclass(frozen=True, slots=True)
class Pen:
    """A named part of the view; species None: all animals in it count."""

    name: str
    region: Region
    species: str | None = None


@dataclass(frozen=True, slots=True)
class Pens:
    """The pens of one camera, and the zones in which nothing counts. Without pens, all the rest is one.

    An animal belongs to the first pen that holds its middle and counts its species, so that the pens' figures add up.
    """

    camera: str
    pens: tuple[Pen, ...] = ()
    excluded: tuple[Pen, ...] = ()

    def inside(self, boxes: Boxes, width: int, height: int) -> Boxes:
        """The boxes that count in any pen."""
        return boxes[self._owner(boxes, width, height) >= 0]

    def by_pen(self, boxes: Boxes, width: int, height: int) -> dict[str, Boxes]:
        """The boxes of each pen, pens without animals among them."""
        owner = self._owner(boxes, width, height)
        return {pen.name: boxes[owner == row] for row, pen in enumerate(self._pens)}

    @property
    def _pens(self) -> tuple[Pen, ...]:
        return self.pens or (Pen("all", Region(((0, 0), (1, 0), (1, 1), (0, 1)))),)

    def _owner(self, boxes: Boxes, width: int, height: int) -> NDArray[np.int64]:
        """(N,) the row of the pen that each box belongs to, -1 for none."""
        middles = np.asarray(boxes.centres / np.array([width, height]), np.float64)
        middles = np.clip(middles, 0, 1 - 1e-9)  # the far edges belong to the picture as well
        owner = np.full(len(boxes), -1, np.int64)
        for row, pen in reversed(list(enumerate(self._pens))):
            holds = pen.region.contains(middles)
            if pen.species is not None:
                holds &= boxes.class_id == CLASSES.index(pen.species)
            owner[holds] = row
        for zone in self.excluded:
            owner[zone.region.contains(middles)] = -1
        return owner


def read_pens(path: Path) -> Pens:
    """The pens in a .toml or .json file. VisionError names the file, the part and what to write instead."""
    document = _document(path)
    strange = sorted(document.keys() - _PARTS)
    if strange:
        raise VisionError(f"{path}: {', '.join(strange)} is not known here; write camera, [[region]] and [[excluded]]")
    pens, excluded = (tuple(_pens(document, part, path)) for part in ("region", "excluded"))
    if not pens and not excluded:
        raise VisionError(f"{path} names no [[region]] and no [[excluded]] zone: leave --regions out, or add one")
    names = [pen.name for pen in (*pens, *excluded)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise VisionError(f"{path}: {', '.join(twice)} is there twice; every region needs a name of its own")
    return Pens(str(document.get("camera", path.stem)), pens, excluded)


def _document(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VisionError(f"cannot read the regions in {path} ({error.strerror})") from error
    try:
        text = tomllib.loads(data.decode()) if path.suffix.lower() == ".toml" else msgspec.json.decode(data)
    except (ValueError, msgspec.DecodeError) as error:
        raise VisionError(f"{path} is neither TOML (.toml) nor JSON ({error})") from error
    if not isinstance(text, dict):
        raise VisionError(f"{path} should hold camera, region and excluded, not a {type(text).__name__}")
    return text


def _pens(document: dict[str, Any], part: str, path: Path) -> list[Pen]:
    rows = document.get(part, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise VisionError(f"{path}: {part} should be a list; in TOML each starts with [[{part}]]")
    return [_pen(row, part, f"{path}: {part} {number}") for number, row in enumerate(rows, start=1)]


def _pen(row: dict[str, Any], part: str, where: str) -> Pen:
    strange = sorted(row.keys() - _KEYS[part])
    if strange:
        raise VisionError(f"{where} says {', '.join(strange)}; it can say {', '.join(sorted(_KEYS[part]))}")
    name, species = row.get("name"), row.get("species")
    if not isinstance(name, str) or not name.strip():
        raise VisionError(f'{where} needs a name, such as name = "pen 3"')
    if species is not None and species not in CLASSES:
        raise VisionError(f"{where} ({name}): species {species!r} is not one of {', '.join(CLASSES)}")
    return Pen(name, _region(row.get("corners"), f"{where} ({name})"), species)


def _region(corners: object, where: str) -> Region:
    try:
        if isinstance(corners, str):
            return Region.parse(corners)
        pairs = msgspec.convert(corners, list[tuple[float, float]])
        return Region(tuple(pairs))
    except (VisionError, msgspec.ValidationError) as error:
        raise VisionError(f"{where}: {error}; write corners = [[0, 0.2], [1, 0.2], [1, 1], [0, 1]]") from error
