"""Pen cameras: when they look, and what they then see of the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zlib import crc32

import cv2
import numpy as np

from collateral.contract.enrolment import CameraEnrolled
from firmware_sim.chance import stream
from firmware_sim.herd import Floats, PenPlace
from firmware_sim.rendering import AnimalPose, Light, PenView, RenderedFrame, render_pen
from firmware_sim.world import World

JPEG_QUALITY = 80
SCENES = "rendered"  # the vision part's name for such pictures; each species is a kind of its own
PICTURES = (".jpg", ".jpeg")
_DAY_HOURS, _TWILIGHT_HOURS = (6.5, 18.0), 0.75  # [I]; lamps follow the clock, not the almanac
# Animals do not stand inside one another: half a body length between their middles, metres.
_ROOM_M = {"cattle": 1.9, "sheep": 0.9, "pig": 0.8}
_PUSHES = 8
HEADING_OVER_S = 20.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture and the truth about it. `true_head` None: a real picture that nobody has counted."""

    camera: CameraEnrolled
    species: str
    sequence: int
    captured_s: int
    jpeg: bytes
    true_head: int | None
    light: str
    scene: str | None

    @property
    def captured_at(self) -> datetime:
        return datetime.fromtimestamp(self.captured_s, UTC)


class Lens(Protocol):
    """Makes a camera's picture at one moment."""

    def shoot(self, camera: CameraEnrolled, pen: PenPlace, at_s: int) -> Shot:
        """The picture that `camera`, which watches `pen`, takes at epoch second `at_s`."""


def light_at(hour: float) -> Light:
    """How a pen is lit at a local hour."""
    dawn, nightfall = _DAY_HOURS
    if dawn + _TWILIGHT_HOURS <= hour < nightfall - _TWILIGHT_HOURS:
        return Light.DAY
    return Light.DUSK if dawn <= hour < nightfall else Light.NIGHT


def sequence_of(camera: CameraEnrolled, at_s: int) -> int:
    """A camera numbers its pictures by its own interval, so a missed one leaves a gap."""
    return at_s // camera.interval_s


def phase_s(camera: CameraEnrolled, number: int, of: int) -> int:
    """Cameras take turns within their interval, which spreads the load on gateways and counters."""
    return number * camera.interval_s // of


@dataclass(frozen=True, slots=True)
class RenderedLens:
    """Draws the animals that are in the pen at that moment."""

    world: World

    def shoot(self, camera: CameraEnrolled, pen: PenPlace, at_s: int) -> Shot:
        light = light_at(self.world.local_hour(pen.farm, at_s))
        drawn, head = self.draw(camera, pen, at_s)
        _, jpeg = cv2.imencode(".jpg", drawn.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        scene = f"{SCENES}/{pen.species}"
        return Shot(camera, pen.species, sequence_of(camera, at_s), at_s, jpeg.tobytes(), head, light.value, scene)

    def draw(self, camera: CameraEnrolled, pen: PenPlace, at_s: int) -> tuple[RenderedFrame, int]:
        """The picture before it is encoded, and how many are there, hidden ones among them."""
        hour = self.world.local_hour(pen.farm, at_s)
        poses = list(self._poses(pen, at_s, hour))
        look = (self.world.seed * 1_000_003 + crc32(pen.pen_id.encode())) % 2**31
        view = PenView(pen.species, pen.place.width_m, pen.place.depth_m, look)
        rng = stream(self.world.seed, "picture", camera.camera_id, at_s)
        return render_pen(view, poses, light_at(hour), rng), len(poses)

    def _poses(self, pen: PenPlace, at_s: int, hour: float) -> Iterator[AnimalPose]:
        world, rows = self.world, pen.rows
        places = world.places(rows, at_s, pen.farm)
        soon = world.places(rows, at_s + HEADING_OVER_S, pen.farm)
        here = ~np.isnan(places[:, 0])
        way = np.where(np.isnan(soon), 0.0, soon - places)
        lying = world.moves.lying(rows, np.full(len(rows), float(at_s)), np.full(len(rows), hour))
        stand = _apart(places[here], _ROOM_M[pen.species], (pen.place.width_m, pen.place.depth_m))
        for row, (x, y), (dx, dy), lies in zip(rows[here], stand, way[here], lying[here], strict=True):
            yield AnimalPose(world.herd.animals[row], float(x), float(y), float(np.arctan2(dy, dx)), bool(lies))


@dataclass(frozen=True, slots=True)
class RealLens:
    """Sends pictures from a folder, in order of name, instead of drawn ones; a subfolder per species is preferred."""

    folder: Path
    world: World

    def shoot(self, camera: CameraEnrolled, pen: PenPlace, at_s: int) -> Shot:
        pictures = real_pictures(self.folder, pen.species)
        sequence = sequence_of(camera, at_s)
        chosen = pictures[(sequence + crc32(camera.camera_id.encode())) % len(pictures)]
        light = light_at(self.world.local_hour(pen.farm, at_s)).value
        return Shot(camera, pen.species, sequence, at_s, chosen.read_bytes(), None, light, None)


class NoPictures(ValueError):
    """The folder given with --frames has no JPEG pictures."""


def real_pictures(folder: Path, species: str) -> list[Path]:
    """The pictures for a species. Raises NoPictures."""
    own = folder / species
    found = sorted(p for p in (own if own.is_dir() else folder).rglob("*") if p.suffix.lower() in PICTURES)
    if not found:
        raise NoPictures(f"{folder}: no .jpg pictures for {species}")
    return found


def _apart(places: Floats, room_m: float, size: tuple[float, float]) -> Floats:
    """Push apart animals that stand closer than `room_m`, inside the pen."""
    places = places.copy()
    for _ in range(_PUSHES):
        gap = places[:, None, :] - places[None, :, :]
        distance = np.hypot(gap[..., 0], gap[..., 1])
        np.fill_diagonal(distance, np.inf)
        close = np.maximum(0.0, room_m - distance) / np.maximum(distance, 1e-6)
        places += 0.5 * (gap * close[..., None]).sum(axis=1)
        places = np.clip(places, 0.3, np.array(size) - 0.3)
    return places
