"""When a frame was taken, as its file name or its EXIF block says."""

from __future__ import annotations

import re
import struct
from datetime import datetime, tzinfo
from pathlib import Path

_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_. T]?(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?:[.,](\d{1,6}))?(Z)?(?!\d)"
)
_EXIF_TIME = "%Y:%m:%d %H:%M:%S"
_POINTER, _TAKEN, _FRACTION, _OFFSET = 0x8769, 0x9003, 0x9291, 0x9011


def stamp_in_name(name: str, zone: tzinfo) -> datetime | None:
    """The moment in a name such as `pen3_20260501_102030.jpg` or `2026-05-01T10-20-30.250Z.jpg`; None without one.

    zone: where the name does not end its time with Z.
    """
    found = _IN_NAME.search(name)
    if found is None:
        return None
    *whole, fraction, utc = found.groups()
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*whole) + ("+00:00" if utc else ""))
    except ValueError:  # digits that are no date
        return None
    moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")))
    return moment if utc else moment.replace(tzinfo=zone)


def stamp_in_exif(path: Path, zone: tzinfo) -> datetime | None:
    """When a JPEG's EXIF block says it was taken; None where it does not say, or says nonsense. Reads the block only.

    zone: where the block names no offset from UTC.
    """
    try:
        entries = _exif_entries(_exif_block(path))
        moment = datetime.strptime(entries[_TAKEN], _EXIF_TIME).replace(tzinfo=zone)
        if _OFFSET in entries:
            moment = datetime.fromisoformat(moment.strftime("%Y-%m-%dT%H:%M:%S") + entries[_OFFSET])
        return moment.replace(microsecond=int(entries.get(_FRACTION, "0")[:6].ljust(6, "0")))
    except (OSError, ValueError, KeyError, StopIteration, struct.error):
        return None


def _exif_block(path: Path) -> bytes:
    """The TIFF inside the APP1 segment, which stands first or second in the file."""
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            raise ValueError("no JPEG")
        while True:
            marker, length = struct.unpack(">HH", file.read(4))
            if marker == 0xFFDA or length < 2:
                raise ValueError("no EXIF before the picture")
            segment = file.read(length - 2)
            if marker == 0xFFE1 and segment.startswith(b"Exif\0\0"):
                return segment[6:]


def _exif_entries(tiff: bytes) -> dict[int, str]:
    """The text entries of the EXIF directory, by tag."""
    order = {b"II": "<", b"MM": ">"}[tiff[:2]]
    (first,) = struct.unpack_from(order + "L", tiff, 4)
    pointer = next(struct.unpack_from(order + "L", tiff, at + 8)[0] for at in _rows(tiff, first, order, _POINTER))
    texts = {}
    for tag in (_TAKEN, _FRACTION, _OFFSET):
        for at in _rows(tiff, pointer, order, tag):
            length, value = struct.unpack_from(order + "LL", tiff, at + 4)
            start = at + 8 if length <= 4 else value  # short texts stand in the row itself
            texts[tag] = tiff[start : start + length].split(b"\0")[0].decode("ascii", "replace").strip()
    return texts


def _rows(tiff: bytes, directory: int, order: str, tag: int) -> list[int]:
    """Where the rows of one tag stand in a directory; none or one."""
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    rows = range(directory + 2, directory + 2 + 12 * count, 12)
    return [at for at in rows if struct.unpack_from(order + "H", tiff, at)[0] == tag]
