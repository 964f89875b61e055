"""A gate's camera: the race it looks at, the line in its picture, and where a walking animal stands on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_sim.gate_walk import Walk
from firmware_sim.render_animal import Stance
from firmware_sim.render_camera import PenCamera, frame_pen
from firmware_sim.render_coats import BUILDS
from firmware_sim.render_ground import draw_fence

ANGLES = ("above", "side", "end")
_PITCH_DEG = {"above": 60.0, "side": 24.0, "end": 62.0}
_SEEN_BODIES = {"above": 7.0, "side": 7.0, "end": 6.0}  # of the race, along it
_LANE_BODIES = 0.62
_TEXEL_PER_M = 20
_FLOORS = {"cattle": (96, 112, 128), "sheep": (84, 112, 112), "pig": (128, 132, 134)}
Image = NDArray[np.uint8]
Line = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class GateView:
    """angle: `above` and `side` see animals come in from left to right, `end` sees them come towards it. Metres."""

    species: str
    angle: str
    lanes: int
    ground: Image
    camera: PenCamera
    width_m: float
    depth_m: float

    @property
    def body_m(self) -> float:
        return BUILDS[self.species].length

    @property
    def line(self) -> Line:
        """The counting line in the picture, at the height of the animals' middle. In is to its right, or below it."""
        ends = self._line_ends()
        up = BUILDS[self.species].height / 2
        pixels = self.camera.project(np.array([(*end, up) for end in ends]))
        return tuple(round(float(v), 1) for v in pixels.ravel())  # type: ignore[return-value]

    def _line_ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        over = 0.6 * self.body_m  # beyond the fences, so that nobody walks round its end
        if self.angle == "end":
            return (-over, self.depth_m / 2), (self.width_m + over, self.depth_m / 2)
        return (self.width_m / 2, -over), (self.width_m / 2, self.depth_m + over)

    def stance(self, walk: Walk, at_s: float) -> Stance:
        """Where and how an animal stands at one moment: legs move with the way it goes."""
        past, soon = float(walk.past(at_s)), float(walk.past(at_s + 0.2))
        side = (walk.lane + 0.5) * _LANE_BODIES * self.body_m + 0.1
        along = past * self.body_m
        x, y = (side, self.depth_m / 2 - along) if self.angle == "end" else (self.width_m / 2 + along, side)
        inward = 0.0 if self.angle != "end" else -np.pi / 2
        turn = inward + (np.pi if _faces_back(walk, at_s) else 0.0)
        moving = min(1.0, abs(soon - past) * 8)
        sway = 0.25 * np.sin(1.1 * at_s + 2.3 * walk.lane + walk.knots[0][0])
        return Stance(x, y, turn, False, float(sway), False, float(moving * np.sin(2 * np.pi * 0.9 * past)))

    def cover(self, image: Image) -> None:
        """The rails that stand nearest to the camera."""
        if self.angle != "end":
            draw_fence(image, self.camera, self.width_m, self.depth_m, sides="near")


def gate_view(species: str, angle: str, lanes: int, size: tuple[int, int], rng: np.random.Generator) -> GateView:
    """A gate for so many animals abreast, filling a picture of `size` = (width, height) pixels."""
    if angle not in ANGLES:
        raise ValueError(f"angle {angle!r} is not one of {', '.join(ANGLES)}")
    body = BUILDS[species].length
    along, across = _SEEN_BODIES[angle] * body, lanes * _LANE_BODIES * body + 0.2
    width_m, depth_m = (across, along) if angle == "end" else (along, across)
    camera = frame_pen(width_m, depth_m, _PITCH_DEG[angle] + float(rng.uniform(-4, 4)), size)
    ground = _ground(species, (width_m, depth_m), camera, size, rng)
    draw_fence(ground, camera, width_m, depth_m, sides="lateral" if angle == "end" else "back")
    return GateView(species, angle, lanes, ground, camera, width_m, depth_m)


def _faces_back(walk: Walk, at_s: float) -> bool:
    """Animals do not walk backwards far: they face where the next half body leads, else where they came from."""
    ahead = walk.past(np.arange(at_s, at_s + 2.0, 0.1)) - float(walk.past(at_s))
    moved = ahead[np.abs(ahead) > 0.5]
    if len(moved):
        return bool(moved[0] < 0)
    return float(walk.past(at_s)) < float(walk.past(at_s - 1.0))


def _ground(
    species: str, race: tuple[float, float], camera: PenCamera, size: tuple[int, int], rng: np.random.Generator
) -> Image:
    """Trodden ground with a darker track where the animals go, seen by the camera."""
    margin = 12.0
    wide, deep = (int((side + 2 * margin) * _TEXEL_PER_M) for side in race)
    grain = rng.standard_normal((deep // 3 + 1, wide // 3 + 1)).astype(np.float32)
    clouds = rng.standard_normal((deep // 60 + 2, wide // 60 + 2)).astype(np.float32)
    rough = (
        cv2.resize(grain, (wide, deep)) * 0.05 + cv2.resize(clouds, (wide, deep), interpolation=cv2.INTER_CUBIC) * 0.1
    )
    plan = np.array(_FLOORS[species], np.float32) * (1 + rough[..., None])
    low, high_x, high_y = (int(v * _TEXEL_PER_M) for v in (margin, margin + race[0], margin + race[1]))
    plan[low:high_y, low:high_x] *= 0.82
    to_metres = np.array([[1 / _TEXEL_PER_M, 0, -margin], [0, 1 / _TEXEL_PER_M, -margin], [0, 0, 1.0]])
    seen = cv2.warpPerspective(
        np.clip(plan, 0, 255).astype(np.uint8),
        camera.ground_homography() @ to_metres,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.asarray(seen, np.uint8)
