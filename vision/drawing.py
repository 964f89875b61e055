"""A counted picture for people: boxes and a banner with the figure, its interval and where it came from."""

from __future__ import annotations

import cv2
import numpy as np

from vision.counting import PictureCount
from vision.detector import CLASSES, Image

_COLOURS = {"cattle": (80, 200, 60), "sheep": (220, 160, 40), "pig": (150, 90, 230)}  # BGR
_BANNER = (40, 34, 28)


def draw_count(image: Image, counted: PictureCount) -> Image:
    """A copy of `image`, (H,W,3) BGR uint8, with what was counted drawn on it."""
    picture = image.copy()
    scale = max(image.shape[:2]) / 960
    thick = max(1, round(1.5 * scale))
    for (x1, y1, x2, y2), class_id in zip(counted.boxes.xyxy.round(), counted.boxes.class_id, strict=True):
        colour = _COLOURS[CLASSES[class_id]]
        cv2.rectangle(picture, (int(x1), int(y1)), (int(x2), int(y2)), colour, thick, cv2.LINE_AA)
    return _banner(picture, caption(counted), scale)


def caption(counted: PictureCount) -> str:
    """One line: "70 head (66-74), cattle 70, herd-1, 48 ms", or why it is unknown."""
    made = f"{counted.model_version}, {counted.took_ms:.0f} ms"
    if counted.count is None:
        return f"unknown: {counted.unknown_because}, {made}"
    count = counted.count
    kinds = ", ".join(f"{name} {head}" for name, head in counted.boxes.by_class().items())
    return f"{count.best} head ({count.low}-{count.high}){', ' + kinds if kinds else ''}, {made}"


def _banner(picture: Image, text: str, scale: float) -> Image:
    tall = round(30 * scale)
    strip = picture[:tall].astype(np.float32) * 0.25 + np.array(_BANNER, np.float32) * 0.75
    picture[:tall] = strip.astype(np.uint8)
    place = (round(10 * scale), round(21 * scale))
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(scale))
    cv2.putText(picture, text, place, font, 0.6 * scale, (240, 240, 240), thick, cv2.LINE_AA)
    return picture
