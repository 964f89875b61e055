"""Reading one picture: bytes to pixels, or the reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.detector import Image
from vision.errors import VisionError
from vision.picture_size import declared_size

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
FEWEST_PIXELS_A_SIDE = 16
MOST_PIXELS = 100_000_000  # 300 MB once decoded; the largest drones and wide views have about half
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"


class UnreadablePicture(VisionError):
    """The bytes are not a whole picture; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture, (H,W,3) BGR uint8, and the SHA-256 of the bytes it came from."""

    image: Image
    sha256: str


def decode_picture(data: bytes) -> Picture:
    """The picture in `data`. Turned as its EXIF says; grey, 16-bit, see-through and CMYK ones become 8-bit BGR.

    Raises UnreadablePicture for empty, cut-off or foreign bytes, and for sizes out of bounds, before it decodes.
    """
    if not data:
        raise UnreadablePicture("the file is empty: fetch it again")
    if _cut_off(data):
        raise UnreadablePicture("the picture is cut off before its end: fetch it again")
    _check_size(data)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise UnreadablePicture(f"the picture cannot be decoded ({error.err})") from error
    if image is None:
        raise UnreadablePicture("not a picture this program can decode: use JPEG or PNG")
    return Picture(np.asarray(image, np.uint8), hashlib.sha256(data).hexdigest())


def read_picture(path: Path) -> Picture:
    """The picture in a file. Raises UnreadablePicture, also when the file cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadablePicture(f"cannot be read ({error.strerror})") from error
    return decode_picture(data)


def find_pictures(paths: list[Path]) -> list[Path]:
    """Files as given, folders searched through; in name order. A name that does not exist stays and fails later."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS) if path.is_dir() else [path]
        found += inside
    return found


def _check_size(data: bytes) -> None:
    """Refuse what would fill the memory, or is too small to show an animal; a few bytes can promise anything."""
    size = declared_size(data)
    if size is None:
        raise UnreadablePicture("not a picture this program can decode: use JPEG or PNG")
    width, height = size
    if min(width, height) < FEWEST_PIXELS_A_SIDE:
        raise UnreadablePicture(
            f"{width} x {height} pixels are too few to show an animal, {FEWEST_PIXELS_A_SIDE} a side are the least: "
            "check the camera's settings"
        )
    if width * height > MOST_PIXELS:
        raise UnreadablePicture(
            f"{width} x {height} pixels are more than the {MOST_PIXELS // 1_000_000} million that are decoded: "
            "cut it into pieces or make it smaller"
        )


def _cut_off(data: bytes) -> bool:
    """A decoder fills a cut-off picture with grey and says nothing, so look for the end mark."""
    if data.startswith(_JPEG):
        scan = data.rfind(b"\xff\xda")  # an embedded thumbnail has its own end mark, before the last scan
        return data.rfind(b"\xff\xd9") < max(scan, 0) or scan < 0
    return data.startswith(_PNG) and b"IEND" not in data[-64:]
