"""Small labelled sets on disk in the YOLO layout, for the tests of this folder."""

from pathlib import Path

import numpy as np

from tests.unit.vision.builders import jpeg
from vision.detector import Image


def noise(seed: int, width: int = 96, height: int = 64) -> Image:
    """A picture with structure, another for every seed."""
    coarse = np.random.default_rng(seed).integers(30, 225, (height // 8, width // 8, 3), dtype=np.uint8)
    return np.asarray(coarse.repeat(8, axis=0).repeat(8, axis=1), np.uint8)


def add_picture(
    folder: Path, split: str, name: str, image: Image, rows: str | None = "0 0.5 0.5 0.25 0.25\n", points: str = ""
) -> Path:
    """One picture with its label file (None: without one), and a point file where points are given."""
    for kind, file, data in (
        ("images", f"{name}.jpg", jpeg(image)),
        ("labels", f"{name}.txt", rows.encode() if rows is not None else None),
        ("points", f"{name}.txt", points.encode() or None),
    ):
        if data is not None:
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
            (folder / kind / split / file).write_bytes(data)
    return folder / "images" / split / f"{name}.jpg"
