"""Builders of boxes, pictures and frames for the tests of this folder."""

import cv2
import numpy as np
from hypothesis import strategies as st

from vision.detector import Boxes, Image

Row = tuple[tuple[float, float, float, float], float, int]

_side = st.integers(0, 300).map(float)
_extent = st.integers(1, 200).map(float)


def boxes_of(rows: list[Row]) -> Boxes:
    """Boxes from (xyxy, score, class) rows."""
    if not rows:
        return Boxes.empty()
    xyxy, score, kind = zip(*rows, strict=True)
    return Boxes(np.array(xyxy), np.array(score), np.array(kind))


rows_of_boxes = st.lists(
    st.tuples(_side, _side, _extent, _extent, st.floats(0, 1, width=32), st.integers(0, 2)), max_size=25
).map(lambda rows: boxes_of([((x, y, x + w, y + h), score, kind) for x, y, w, h, score, kind in rows]))


def herd(count: int, score: float = 0.9, kind: int = 0) -> Boxes:
    """`count` boxes side by side along the middle of a 320x180 picture."""
    step = 320 / max(count, 1)
    return boxes_of([((i * step, 80, i * step + step * 0.9, 100), score, kind) for i in range(count)])


def sunny_pen(width: int = 320, height: int = 180) -> Image:
    """A picture with structure, as a working camera gives."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(40, 220, (height // 10, width // 10, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def jpeg(image: Image) -> bytes:
    """The JPEG bytes of a picture."""
    return cv2.imencode(".jpg", image)[1].tobytes()
