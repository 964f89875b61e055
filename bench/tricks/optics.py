"""What happens before the lens or in it: tricks, and the honest things that look like them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from bench.tricks.footage import FPS, Floats, Optics
from bench.tricks.stills import Still

Chance = np.random.Generator
Kind = Callable[[Still, Chance], Optics]


def cloth(_: Still, rng: Chance) -> Optics:
    """All covered by a plain or weakly woven cloth that lets a little light through."""
    colour, weave = rng.uniform(25, 140, 3), rng.uniform(0, 1.0)
    return lambda canvas, _: _woven(canvas.shape, colour, weave) + np.float32(0.02) * cv2.blur(canvas, (151, 151))


def hand(_: Still, rng: Chance) -> Optics:
    """A palm on the lens: skin out of focus, trembling a little."""
    colour = np.array([40, 55, 95]) * rng.uniform(0.5, 1.5)
    folds = cv2.GaussianBlur(rng.standard_normal((16, 24)).astype(np.float32), (0, 0), 2.0)
    tremble = rng.normal(0, 0.4, 4096)

    def before(canvas: Floats, number: int) -> Floats:
        shade = cv2.resize(folds, canvas.shape[1::-1], interpolation=cv2.INTER_CUBIC)[..., None]
        return np.asarray((colour + tremble[number]) * (1 + 0.5 * shade), np.float32)

    return before


def spray(_: Still, rng: Chance) -> Optics:
    """Paint: light, nearly opaque, the scene a wide blur behind it."""
    level, through = rng.uniform(90, 190), np.float32(rng.uniform(0.02, 0.08))
    return lambda canvas, _: np.float32(level) * (1 - through) + through * cv2.GaussianBlur(canvas, (0, 0), 15)


def part(_: Still, rng: Chance) -> Optics:
    """A rag over half to four fifths of the view, from one side, its edge out of focus."""
    share, side = rng.uniform(0.5, 0.8), int(rng.integers(4))
    colour, weave = rng.uniform(20, 120, 3), rng.uniform(0, 0.6)
    return lambda canvas, _: _veil(canvas, _woven(canvas.shape, colour, weave), share, side)


def capped(_: Still, rng: Chance) -> Optics:
    """Lens cap on, or the lamp cut at night."""
    left = np.float32(rng.uniform(0, 0.03))
    return lambda canvas, _: canvas * left


def defocus(pixels: float, *, disc: bool = False) -> Kind:
    """The focus turned: a Gaussian of this many pixels, or a disc of this radius."""

    def kind(_: Still, __: Chance) -> Optics:
        if disc:
            kernel = _disc(pixels)
            return lambda canvas, _: np.asarray(cv2.filter2D(canvas, -1, kernel), np.float32)
        return lambda canvas, _: np.asarray(cv2.GaussianBlur(canvas, (0, 0), pixels), np.float32)

    return kind


def smear(pixels: int) -> Kind:
    """Edges drawn out in one direction."""

    def kind(_: Still, rng: Chance) -> Optics:
        size = (pixels, 1) if rng.random() < 0.5 else (1, pixels)
        return lambda canvas, _: np.asarray(cv2.blur(canvas, size), np.float32)

    return kind


def shift(pixels: float) -> Kind:
    """Turned by so little that the view moves by this many pixels, in any direction, within a second."""

    def kind(_: Still, rng: Chance) -> Optics:
        angle = rng.uniform(0, 6.283)
        return lambda canvas, number: _moved(
            canvas, pixels * min(1, number / FPS) * np.cos(angle), pixels * min(1, number / FPS) * np.sin(angle)
        )

    return kind


def elsewhere(other: Still) -> Kind:
    """Turned so far that another place is seen."""

    def kind(still: Still, _: Chance) -> Optics:
        rows, columns = still.read().shape[:2]
        scene = cv2.resize(other.read(), (columns, rows)).astype(np.float32)
        return lambda _, __: scene

    return kind


def infrared(_: Still, rng: Chance) -> Optics:
    """Night falls: no colour, a lamp's cone, coats lighter."""
    power = rng.uniform(0.7, 1.0)
    return lambda canvas, _: _lamp(canvas, power)


def exposure(_: Still, rng: Chance) -> Optics:
    """The camera's exposure steps up or down."""
    gain = np.float32(rng.choice([0.5, 0.65, 1.35, 1.7]))
    return lambda canvas, number: canvas * gain ** np.float32(min(1, number / 2))


def lights(_: Still, rng: Chance) -> Optics:
    """A lamp at one side is switched on."""
    x, y, power = rng.uniform(0, 1), rng.uniform(0, 0.4), rng.uniform(0.4, 1.0)
    return lambda canvas, _: canvas * (1 + np.float32(power) * _cone(canvas.shape, x, y))


