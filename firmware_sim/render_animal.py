"""One animal as a small shaded picture: projected solids for legs, body, neck and head, then coat and light."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_sim.render_camera import PenCamera
from firmware_sim.render_coats import BUILDS, Coat, Colour

Array = NDArray[np.float64]
_FINE = 2  # sprites are drawn this much larger and reduced, which smooths their edges
_TURN = np.linspace(0, 2 * np.pi, 22, endpoint=False)
_OUTLINE = np.stack(
    [np.sign(np.cos(_TURN)) * np.abs(np.cos(_TURN)) ** 0.75, np.sign(np.sin(_TURN)) * np.abs(np.sin(_TURN)) ** 0.8],
    axis=1,
)
# (height share, length share, width share) of the body's horizontal sections, belly to back
_SECTIONS = ((0.42, 0.86, 0.72), (0.7, 1.0, 1.0), (0.9, 0.95, 0.78), (1.0, 0.84, 0.36))


_RING = np.column_stack([np.cos(_TURN[::2]), np.sin(_TURN[::2]), np.zeros(len(_TURN[::2]))])
_BALL = np.concatenate([_RING, _RING * 0.6 + np.array((0.0, 0.0, 1.0))])  # the upper half of a unit ball


@dataclass(frozen=True, slots=True)
class Stance:
    """Where and how one animal stands, metres and radians, with the small motions of this moment."""

    x: float
    y: float
    heading: float
    lying: bool
    head_turn: float
    head_down: bool
    stride: float


@dataclass(frozen=True, slots=True)
class Sprite:
    """Pixels of one animal. `left`, `top` may be negative: the picture clips."""

    left: int
    top: int
    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]


class Part(Enum):
    """How a shape is painted: a filled hull, the trunk (coat patches stay inside it), a patch, a thick line."""

    SOLID = "solid"
    TRUNK = "trunk"
    PATCH = "patch"
    LIMB = "limb"


@dataclass(frozen=True, slots=True)
class _Shape:
    part: Part
    points: Array  # (N,3) body coordinates: along, across, up
    colour: Colour
    thick_m: float = 0.0


class _Figure:
    """One animal's measures and its shapes, in the order in which they are painted."""

    def __init__(self, species: str, stance: Stance, coat: Coat) -> None:
        build = BUILDS[species]
        self.length, self.width = build.length * coat.size, build.width * coat.size * (1.15 if stance.lying else 1)
        self.height = build.height * coat.size * (0.62 if stance.lying else 1)
        self.head, self.species, self.stance, self.coat = build.head * coat.size, species, stance, coat
        self.shapes: list[_Shape] = []

    def solid(self, points: Array, colour: Colour, part: Part = Part.SOLID) -> None:
        self.shapes.append(_Shape(part, points, colour))

    def limb(self, points: Array, colour: Colour, thick_m: float) -> None:
        self.shapes.append(_Shape(Part.LIMB, points, colour, thick_m))


def draw_animal(
    camera: PenCamera, species: str, stance: Stance, coat: Coat, sun: tuple[float, float], rng: np.random.Generator
) -> Sprite:
    """Sprite of one animal. `sun` is the light's direction in the picture (right, down), length 0 to 1."""
    figure = _Figure(species, stance, coat)
    away = np.sin(stance.heading) > 0.2
    if not stance.lying:
        _legs(figure)
    if away:
        _head(figure)
    _tail(figure)
    _body(figure)
    if not away:
        _head(figure)
    left, top, tile, mask = _paint(figure, camera)
    size = (tile.shape[1] // _FINE, tile.shape[0] // _FINE)
    cover = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
    colour = cv2.resize(tile, size, interpolation=cv2.INTER_AREA)  # black outside: already weighted by cover
    light = _light(cover, sun, coat.roughness, rng)
    alpha = cover.astype(np.float32) / np.float32(255)
    return Sprite(left, top, np.asarray(colour * light[..., None], np.float32), alpha)


def _paint(figure: _Figure, camera: PenCamera) -> tuple[int, int, NDArray[np.uint8], NDArray[np.uint8]]:
    """Left and top in the picture, then colours and mask, `_FINE` times larger. All points are projected at once."""
    stance = figure.stance
    cos, sin = np.cos(stance.heading), np.sin(stance.heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    local = np.concatenate([shape.points for shape in figure.shapes])
    pixels = camera.project(local @ turn + np.array((stance.x, stance.y, 0.0)))
    metre = camera.project(np.array([[stance.x, stance.y, 0.0], [stance.x + 1, stance.y, 0.0]]))
    px_per_m = float(metre[1, 0] - metre[0, 0])
    edge = 2 + 0.1 * px_per_m  # half the thickest limb
    left, top = (int(v) for v in np.floor(pixels.min(axis=0) - edge))
    right, bottom = (int(v) for v in np.ceil(pixels.max(axis=0) + edge))
    tile = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE, 3), np.uint8)
    fixed = np.rint((pixels - np.array((left, top))) * (_FINE * 16)).astype(np.int32)
    mask = np.zeros(tile.shape[:2], np.uint8)
    _fill(figure.shapes, fixed, px_per_m * _FINE, tile, mask)
    return left, top, tile, mask


