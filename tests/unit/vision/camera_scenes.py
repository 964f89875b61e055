"""A barn that was drawn, animals that walk about in it, and a sensor with noise: the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from vision.camera.finding import CameraFinding, Trick
from vision.camera.watch import CameraWatch
from vision.detector import Image

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
FPS = 4
Optics = Callable[[np.ndarray, int], np.ndarray]


def barn(seed: int = 0, width: int = 480, height: int = 360) -> np.ndarray:
    """Planks, posts and straw, (H,W,3) float32."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 110, np.float32)
    for _ in range(120):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        size = (int(x + rng.integers(6, 90)), int(y + rng.integers(6, 60)))
        cv2.rectangle(picture, (x, y), size, rng.uniform(30, 210, 3).tolist(), int(rng.choice([-1, 2, 3])))
    straw = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 1.2)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7) + 40 * straw[..., None], np.float32)


def live(
    seconds: float, *, seed: int = 0, scene: np.ndarray | None = None, before: Optics | None = None, noise: float = 2.5
) -> Iterator[Image]:
    """What the camera sends, `FPS` pictures a second. before: what happens before the sensor."""
    rng = np.random.default_rng(seed + 77)
    base = barn() if scene is None else scene
    height, width = base.shape[:2]
    places = rng.uniform(0.2, 0.8, (3, 2)) * (width, height)
    for number in range(round(seconds * FPS)):
        canvas = base.copy()
        places += rng.normal(0, 4, places.shape)
        for x, y in places:
            cv2.ellipse(canvas, (int(x), int(y)), (26, 14), 0, 0, 360, (60, 90, 140), -1, cv2.LINE_AA)
        canvas = canvas if before is None else before(canvas, number)
        grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(noise)
        yield np.clip(canvas + grain, 0, 255).astype(np.uint8)


def jpeg(picture: Image, quality: int) -> Image:
    """Through JPEG and back."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def show(watch: CameraWatch, pictures: Iterator[Image] | list[Image], start_s: float = 0.0, every_s: float = 1 / FPS,
         ) -> list[tuple[float, list[CameraFinding]]]:  # fmt: skip
    """Show pictures in order; (seconds from the first of them, findings) for each."""
    return [
        (number * every_s, watch.look(picture, START + timedelta(seconds=start_s + number * every_s)))
        for number, picture in enumerate(pictures)
    ]


def kinds(shown: list[tuple[float, list[CameraFinding]]]) -> set[Trick]:
    """Everything that was found."""
    return {finding.kind for _, findings in shown for finding in findings}


def first_s(shown: list[tuple[float, list[CameraFinding]]], *wanted: Trick) -> float:
    """When one of these was found first; infinity when never."""
    return min((at for at, found in shown if any(one.kind in wanted for one in found)), default=float("inf"))
