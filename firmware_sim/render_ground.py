"""The pen without animals: ground, feed alley, water, fences. Drawn once per view and kept."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_sim.render_camera import PenCamera, frame_pen

Image = NDArray[np.uint8]
_TEXEL_PER_M = 24
_MARGIN_M = 14.0
# BGR; mud and straw for cattle, trodden grass for sheep, concrete for pigs
_FLOORS = {
    "cattle": ((84, 100, 118), (66, 80, 98), (122, 146, 162)),
    "sheep": ((70, 116, 112), (62, 96, 108), (84, 132, 124)),
    "pig": ((132, 136, 138), (104, 112, 118), (150, 156, 158)),
}
_GRASS = np.array((66, 100, 90), np.float32)
_STEEL = (150, 152, 152)
_RUNS = {"far": ((0, 1), (1, 2), (2, 3)), "near": ((3, 0),), "back": ((1, 2),), "lateral": ((0, 1), (2, 3))}


@lru_cache(maxsize=16)
def empty_pen(
    species: str, width_m: float, depth_m: float, look_seed: int, width: int, height: int
) -> tuple[Image, PenCamera]:
    """The empty picture in day light and the camera that sees it. Callers copy before drawing."""
    rng = np.random.default_rng((look_seed, 7))
    camera = frame_pen(width_m, depth_m, float(rng.uniform(52, 66)), (width, height))
    texture = _plan(species, width_m, depth_m, rng)
    to_metres = np.array([[1 / _TEXEL_PER_M, 0, -_MARGIN_M], [0, 1 / _TEXEL_PER_M, -_MARGIN_M], [0, 0, 1.0]])
    seen = cv2.warpPerspective(
        texture,
        camera.ground_homography() @ to_metres,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    picture = np.asarray(seen, np.uint8)
    draw_fence(picture, camera, width_m, depth_m, sides="far")
    picture.flags.writeable = False
    return picture, camera


def draw_fence(picture: Image, camera: PenCamera, width_m: float, depth_m: float, sides: str) -> None:
    """Posts and three rails along `far` (the far and both lateral sides), `near`, `back` or `lateral` sides."""
    corners = np.array([[0, 0], [0, depth_m], [width_m, depth_m], [width_m, 0]], float)
    scale = picture.shape[1] / 960
    for start, end in _RUNS[sides]:
        _fence_run(picture, camera, corners[start], corners[end], scale)


def _fence_run(
    picture: Image, camera: PenCamera, start: NDArray[np.float64], end: NDArray[np.float64], scale: float
) -> None:
    posts = max(2, int(float(np.linalg.norm(end - start)) / 2.5))
    feet = start + np.linspace(0, 1, posts + 1)[:, None] * (end - start)
    thick = max(1, round(2 * scale))
    for level in (0.45, 0.85, 1.25):
        line = camera.project(np.column_stack([feet, np.full(len(feet), level)]))
        _polyline(picture, line + 1.2, (60, 64, 66), max(1, thick - 1))
        _polyline(picture, line, _STEEL, max(1, thick - 1))
    tops = camera.project(np.column_stack([feet, np.full(len(feet), 1.35)]))
    for foot, top in zip(camera.project(np.column_stack([feet, np.zeros(len(feet))])), tops, strict=True):
        _polyline(picture, np.stack([foot, top]), (112, 116, 118), thick)


def _polyline(picture: Image, points: NDArray[np.float64], colour: tuple[int, int, int], thick: int) -> None:
    fixed = np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(picture, [fixed], False, colour, thick, cv2.LINE_AA, 4)


def _plan(species: str, width_m: float, depth_m: float, rng: np.random.Generator) -> Image:
    """Top view of pen and surroundings, `_TEXEL_PER_M` texels a metre, row 0 = nearest to the camera."""
    wide = int((width_m + 2 * _MARGIN_M) * _TEXEL_PER_M)
    deep = int((depth_m + 2 * _MARGIN_M) * _TEXEL_PER_M)
    grain = _clouds(rng, deep, wide, (2, 5)) * 0.6 + _clouds(rng, deep, wide, (30, 80)) * 0.8
    plan = np.asarray(_GRASS * (1 + 0.22 * grain[..., None]), np.float32)
    area = np.s_[_px(0) : _px(depth_m), _px(0) : _px(width_m)]
    plan[area] = _floor(species, grain[area], rng)
    if species == "pig":
        _slats(plan[area], rng)
    _alley(plan, width_m, depth_m, grain)
    _water(plan, width_m, depth_m, rng)
    return np.clip(plan, 0, 255).astype(np.uint8)


def _px(metres: float) -> int:
    return int((metres + _MARGIN_M) * _TEXEL_PER_M)


def _floor(species: str, grain: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    dry, wet, litter = (np.array(colour, np.float32) for colour in _FLOORS[species])
    rows, columns = grain.shape
    wetness = np.clip(_clouds(rng, rows, columns, (40, 110)) * 0.8 + 0.35, 0, 1)[..., None]
    straw = np.clip(_clouds(rng, rows, columns, (25, 90)) * 1.2 - 0.45, 0, 1)[..., None]
    floor = dry * (1 - wetness) + wet * wetness
    floor = floor * (1 - 0.75 * straw) + litter * 0.75 * straw
    roughness = 0.06 if species == "pig" else 0.15
    return np.asarray(floor * (1 + roughness * grain[..., None]), np.float32)


def _slats(floor: NDArray[np.float32], rng: np.random.Generator) -> None:
    deep = floor.shape[0]
    for row in range(int(deep * rng.uniform(0.55, 0.7)), deep - 3, 9):
        floor[row : row + 3] *= 0.62


def _alley(plan: NDArray[np.float32], width_m: float, depth_m: float, grain: NDArray[np.float32]) -> None:
    """Concrete feed alley with a ribbon of forage beyond the far fence."""
    alley = np.s_[_px(depth_m) : _px(depth_m + 3.5), _px(-2) : _px(width_m + 2)]
    plan[alley] = np.array((142, 146, 148), np.float32) * (1 + 0.06 * grain[alley][..., None])
    feed = np.s_[_px(depth_m + 0.15) : _px(depth_m + 1.0), _px(0.3) : _px(width_m - 0.3)]
    plan[feed] = np.array((66, 124, 142), np.float32) * (1 + 0.28 * grain[feed][..., None])


def _water(plan: NDArray[np.float32], width_m: float, depth_m: float, rng: np.random.Generator) -> None:
    y = float(rng.uniform(0.25, 0.75)) * depth_m
    x = -0.1 if rng.random() < 0.5 else width_m - 0.7
    cv2.rectangle(plan, (_px(x), _px(y - 1)), (_px(x + 0.8), _px(y + 1)), (120, 122, 122), -1)
    cv2.rectangle(plan, (_px(x + 0.12), _px(y - 0.88)), (_px(x + 0.68), _px(y + 0.88)), (120, 96, 70), -1)


def _clouds(rng: np.random.Generator, rows: int, columns: int, cells: tuple[int, int]) -> NDArray[np.float32]:
    """Smooth noise with about unit spread and features between `cells` texels."""
    total = np.zeros((rows, columns), np.float32)
    for cell in cells:
        coarse = rng.standard_normal((rows // cell + 2, columns // cell + 2)).astype(np.float32)
        total += cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return total / np.float32(len(cells) ** 0.5)
