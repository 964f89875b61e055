"""Does a recording's file end before its container says? Reads a few bytes, decodes nothing."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_SEGMENT = b"\x18\x53\x80\x67"
_EBML = b"\x1a\x45\xdf\xa3"


def missing_bytes(path: Path) -> int:
    """Bytes that an MP4, AVI or Matroska file promises and lacks; 0 when whole, or when the container does not say."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        try:
            return max(0, _promised(file, head, size) - size)
        except (struct.error, ValueError, IndexError):
            return 0


def _promised(file: BinaryIO, head: bytes, size: int) -> int:
    if head[:4] == b"RIFF":
        return 8 + int(struct.unpack("<L", head[4:8])[0])
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"}:
        return _boxes_end(file, size)
    return _segment_end(file) if head[:4] == _EBML else 0


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Where the last of the outermost boxes says it ends."""
    at = 0
    while at < size:
        file.seek(at)
        length, kind = struct.unpack(">L4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        if length == 0:  # reaches to the end, wherever that is
            return size
        if length < 8 or not kind.isascii():
            return at
        at += length
    return at


def _segment_end(file: BinaryIO) -> int:
    """Where the segment, which holds all frames, says it ends."""
    head = file.read(4096)
    at = head.index(_SEGMENT) + 4
    width = 9 - head[at].bit_length()
    mask = (1 << (7 * width)) - 1
    length = int.from_bytes(head[at : at + width], "big") & mask
    return 0 if length == mask else at + width + length  # all ones: not known when it was written
