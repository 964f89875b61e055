"""What somebody does to the wire: pictures that were sent before are sent again, disguised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from bench.tricks.footage import FPS, encoded
from vision.detector import Image

Pictures = list[Image]
Disguise = Callable[[Pictures, np.random.Generator], Pictures]


def plain(pictures: Pictures, _: np.random.Generator) -> Pictures:
    """The same pictures, bit for bit."""
    return pictures


def re_encoded(quality: int) -> Disguise:
    """JPEG at another quality."""
    return lambda pictures, _: [encoded(picture, quality) for picture in pictures]


def as_video(pictures: Pictures, _: np.random.Generator) -> Pictures:
    """Through MPEG-4, in which a picture borrows from the one before."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "clip.mp4")
        size = (pictures[0].shape[1], pictures[0].shape[0])
        writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"mp4v"), FPS, size)
        for picture in pictures:
            writer.write(picture)
        writer.release()
        capture = cv2.VideoCapture(path)
        read: Pictures = []
        while (got := capture.read())[0]:
            read.append(np.asarray(got[1], np.uint8))
        capture.release()
        return read


def noisy(sigma: float) -> Disguise:
    """Fresh noise on top, then JPEG."""

    def disguise(pictures: Pictures, rng: np.random.Generator) -> Pictures:
        made = []
        for picture in pictures:
            grain = rng.standard_normal((*picture.shape[:2], 1), dtype=np.float32) * np.float32(sigma)
            made.append(encoded(np.clip(picture + grain, 0, 255).astype(np.uint8), 85))
        return made

    return disguise


def gamma(power: float) -> Disguise:
    """Brightness bent, then JPEG."""
    table = (255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    return lambda pictures, _: [encoded(np.asarray(cv2.LUT(picture, table), np.uint8), 85) for picture in pictures]


def cropped(share: float) -> Disguise:
    """This share of both sides cut away, the rest scaled up again, then JPEG."""

    def one(picture: Image) -> Image:
        height, width = picture.shape[:2]
        x, y = width * share / 2, height * share / 2
        zoom = 1 / (1 - share)
        turn = np.array([[zoom, 0, -x * zoom], [0, zoom, -y * zoom]], np.float32)
        return encoded(np.asarray(cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR), np.uint8), 85)

    return lambda pictures, _: [one(picture) for picture in pictures]


def stretched(speed: float) -> Disguise:
    """Played faster or slower, pictures left out or shown twice, then JPEG."""
    return lambda pictures, _: [
        encoded(pictures[int(number * speed) % len(pictures)], 85) for number in range(len(pictures))
    ]


def blended(speed: float) -> Disguise:
    """Played faster or slower with pictures mixed in between, which halves their noise, then JPEG."""

    def at(pictures: Pictures, moment: float) -> Image:
        first, share = int(moment) % len(pictures), moment % 1.0
        return cv2.addWeighted(pictures[first], 1 - share, pictures[(first + 1) % len(pictures)], share, 0).astype(
            np.uint8
        )

    return lambda pictures, _: [encoded(at(pictures, number * speed), 85) for number in range(len(pictures))]