def wind(_: Still, rng: Chance) -> Optics:
    """The mast sways by up to two pixels, once in one to three seconds."""
    pixels, period = rng.uniform(0.7, 2.0), rng.uniform(1, 3)
    return lambda canvas, number: _moved(canvas, pixels * np.sin(6.283 * number / FPS / period), 0.0)


def rain(_: Still, rng: Chance) -> Optics:
    """Streaks, and a veil over far things."""
    veil, drops = np.float32(rng.uniform(0.05, 0.25)), int(rng.integers(150, 500))

    def before(canvas: Floats, _: int) -> Floats:
        wet = canvas * (1 - veil) + veil * np.float32(140)
        height, width = canvas.shape[:2]
        streaks: Floats = np.zeros((height, width), np.float32)
        for x, y, long in zip(rng.uniform(0, width, drops), rng.uniform(0, height, drops),
                              rng.uniform(8, 40, drops), strict=True):  # fmt: skip
            cv2.line(streaks, (int(x), int(y)), (int(x + long / 6), int(y + long)), 30.0, 1)
        return np.asarray(wet + cv2.GaussianBlur(streaks, (0, 0), 0.8)[..., None], np.float32)

    return before


def animal_in_front(still: Still, rng: Chance) -> Optics:
    """An animal stands before the lens, huge and out of focus, breathes and shifts its weight, and may go after 8 s."""
    picture = still.read()
    rows, columns = picture.shape[:2]
    box = still.boxes[int(rng.integers(len(still.boxes)))] if still.boxes else (0.4, 0.4, 0.6, 0.6)
    left, top, right, bottom = (int(max(0, value) * size) for value, size in zip(box, (columns, rows) * 2, strict=True))
    skin: Floats = picture[top : max(bottom, top + 4), left : max(right, left + 4)].astype(np.float32)
    near_skin = cv2.resize(skin, (columns, rows), interpolation=cv2.INTER_CUBIC)
    coat = np.asarray(cv2.GaussianBlur(near_skin, (0, 0), 6), np.float32)
    share, period, goes = rng.uniform(0.35, 0.75), rng.uniform(1.5, 3.5), rng.random() < 0.5
    side, sway = int(rng.integers(4)), rng.uniform(4, 14) * columns / 640

    def before(canvas: Floats, number: int) -> Floats:
        at = number / FPS
        near = share * min(1, at / 2) * (max(0, 1 - (at - 8) / 2) if goes and at > 8 else 1)
        moved = sway * (np.sin(6.283 * at / period) + 0.5 * np.sin(6.283 * at / 7.3))
        return _veil(canvas, _moved(coat, moved, 0.4 * moved), near + 0.02 * np.sin(at), side)

    return before


def _moved(canvas: Floats, right: float, down: float) -> Floats:
    turn = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (canvas.shape[1], canvas.shape[0])
    return np.asarray(cv2.warpAffine(canvas, turn, size, borderMode=cv2.BORDER_REFLECT), np.float32)


def _woven(shape: tuple[int, ...], colour: np.ndarray, weave: float) -> Floats:
    y, x = np.ogrid[0 : shape[0], 0 : shape[1]]
    light = 1 + 0.35 * (x / shape[1] - 0.5) + 0.25 * (y / shape[0] - 0.5)
    thread = weave * np.sin(x * 0.9) * np.sin(y * 0.9)
    return np.asarray(light[..., None] * colour + thread[..., None], np.float32)


def _veil(canvas: Floats, cover: Floats, share: float, side: int) -> Floats:
    height, width = canvas.shape[:2]
    y, x = np.ogrid[0:height, 0:width]
    far = (x / width, 1 - x / width, y / height, 1 - y / height)[side]
    alpha = np.clip((share - far) / 0.05 + 0.5, 0, 1).astype(np.float32) * np.ones((height, width), np.float32)
    return np.asarray(canvas + alpha[..., None] * (cover - canvas), np.float32)


def _cone(shape: tuple[int, ...], x: float, y: float) -> Floats:
    rows, columns = np.ogrid[0 : shape[0], 0 : shape[1]]
    away = ((columns / shape[1] - x) / 0.5) ** 2 + ((rows / shape[0] - y) / 0.5) ** 2
    return np.asarray(np.exp(-away)[..., None], np.float32)


def _lamp(canvas: Floats, power: float) -> Floats:
    grey = canvas @ np.array((0.12, 0.33, 0.55), np.float32)
    lit = 255 * (np.clip(grey, 0, 255) / 255) ** 0.85
    cone = np.float32(0.2) + np.float32(power) * _cone(canvas.shape, 0.5, 0.6)[..., 0]
    return np.repeat((lit * cone)[..., None], 3, axis=2).astype(np.float32)


def _disc(radius: float) -> Floats:
    reach = int(np.ceil(radius))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    inside = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(inside / inside.sum(), np.float32)
