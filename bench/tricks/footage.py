"""Footage of a camera that hangs still, from one of its pictures: animals walk, light drifts, the sensor is noisy.

Only the picture is real; movement, drift and noise are drawn. Noise is coloured as behind a camera's demosaicing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.tricks.stills import Still
from vision.detector import Image

FPS = 4.0
_FIELDS = 12
Floats = NDArray[np.float32]
Optics = Callable[[Floats, int], Floats]


@dataclass(slots=True)
class Noise:
    """Fresh noise at the price of a copy: a few drawn fields, mirrored and rolled each time."""

    rng: np.random.Generator
    fields: dict[tuple[int, int], list[Floats]] = field(default_factory=dict)

    def draw(self, shape: tuple[int, int], sigma: float) -> Floats:
        """(H,W,1) of standard deviation `sigma`."""
        if shape not in self.fields:
            self.fields[shape] = [self._fresh(shape) for _ in range(_FIELDS)]
        chosen = self.fields[shape][int(self.rng.integers(_FIELDS))]
        rows, columns = (int(self.rng.integers(size)) for size in shape)
        rolled = np.roll(chosen, (rows, columns), axis=(0, 1))
        sign = np.float32(sigma if self.rng.random() < 0.5 else -sigma)
        return np.asarray((rolled[:, ::-1] if self.rng.random() < 0.5 else rolled)[..., None] * sign, np.float32)

    def _fresh(self, shape: tuple[int, int]) -> Floats:
        drawn = cv2.GaussianBlur(self.rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.5)
        return np.asarray(drawn / drawn.std(), np.float32)


@dataclass(slots=True)
class Walker:
    """An animal cut out of the picture that walks about in it."""

    patch: Floats
    alpha: Floats
    x: float
    y: float
    heading: float

    def step(self, rng: np.random.Generator, shape: tuple[int, int]) -> None:
        """A quarter of a second further; it stands about half of the time."""
        if rng.random() < 0.5:
            self.heading += rng.normal(0, 0.5)
            pace = 0.12 * self.patch.shape[1]
            self.x = float(np.clip(self.x + pace * np.cos(self.heading), 0, shape[1] - self.patch.shape[1] - 1))
            self.y = float(np.clip(self.y + 0.5 * pace * np.sin(self.heading), 0, shape[0] - self.patch.shape[0] - 1))

    def paste(self, canvas: Floats) -> None:
        """Draw it where it is, to a fraction of a pixel."""
        rows, columns = self.alpha.shape[:2]
        left, top = int(self.x), int(self.y)
        turn = np.array([[1, 0, self.x - left], [0, 1, self.y - top]], np.float32)
        patch, alpha = (cv2.warpAffine(plane, turn, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
                        for plane in (self.patch, self.alpha))  # fmt: skip
        area = canvas[top : top + rows, left : left + columns]
        area += alpha[..., None] * (patch - area)


def live(
    still: Still, seed: int, seconds: float, before: Optics = lambda canvas, _: canvas, *, look: int | None = None
) -> Iterator[Image]:
    """Pictures of a lens and a sensor, `FPS` a second; nothing has encoded them yet.

    before: what happens before the sensor, given the picture and its number: cloth, rain, a turned focus.
    look: the seed of light, noise and animals; the same for the two halves of one clip.
    """
    chance = np.random.default_rng(seed if look is None else look)
    rng = np.random.default_rng(seed)
    noise = Noise(rng)
    base = still.read().astype(np.float32)
    walkers = _walkers(still, base, chance)
    spread = float(chance.uniform(1.5, 3.5))
    period, phase, depth = chance.uniform(20, 90), chance.uniform(0, 6.3), chance.uniform(0.005, 0.03)
    for number in range(round(seconds * FPS)):
        light = 1 + depth * np.sin(6.283 * number / FPS / period + phase)
        canvas = base * np.float32(light)
        for walker in walkers:
            walker.step(rng, base.shape[:2])
            walker.paste(canvas)
        canvas = before(canvas, number)
        yield np.clip(canvas + noise.draw(base.shape[:2], spread), 0, 255).astype(np.uint8)


def encoded(image: Image, quality: int) -> Image:
    """Through JPEG and back."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _walkers(still: Still, base: Floats, rng: np.random.Generator) -> list[Walker]:
    height, width = base.shape[:2]
    corners = [(int(a * width), int(b * height), int(c * width), int(d * height)) for a, b, c, d in still.boxes]
    corners = [(a, b, min(c, width), min(d, height)) for a, b, c, d in corners]
    fitting = [box for box in corners if 16 < box[2] - box[0] < width / 3 and 16 < box[3] - box[1] < height / 3]
    chosen = [fitting[index] for index in rng.permutation(len(fitting))[:4]]
    return [_walker(base, box, rng) for box in chosen]


def _walker(base: Floats, box: tuple[int, int, int, int], rng: np.random.Generator) -> Walker:
    left, top, right, bottom = max(0, box[0]), max(0, box[1]), box[2], box[3]
    patch = base[top:bottom, left:right].copy()
    rows, columns = bottom - top, right - left
    alpha: Floats = np.zeros((rows, columns), np.float32)
    cv2.ellipse(alpha, (columns // 2, rows // 2), (int(columns * 0.42), int(rows * 0.42)), 0, 0, 360, 1.0, -1)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2.0), np.float32)
    return Walker(patch, alpha, float(left), float(top), float(rng.uniform(0, 6.3)))
