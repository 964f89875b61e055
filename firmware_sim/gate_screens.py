"""What hides animals at a gate: a post, and a person who stands there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_sim.gate_view import GateView
from firmware_sim.render_animal import Sprite
from firmware_sim.rendering import Screen

_FINE = 2
Colour = tuple[float, float, float]
Limb = tuple[tuple[tuple[float, float], ...], float, Colour]  # (across, up) metres, thickness in metres, BGR
_WOOD: Colour = (84, 104, 124)
_COAT: Colour = (120, 70, 48)
_TROUSERS: Colour = (52, 48, 46)
_SKIN: Colour = (140, 164, 204)


def screen(kind: str, view: GateView, at_s: float) -> Screen:
    """`post` or `person`, where it stands at one moment; KeyError for anything else."""
    limbs = {"post": _post, "person": _person}[kind](view)
    near_m, along = {"post": (-0.15, 0.15), "person": (-0.5, -0.45)}[kind]
    drift = 0.3 * np.sin(0.5 * at_s) if kind == "person" else 0.0
    x, y = _place(view, near_m, (along + drift) * view.body_m)
    return Screen(y, _sprite(view, x, y, limbs))


def _place(view: GateView, near_m: float, along_m: float) -> tuple[float, float]:
    """Metres on the ground, before the race as the camera sees it; an `end` camera has it inside, at one side."""
    if view.angle == "end":
        return view.width_m * 0.3, view.depth_m / 2 - 0.25 * view.body_m + along_m
    return view.width_m / 2 + along_m, near_m


def _post(view: GateView) -> list[Limb]:
    wide = 0.45 * view.body_m
    return [(((0.0, 0.0), (0.0, 1.35 * view.body_m)), wide, _WOOD)]


def _person(_: GateView) -> list[Limb]:
    return [
        (((-0.1, 0.05), (-0.08, 0.85)), 0.17, _TROUSERS),
        (((0.1, 0.05), (0.08, 0.85)), 0.17, _TROUSERS),
        (((0.0, 0.95), (0.0, 1.4)), 0.42, _COAT),
        (((-0.26, 1.4), (-0.3, 0.95)), 0.12, _COAT),
        (((0.26, 1.4), (0.3, 0.95)), 0.12, _COAT),
        (((0.0, 1.64), (0.0, 1.68)), 0.22, _SKIN),
    ]


def _sprite(view: GateView, x: float, y: float, limbs: list[Limb]) -> Sprite:
    lines = [view.camera.project(np.array([(x + across, y, up) for across, up in points])) for points, _, _ in limbs]
    edge = view.camera.project(np.array([[x, y, 0.0], [x + 1, y, 0.0]]))
    px_per_m = float(edge[1, 0] - edge[0, 0])
    margin = max(thick for _, thick, _ in limbs) * px_per_m / 2 + 2
    every = np.concatenate(lines)
    left, top = (int(v) for v in np.floor(every.min(axis=0) - margin))
    right, bottom = (int(v) for v in np.ceil(every.max(axis=0) + margin))
    tile = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE, 3), np.uint8)
    mask = np.zeros(tile.shape[:2], np.uint8)
    for line, (_, thick, colour) in zip(lines, limbs, strict=True):
        fixed = [np.rint((line - (left, top)) * _FINE).astype(np.int32).reshape(-1, 1, 2)]
        width = max(2, round(thick * px_per_m * _FINE))
        cv2.polylines(tile, fixed, False, colour, width)
        cv2.polylines(mask, fixed, False, 255, width)
    return _reduced(left, top, tile, mask)


def _reduced(left: int, top: int, tile: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Sprite:
    size = (tile.shape[1] // _FINE, tile.shape[0] // _FINE)
    colour = np.asarray(cv2.resize(tile, size, interpolation=cv2.INTER_AREA), np.float32)
    alpha = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
    return Sprite(left, top, colour, alpha)
