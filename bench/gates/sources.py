"""Where the clips come from: drawn films, the real film of the shared pictures, and box-level episodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from bench.gate_episodes import episode
from bench.gate_episodes.scenario import HEIGHT, NAMES, WIDTH
from bench.gates.clip import Clip, write_frames
from bench.gates.faults import faulty
from firmware_sim import gate_film
from firmware_sim.gate_scenario import LEVELS, SCENARIOS
from vision.detector import Detector, Image

REAL = "A_race_back_and_forth"
REAL_LINE = (40.0, 200.0, 290.0, 200.0)  # across the race, where only the animal that comes and goes passes
FLOOR = 0.05  # trackers use unsure boxes too
GROUPS = tuple(f"{level}, {kind}" for level in LEVELS for kind in ("faults", "model"))


def drawn_films(folder: Path, seeds: list[int], seconds: float, detector: Detector | None) -> Iterator[Clip]:
    """Every scenario with every seed: once with faults in true boxes, once as the detector finds them in the film."""
    for scenario in SCENARIOS:
        for seed in seeds:
            made = gate_film.film(scenario, seed, seconds)
            truth = gate_film.write(made, folder)
            frames = truth["frames"]
            size = (truth["width"], truth["height"])
            yield _drawn(truth, "faults", write_frames(
                folder / f"{made.name}.faults.jsonl", faulty(frames, truth["fps"], size, seed)
            ))  # fmt: skip
            if detector is not None:
                found = detected(folder / f"{made.name}.mp4", detector)
                yield _drawn(truth, "model", write_frames(folder / f"{made.name}.model.jsonl", found))


def _drawn(truth: dict[str, Any], kind: str, detections: Path) -> Clip:
    return Clip(
        f"{truth['name']} ({truth['species']}, {truth['angle']}, {truth['light']}), {kind}",
        f"{truth['level']}, {kind}", detections, tuple(truth["line"]), truth["in"], truth["out"],
        len(truth["animals"]), truth["fps"], truth["width"], truth["height"],
    )  # fmt: skip


def real_film(data: Path, folder: Path, detector: Detector | None) -> Iterator[Clip]:
    """The race of the shared pictures: one animal goes in and comes out again. Nothing where it is not there."""
    film = data / "race-gate" / "clips" / f"{REAL}.mp4"
    if not film.exists():
        return
    rows = json.loads(film.with_suffix(".boxes.json").read_text())["frames"]
    true = [{"frame": n, "t": n / 30, "boxes": [[*box, 0.9, 0] for box in boxes]} for n, _, boxes in rows]
    kinds = {"true boxes": true}
    if detector is not None:
        kinds["model"] = detected(film, detector)
    for kind, frames in kinds.items():
        path = write_frames(folder / f"{REAL}.{kind.replace(' ', '-')}.jsonl", frames)
        yield Clip(f"{REAL}, {kind}", f"real, {kind}", path, REAL_LINE, 1, 1, 2, 30, 300, 500)


def episodes(folder: Path, seeds: list[int]) -> Iterator[Clip]:
    """Box-level episodes: every scenario with every seed."""
    for name in NAMES:
        for seed in seeds:
            made = episode.make(name, seed)
            path = write_frames(folder / f"episode-{name}-{seed}.jsonl", made.frames)
            rate = 1 / max(made.frames[1]["t"] - made.frames[0]["t"], 1e-3)
            yield Clip(
                f"episode {name}-{seed}", "episodes", path, made.line, made.positive, made.negative, made.head,
                round(rate, 2), WIDTH, HEIGHT,
            )  # fmt: skip


def detected(film: Path, detector: Detector) -> list[dict[str, Any]]:
    """What the detector finds in every frame of a film; people left out. OSError for a film that cannot be opened."""
    return [
        {"frame": number, "t": round(t, 3), "boxes": _rows(detector, image)}
        for number, (t, image) in enumerate(_pictures(film))
    ]


def _rows(detector: Detector, image: Image) -> list[list[float]]:
    found = detector.detect(image).animals.at_least(FLOOR)
    return [
        [*(round(float(v), 1) for v in xyxy), round(float(score), 3), int(kind)]
        for xyxy, score, kind in zip(found.xyxy, found.score, found.class_id, strict=True)
    ]


def _pictures(film: Path) -> Iterator[tuple[float, Image]]:
    capture = cv2.VideoCapture(str(film))
    if not capture.isOpened():
        raise OSError(f"cannot open {film}: is it a whole film?")
    rate = capture.get(cv2.CAP_PROP_FPS) or 10.0
    try:
        number = 0
        while (got := capture.read())[0]:
            yield number / rate, got[1]
            number += 1
    finally:
        capture.release()