def _fill(
    shapes: list[_Shape], fixed: NDArray[np.int32], px_per_m: float, tile: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> None:
    trunk = mask  # replaced when the trunk is painted, which comes before its patches
    start = 0
    for shape in shapes:
        points = fixed[start : start + len(shape.points)]
        start += len(points)
        if shape.part is Part.LIMB:
            thick = max(2, round(shape.thick_m * px_per_m))
            line = [points.reshape(-1, 1, 2)]
            cv2.polylines(tile, line, False, shape.colour, thick, cv2.LINE_8, 4)
            cv2.polylines(mask, line, False, 255, thick, cv2.LINE_8, 4)
            continue
        hull = np.asarray(cv2.convexHull(points), np.int32)
        if shape.part is Part.PATCH:
            _fill_inside(tile, hull, shape.colour, trunk)
            continue
        cv2.fillConvexPoly(tile, hull, shape.colour, cv2.LINE_8, 4)
        cv2.fillConvexPoly(mask, hull, 255, cv2.LINE_8, 4)
        if shape.part is Part.TRUNK:
            trunk = np.zeros_like(mask)
            cv2.fillConvexPoly(trunk, hull, 255, cv2.LINE_8, 4)


def _fill_inside(tile: NDArray[np.uint8], hull: NDArray[np.int32], colour: Colour, inside: NDArray[np.uint8]) -> None:
    part = np.zeros_like(inside)
    cv2.fillConvexPoly(part, hull, 255, cv2.LINE_8, 4)
    x, y, w, h = cv2.boundingRect(part)
    area = np.s_[y : y + h, x : x + w]
    tile[area][(part[area] & inside[area]) > 0] = colour


def body_footprint(species: str, stance: Stance, coat: Coat) -> Array:
    """(N,2) ground outline of the body in pen metres, for the shadow."""
    build = BUILDS[species]
    local = _OUTLINE * (build.length * coat.size * 0.56, build.width * coat.size * 0.5)
    cos, sin = np.cos(stance.heading), np.sin(stance.heading)
    turned = local @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(turned + np.array((stance.x, stance.y)))


def _legs(figure: _Figure) -> None:
    along, across, up = figure.length * 0.38, figure.width * 0.3, figure.height
    stride = figure.stance.stride * figure.length * 0.1
    for index, (a, b) in enumerate(((-along, across), (-along, -across), (along, across), (along, -across))):
        swing = stride if index in (0, 3) else -stride
        leg = np.array([[a, b, up * 0.55], [a + swing * 0.4, b, up * 0.26], [a + swing, b, 0.02]])
        thin = 0.13 if figure.species == "cattle" else 0.09
        figure.limb(leg, _dim(figure.coat.legs, 0.72), thin)


def _tail(figure: _Figure) -> None:
    rump, up = -figure.length * 0.48, figure.height
    if figure.species == "cattle":
        tail = np.array([[rump, 0, up * 0.92], [rump - 0.12, 0.03, up * 0.7], [rump - 0.1, 0.05, up * 0.35]])
        figure.limb(tail, _dim(figure.coat.body, 0.8), 0.06)
    else:
        tail = np.array([[rump, 0, up * 0.8], [rump - 0.09, 0.03, up * 0.72]])
        figure.limb(tail, figure.coat.body, 0.05)


def _body(figure: _Figure) -> None:
    half = np.array([figure.length / 2, figure.width / 2])
    floor = 0.0 if figure.stance.lying else 1.0
    rings = [
        np.column_stack([_OUTLINE * half * (a, b), np.full(len(_OUTLINE), figure.height * (z if floor else z - 0.35))])
        for z, a, b in _SECTIONS
    ]
    figure.solid(np.concatenate(rings), figure.coat.body, Part.TRUNK)
    for patch in figure.coat.patches:
        figure.solid(_patch(patch, half, figure.height), figure.coat.patch, Part.PATCH)


def _patch(patch: Array, half: Array, height: float) -> Array:
    along, across, long, wide, turn = patch
    blob = np.stack([np.cos(_TURN) * long, np.sin(_TURN) * wide], axis=1)
    blob *= (1 + 0.22 * np.sin(3 * _TURN + 5 * turn))[:, None]
    plane = blob + np.array((along, across))
    up = height * (1.0 - 0.4 * np.clip(plane[:, 1], -1.2, 1.2) ** 2)
    return np.concatenate([plane * half, up[:, None]], axis=1)


def _head(figure: _Figure) -> None:
    stance, size, coat = figure.stance, figure.head, figure.coat
    neck_up = figure.height * (0.75 if stance.lying else 0.85)
    up = figure.height * (0.38 if stance.head_down else 0.95)
    base = np.array([figure.length * 0.4, 0.0])
    look = np.array([np.cos(stance.head_turn), np.sin(stance.head_turn)])
    poll = base + look * (0.55 * size + 0.1 * figure.length)
    nose = poll + look * size
    neck = np.concatenate(
        [_ball(base, neck_up, size * 0.42, figure.height * 0.2), _ball(poll, up, size * 0.26, size * 0.25)]
    )
    figure.solid(neck, coat.body if figure.species != "sheep" else _dim(coat.body, 0.95))
    side = np.array([-look[1], look[0]])
    ears = np.array([[*(poll - side * size * 0.5), up], [*(poll + side * size * 0.5), up]])
    figure.limb(ears, _dim(coat.head, 0.85), size * 0.18)
    drop = size * (0.55 if not stance.head_down else 0.35)
    face = np.concatenate([_ball(poll, up, size * 0.3, size * 0.28), _ball(nose, up - drop, size * 0.19, size * 0.16)])
    figure.solid(face, coat.head)
    muzzle = (150, 160, 196) if figure.species != "cattle" else (92, 98, 118)
    figure.solid(_ball(nose, up - drop, size * 0.15, size * 0.12), muzzle)
    if coat.blaze is not None:
        stripe = np.array([[*poll, up + size * 0.24], [*nose, up - drop + size * 0.14]])
        figure.limb(stripe, coat.blaze, size * 0.14)


def _ball(centre: Array, up: float, radius: float, tall: float) -> Array:
    return _BALL * (radius, radius, tall) + (centre[0], centre[1], up)


def _light(
    cover: NDArray[np.uint8], sun: tuple[float, float], roughness: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(H,W) brightness: the silhouette's distance from its rim stands for its height."""
    depth = cv2.distanceTransform((cover > 100).astype(np.uint8), cv2.DIST_L2, 3)
    radius = max(1.5, float(depth.max()))
    bulge = cv2.GaussianBlur(cv2.sqrt(depth / np.float32(radius)), (0, 0), radius * 0.18 + 0.3)
    slope_x, slope_y = (cv2.Sobel(bulge, cv2.CV_32F, *axis, ksize=3) for axis in ((1, 0), (0, 1)))
    gain = radius * 0.066
    light = 0.52 + 0.46 * bulge + gain * (sun[0] * slope_x + (sun[1] - 0.2) * slope_y)
    light += rng.standard_normal(light.shape, dtype=np.float32) * np.float32(0.03 + 0.07 * roughness)
    return np.asarray(np.clip(light, 0.18, 1.25), np.float32)


def _dim(colour: Colour, factor: float) -> Colour:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)
