"""Letters on pictures and charts: OpenCV's own sans-serif face, with Latin and Chinese letters and no font file."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import cv2

from vision.detector import Image

Colour = tuple[int, int, int]
Anchor = Literal["left", "middle", "right"]
REGULAR, BOLD = 400, 600


@cache
def _face() -> Any:
    return cv2.FontFace("sans")


def write(
    image: Image,
    text: str,
    place: tuple[float, float],
    size: int,
    colour: Colour,
    *,
    weight: int = REGULAR,
    anchor: Anchor = "left",
) -> None:
    """Write `text` into `image` with its base line at `place`, `size` pixels tall."""
    back = {"left": 0.0, "middle": 0.5, "right": 1.0}[anchor] * wide(text, size, weight)
    at = (round(place[0] - back), round(place[1]))
    cv2.putText(image, text, at, colour, _face(), size, weight)


def wide(text: str, size: int, weight: int = REGULAR) -> int:
    """How many pixels `text` needs."""
    return int(cv2.getTextSize((8192, 8192), text, (0, 0), _face(), size, weight)[2]) if text else 0


def cut(text: str, size: int, room: float, weight: int = REGULAR) -> str:
    """`text`, or its beginning and an ellipsis where it needs more than `room` pixels."""
    if wide(text, size, weight) <= room:
        return text
    while text and wide(text + "…", size, weight) > room:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""
