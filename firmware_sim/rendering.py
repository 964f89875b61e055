"""Draws what a pen camera would see: exact boxes, visible shares, day, dusk and infrared night.

Pure given the random generator. Coats and ground follow `PenView.look_seed`; the generator only
moves heads and legs a little and makes the sensor's noise, so one herd looks like itself in every frame.
Rendered pictures serve tests, stress and demonstrations; they prove nothing about accuracy on real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_sim.render_animal import Sprite, Stance, body_footprint, draw_animal
from firmware_sim.render_camera import PenCamera
from firmware_sim.render_coats import Coat, coat_of
from firmware_sim.render_ground import draw_fence, empty_pen

SPECIES = ("cattle", "sheep", "pig")
Image = NDArray[np.uint8]


class Light(StrEnum):
    """How the pen is lit."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class AnimalPose:
    """One animal on the ground. Pen metres, origin at the pen's lower left; heading 0 looks along +x."""

    key: str
    x_m: float
    y_m: float
    heading_rad: float
    lying: bool = False


@dataclass(frozen=True, slots=True)
class PenView:
    """One pen as its camera sees it. The same `look_seed` gives the same coats, ground and camera angle."""

    species: str
    width_m: float
    depth_m: float
    look_seed: int

    def __post_init__(self) -> None:
        if self.species not in SPECIES:
            raise ValueError(f"species {self.species!r} is not one of {', '.join(SPECIES)}")
        if not (self.width_m > 0 and self.depth_m > 0):
            raise ValueError("a pen needs a positive width and depth in metres")


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One animal at one moment: who it is, how it stands, what it wears."""

    key: str
    stance: Stance
    coat: Coat


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """Something that hides the animals behind it. y_m: how far it stands from the near side."""

    y_m: float
    sprite: Sprite


@dataclass(frozen=True, slots=True)
class TrueBox:
    """Extent of one animal in pixels, clipped to the picture; `visible` = share of its pixels that show."""

    key: str
    x1: float
    y1: float
    x2: float
    y2: float
    visible: float


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """A picture (H, W, 3) BGR uint8 and the truth about it, one box per animal that touches the picture."""

    image: Image
    boxes: tuple[TrueBox, ...]


# how far the shadow reaches per metre of height (x, y), and where the light comes from in the picture
_SHADOWS = {Light.DAY: (0.35, -0.18), Light.DUSK: (1.1, -0.3), Light.NIGHT: (0.0, 0.12)}
_SUNS = {Light.DAY: (-0.6, -0.7), Light.DUSK: (-0.9, -0.3), Light.NIGHT: (0.0, 0.8)}


def render_pen(
    view: PenView,
    animals: Sequence[AnimalPose],
    light: Light,
    rng: np.random.Generator,
    *,
    width: int = 960,
    height: int = 540,
) -> RenderedFrame:
    """Draw the pen with its animals. Keys must be unique; raises ValueError otherwise."""
    empty, camera = empty_pen(view.species, view.width_m, view.depth_m, view.look_seed, width, height)
    ordered = sorted(animals, key=lambda animal: -animal.y_m)
    coats = [coat_of(view.species, view.look_seed, animal.key) for animal in ordered]
    stances = [_stance(animal, rng) for animal in ordered]
    herd = [Standing(a.key, stance, coat) for a, stance, coat in zip(ordered, stances, coats, strict=True)]

    def fence(image: Image) -> None:
        draw_fence(image, camera, view.width_m, view.depth_m, sides="near")

    return paint(empty, camera, view.species, herd, light, rng, cover=fence)


def paint(
    ground: Image,
    camera: PenCamera,
    species: str,
    herd: Sequence[Standing],
    light: Light,
    rng: np.random.Generator,
    *,
    screens: Sequence[Screen] = (),
    cover: Callable[[Image], None] | None = None,
) -> RenderedFrame:
    """Draw a herd and what hides it onto `ground`, the far before the near; `cover` draws what is nearest of all.

    Keys must be unique; raises ValueError otherwise.
    """
    if len({animal.key for animal in herd}) != len(herd):
        raise ValueError("two animals share a key: each TrueBox must name one animal")
    ordered = sorted(herd, key=lambda animal: -animal.stance.y)
    height, width = ground.shape[:2]
    canvas = ground.astype(np.float32)
    canvas *= _shadow(species, camera, ordered, light, (height, width))[..., None]
    sprites = [draw_animal(camera, species, a.stance, a.coat, _SUNS[light], rng) for a in ordered]
    layers = [(-a.stance.y, sprite, index) for index, (a, sprite) in enumerate(zip(ordered, sprites, strict=True), 1)]
    layers += [(-screen.y_m, screen.sprite, 0) for screen in screens]
    owner = np.zeros((height, width), np.int32)
    for _, sprite, index in sorted(layers, key=lambda layer: layer[0]):
        _paste(canvas, owner, sprite, index)
    image = np.clip(canvas, 0, 255).astype(np.uint8)
    if cover is not None:
        cover(image)
    shown = np.bincount(owner.ravel(), minlength=len(sprites) + 1)
    boxes = [
        _true_box(animal.key, sprite, int(shown[index]), width, height)
        for index, (animal, sprite) in enumerate(zip(ordered, sprites, strict=True), start=1)
    ]
    return RenderedFrame(_expose(image, light, rng), tuple(box for box in boxes if box is not None))


def _stance(animal: AnimalPose, rng: np.random.Generator) -> Stance:
    turn, stride, down = rng.normal(0, 0.3), rng.uniform(-1, 1), rng.random() < 0.2
    return Stance(
        animal.x_m,
        animal.y_m,
        animal.heading_rad,
        animal.lying,
        head_turn=float(np.clip(turn, -0.8, 0.8)),
        head_down=bool(down and not animal.lying),
        stride=float(stride),
    )


def _shadow(
    species: str,
    camera: PenCamera,
    herd: Sequence[Standing],
    light: Light,
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """Share of light that reaches the ground, (H, W), from cast shadows and the darkness under the bellies."""
    reach = np.array(_SHADOWS[light]) * {"cattle": 1.2, "sheep": 0.65, "pig": 0.55}[species]
    shade = np.zeros(shape, np.uint8)
    for animal in herd:
        foot = body_footprint(species, animal.stance, animal.coat)
        ground = np.concatenate([foot, foot + reach])
        pixels = camera.project(np.column_stack([ground, np.zeros(len(ground))]))
        hull = cv2.convexHull(np.round(pixels * 16).astype(np.int32))
        cv2.fillConvexPoly(shade, hull, 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(shade, (0, 0), 2.2 if light is Light.DAY else 3.5)
    depth = 0.5 if light is Light.DAY else 0.38
    return 1 - soft.astype(np.float32) * np.float32(depth / 255)


def _paste(canvas: NDArray[np.float32], owner: NDArray[np.int32], sprite: Sprite, index: int) -> None:
    height, width = owner.shape
    rows, columns = sprite.alpha.shape
    top, left = max(0, sprite.top), max(0, sprite.left)
    bottom, right = min(height, sprite.top + rows), min(width, sprite.left + columns)
    if bottom <= top or right <= left:
        return
    inner = np.s_[top - sprite.top : bottom - sprite.top, left - sprite.left : right - sprite.left]
    alpha = sprite.alpha[inner]
    area = canvas[top:bottom, left:right]
    area *= (1 - alpha)[..., None]
    area += sprite.colour[inner]
    owner[top:bottom, left:right][alpha > 0.5] = index


def _true_box(key: str, sprite: Sprite, shown: int, width: int, height: int) -> TrueBox | None:
    solid = (sprite.alpha > 0.5).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(solid)
    x1, y1 = max(0, x + sprite.left), max(0, y + sprite.top)
    x2, y2 = min(width, x + w + sprite.left), min(height, y + h + sprite.top)
    if x2 <= x1 or y2 <= y1:
        return None
    visible = shown / max(1, int(np.count_nonzero(solid)))
    return TrueBox(key, float(x1), float(y1), float(x2), float(y2), min(1.0, visible))


def _expose(image: Image, light: Light, rng: np.random.Generator) -> Image:
    """Light, lens and sensor."""
    picture = cv2.GaussianBlur(image, (0, 0), 0.55).astype(np.float32)
    if light is Light.NIGHT:
        picture = _infrared(picture, rng)
        spread = 7.0
    else:
        tint = (1.0, 1.0, 1.0) if light is Light.DAY else (0.52, 0.62, 0.8)
        picture *= np.array(tint, np.float32) * np.float32(rng.normal(1.06, 0.03))
        spread = 3.0 if light is Light.DAY else 5.0
    picture += _noise(picture.shape[:2], spread, rng, grey=light is Light.NIGHT)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _infrared(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Grey, flatter coats (most pigments reflect near infrared), bright in the lamp's cone, dark at the rim."""
    grey = picture @ np.array((0.12, 0.33, 0.55), np.float32)
    grey = np.asarray(255 * (grey / 255) ** 0.85, np.float32)
    height, width = grey.shape
    y, x = np.ogrid[0:height, 0:width]
    off = rng.normal(0, 0.015, 2)
    radius = ((x / width - 0.5 - off[0]) / 0.62) ** 2 + ((y / height - 0.56 - off[1]) / 0.66) ** 2
    lamp = np.float32(0.22) + np.float32(0.82) * np.exp(-0.9 * radius.astype(np.float32))
    blurred = cv2.GaussianBlur(grey * lamp, (0, 0), 0.6)
    return np.repeat(blurred[..., None], 3, axis=2)


def _noise(shape: tuple[int, int], spread: float, rng: np.random.Generator, *, grey: bool) -> NDArray[np.float32]:
    luma = rng.standard_normal(shape, dtype=np.float32)[..., None] * np.float32(spread)
    if grey:
        return luma
    chroma = rng.standard_normal((shape[0] // 2 + 1, shape[1] // 2 + 1, 3), dtype=np.float32)
    coarse = cv2.resize(chroma, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(luma + coarse * np.float32(spread * 0.5), np.float32)
