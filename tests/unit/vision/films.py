"""Real video files for the tests of this folder."""

import struct
from pathlib import Path

import cv2
import numpy as np

from vision.detector import Image

CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "mp4v"}


def moving_square(frame: int) -> Image:
    """A picture that says its number by where a square stands, with grain, so that frames have some bytes."""
    image = np.random.default_rng(frame).integers(40, 80, (120, 160, 3), dtype=np.uint8)
    cv2.rectangle(image, (2 * frame % 120, 30), (2 * frame % 120 + 30, 70), (0, 200, 255), -1)
    return image


def write_film(path: Path, frames: int = 50, fps: float = 10) -> Path:
    """A video of `frames` frames, its container and codec by the ending."""
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*CODECS[path.suffix]), fps, (160, 120))
    for frame in range(frames):
        writer.write(moving_square(frame))
    writer.release()
    return path


def index_first(path: Path) -> None:
    """Move an MP4's index before its frames, as cameras and players do that stream their recordings."""
    data, boxes, at = path.read_bytes(), {}, 0
    while at < len(data):
        (length,) = struct.unpack(">L", data[at : at + 4])
        boxes[data[at + 4 : at + 8]] = data[at : at + length]
        at += length
    moov = bytearray(boxes[b"moov"])
    table = moov.index(b"stco") + 8
    (count,) = struct.unpack_from(">L", moov, table)
    for entry in range(table + 4, table + 4 + 4 * count, 4):
        struct.pack_into(">L", moov, entry, struct.unpack_from(">L", moov, entry)[0] + len(moov))
    path.write_bytes(boxes[b"ftyp"] + bytes(moov) + boxes.get(b"free", b"") + boxes[b"mdat"])


def cut(path: Path, share: float) -> Path:
    """The same file without its end."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def exif_jpeg(jpeg: bytes, taken: str, offset: str | None = None, orientation: int = 1) -> bytes:
    """A JPEG with an EXIF block: `taken` as YYYY:MM:DD hh:mm:ss, `offset` from UTC as +08:00."""
    texts = [(0x9003, taken.encode() + b"\0")] + ([(0x9011, offset.encode() + b"\0")] if offset else [])
    main = 8 + 2 + 2 * 12 + 4
    data_at = main + 2 + len(texts) * 12 + 4
    rows, data = b"", b""
    for tag, text in texts:
        rows += struct.pack(">HHLL", tag, 2, len(text), data_at + len(data))
        data += text
    first = struct.pack(">HHHLHHHHLLL", 2, 0x0112, 3, 1, orientation, 0, 0x8769, 4, 1, main, 0)
    tiff = b"MM\0*\0\0\0\x08" + first + struct.pack(">H", len(texts)) + rows + b"\0\0\0\0" + data
    return jpeg[:2] + struct.pack(">HH", 0xFFE1, len(tiff) + 8) + b"Exif\0\0" + tiff + jpeg[2:]
