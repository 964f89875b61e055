"""Writes a labelled set of rendered pens in the YOLO layout.

`python -m firmware_sim.render_set --out DIR --count N --seed S --species cattle,sheep,pig [--pilot]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from firmware_sim import pilot, scenario
from firmware_sim.camera import JPEG_QUALITY, RenderedLens
from firmware_sim.enrol import enrol
from firmware_sim.rendering import SPECIES, AnimalPose, Light, PenView, RenderedFrame, render_pen
from firmware_sim.world import World

# floor space a head needs so that neighbours touch at times and rarely cover one another, square metres
_ROOM_M2 = {"cattle": 8.0, "sheep": 2.6, "pig": 2.4}
_FOOT_M = {"cattle": (2.3, 0.85), "sheep": (1.35, 0.6), "pig": (1.45, 0.55)}
_HEADS = (5, 80)
_PILOT_NIGHT = datetime(2026, 3, 1, 17, tzinfo=UTC)  # the pilot's last hour


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One labelled picture to write. lines: YOLO rows. quality: of the JPEG. kind: of scene, its species."""

    name: str
    kind: str
    frame: RenderedFrame
    lines: list[str]
    quality: int


def scatter(species: str, width_m: float, depth_m: float, count: int, rng: np.random.Generator) -> list[AnimalPose]:
    """`count` animals, loosely aligned, seldom overlapping, never outside the fence."""
    length, breadth = _FOOT_M[species]
    drift = rng.uniform(0, 2 * np.pi)
    spots: list[tuple[float, float, float]] = []
    for _ in range(count):
        spots.append(_free_spot(spots, (width_m, depth_m), (length, breadth), drift, rng))
    return [
        AnimalPose(f"{species}-{index:03d}", x, y, heading, lying=bool(rng.random() < 0.18))
        for index, (x, y, heading) in enumerate(spots)
    ]


def _free_spot(
    taken: Sequence[tuple[float, float, float]],
    pen: tuple[float, float],
    foot: tuple[float, float],
    drift: float,
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """The first of 40 tries whose body clears the others, else the roomiest of them."""
    best, room = (0.0, 0.0, 0.0), -np.inf
    edge = foot[0] * 0.55
    for _ in range(40):
        heading = float(rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else drift + rng.normal(0, 0.4))
        spot = (float(rng.uniform(edge, pen[0] - edge)), float(rng.uniform(edge, pen[1] - edge)), heading)
        gap = _clearance(spot, taken, foot)
        if gap > room:
            best, room = spot, gap
        if gap > 0.12 * foot[1]:
            break
    return best


def _clearance(
    spot: tuple[float, float, float], taken: Sequence[tuple[float, float, float]], foot: tuple[float, float]
) -> float:
    """Smallest gap between bodies taken as three discs each, metres; negative when they overlap."""
    if not taken:
        return float("inf")
    offsets = np.array([-0.33, 0.0, 0.33]) * foot[0]
    mine = np.array([(spot[0] + o * np.cos(spot[2]), spot[1] + o * np.sin(spot[2])) for o in offsets])
    others = np.asarray(taken)
    turn = np.stack([np.cos(others[:, 2]), np.sin(others[:, 2])], axis=1)
    theirs = (others[:, None, :2] + offsets[None, :, None] * turn[:, None, :]).reshape(-1, 2)
    distances = np.linalg.norm(mine[:, None] - theirs[None], axis=2)
    return float(distances.min() - foot[1])


def random_scene(species: str, rng: np.random.Generator) -> RenderedFrame:
    """One frame of a random pen: 5 to 80 head, any light, any herd."""
    count = int(rng.integers(_HEADS[0], _HEADS[1] + 1))
    area = max(count, 18) * _ROOM_M2[species] * float(rng.uniform(0.9, 1.7))
    aspect = float(rng.uniform(1.3, 2.0))
    width_m, depth_m = (area * aspect) ** 0.5, (area / aspect) ** 0.5
    view = PenView(species, width_m, depth_m, int(rng.integers(1 << 30)))
    light = (Light.DAY, Light.DUSK, Light.NIGHT)[int(rng.choice(3, p=(0.45, 0.15, 0.4)))]
    return render_pen(view, scatter(species, width_m, depth_m, count, rng), light, rng)


def scattered(count: int, seed: int, species: Sequence[str]) -> Iterator[Scene]:
    """`count` random pens, the species in turn; animals that an eye could find are labelled."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        kind = species[index % len(species)]
        frame = random_scene(kind, rng)
        yield Scene(
            f"{kind}-{seed}-{index:04d}", kind, frame, yolo_lines(frame, SPECIES.index(kind)), int(rng.integers(70, 95))
        )


def of_the_pilot(count: int, seed: int, species: Sequence[str]) -> Iterator[Scene]:
    """`count` looks through the pilot's cameras at random times, herds that flock and lie in heaps.

    Everyone is labelled, hidden or not: calibrated on these, a counter knows how many it does not see.
    """
    rng = np.random.default_rng(seed)
    index = 0
    while index < count:
        world_seed = int(rng.integers(1000, 1 << 30))  # far from the seeds that people choose for demos
        made = enrol(pilot.read(), world_seed, _PILOT_NIGHT, "render-set")
        world = World(made, world_seed, _PILOT_NIGHT - timedelta(days=1), _PILOT_NIGHT, scenario.read("quiet_night"))
        for camera in made.cameras:
            pen = world.herd.pen_named(camera.pen_id)
            if pen.species in species and index < count:
                at_s = int((_PILOT_NIGHT - timedelta(seconds=float(rng.uniform(0, 86_400)))).timestamp())
                frame, _ = RenderedLens(world).draw(camera, pen, at_s)
                lines = yolo_lines(frame, SPECIES.index(pen.species), least_visible=0.0)
                yield Scene(f"pilot-{pen.species}-{seed}-{index:04d}", pen.species, frame, lines, JPEG_QUALITY)
                index += 1


def write_set(out: Path, scenes: Iterable[Scene], count: int, split: str = "train") -> int:
    """Write the `count` scenes' pictures and labels below `out`; returns the number of labelled animals."""
    images, labels = out / "images" / split, out / "labels" / split
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    total, kinds = 0, out / "index.csv"
    if not kinds.exists():
        kinds.write_text("name,scene\n")
    for index, scene in enumerate(scenes):
        total += len(scene.lines)
        quality = [cv2.IMWRITE_JPEG_QUALITY, scene.quality]
        cv2.imwrite(str(images / f"{scene.name}.jpg"), scene.frame.image, quality)
        (labels / f"{scene.name}.txt").write_text("".join(f"{line}\n" for line in scene.lines))
        with kinds.open("a") as index_file:
            index_file.write(f"{scene.name},{scene.kind}\n")
        print(f"\rrendered {index + 1}/{count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return total


def yolo_lines(frame: RenderedFrame, class_id: int, least_visible: float = 0.15) -> list[str]:
    """YOLO rows (class, centre x, centre y, width, height; relative) of the animals an eye could find."""
    height, width = frame.image.shape[:2]
    return [
        f"{class_id} {(b.x1 + b.x2) / 2 / width:.6f} {(b.y1 + b.y2) / 2 / height:.6f} "
        f"{(b.x2 - b.x1) / width:.6f} {(b.y2 - b.y1) / height:.6f}"
        for b in frame.boxes
        if b.visible >= least_visible
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m firmware_sim.render_set", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write images/ and labels/ into")
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--species", default=",".join(SPECIES), help="comma-separated, of: " + ", ".join(SPECIES))
    parser.add_argument("--split", default="train", choices=("train", "val"))
    parser.add_argument("--pilot", action="store_true", help="through the pilot's cameras, to calibrate for the demo")
    chosen = parser.parse_args(arguments)
    species = tuple(chosen.species.split(","))
    if unknown := set(species) - set(SPECIES):
        parser.error(f"unknown species {', '.join(sorted(unknown))}; choose from {', '.join(SPECIES)}")
    scenes = (of_the_pilot if chosen.pilot else scattered)(chosen.count, chosen.seed, species)
    total = write_set(chosen.out, scenes, chosen.count, chosen.split)
    print(f"{chosen.count} pictures, {total} animals in {chosen.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
