"""The peers that look at stills, and how their boxes are judged as `vision evaluate` judges ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.vision.protocol import Task
from bench.peers.vision.runner import Asked, Peer, ask
from vision.detector import CLASSES, Boxes
from vision.detectors.replay import ReplayDetector
from vision.evaluation import examine_set, figures
from vision.manifest import Manifest, SceneTrust
from vision.truth import Truth

LOWEST = 0.02  # as `vision evaluate` asks of ours, for the average precision
SAHI_LOWEST = 0.1  # below it SAHI changes how it merges
COCO_SCORE = 0.25
WIDE_SETS = ("pasture-cctv", "aerial-cattle")  # where slicing may help; elsewhere pictures are one slice
_FOUR_LEGGED = range(15, 24)  # cat to giraffe among the COCO classes
_NOT_OURS = ("coverage95", "width95", "unlabelled")  # nobody else gives intervals

ULTRALYTICS = ("ultralytics predict", "run_ultralytics_still.py", "ultralytics", "AGPL-3.0")
SLICER = ("supervision InferenceSlicer", "run_supervision_still.py", "supervision", "MIT")
SAHI = ("SAHI", "run_sahi_still.py", "sahi", "MIT")


@dataclass(frozen=True, slots=True)
class StillPeer:
    """A way of finding animals: somebody's program with a network. manifest: of our network; None for a COCO one."""

    peer: Peer
    manifest: Manifest | None
    sets: tuple[str, ...] | None

    def score(self, name: str) -> float:
        """The least score that counts in a set: for our weights the one that we count with."""
        return COCO_SCORE if self.manifest is None else self.manifest.trust(name).score

    def floor(self, name: str) -> float:
        """The least score that is asked for."""
        return max(SAHI_LOWEST, self.score(name)) if self.peer.step == "sahi" else LOWEST


def still_peers(coco: Path, ours: Path, manifest: Manifest) -> Iterator[StillPeer]:
    """Everybody with the public COCO weights, then the slicers with ours."""
    for kind, sets in ((ULTRALYTICS, None), (SLICER, WIDE_SETS), (SAHI, WIDE_SETS)):
        yield StillPeer(_peer(kind, "COCO weights", coco, 640), None, sets)
    for kind, sets in ((ULTRALYTICS, None), (SLICER, WIDE_SETS), (SAHI, WIDE_SETS)):
        yield StillPeer(_peer(kind, "our weights", ours, manifest.image_size), manifest, sets)


def _peer(kind: tuple[str, str, str, str], weights: str, model: Path, size: int) -> Peer:
    name, script, step, licence = kind
    return Peer(f"{name}, {weights}", script, step, licence, ("--model", str(model), "--size", str(size)))


def measured(
    way: StillPeer, sets: dict[str, list[Truth]], folder: Path, threads: int
) -> tuple[Asked, dict[str, dict[str, Any]]]:
    """A peer's figures per set; a set with a picture that it failed on has none."""
    chosen = {name: rows for name, rows in sets.items() if way.sets is None or name in way.sets}
    asked = ask(way.peer, list(_tasks(way, chosen)), folder, threads)
    found = {}
    for name, rows in chosen.items():
        answers = [asked.answers.get(_task_name(name, truth), {}) for truth in rows]
        if all("boxes" in answer for answer in answers):
            found[name] = _figures(way, name, rows, answers)
    return asked, found


def _tasks(way: StillPeer, sets: dict[str, list[Truth]]) -> Iterator[Task]:
    for name, rows in sets.items():
        for truth in rows:
            picture = str(truth.path.resolve())
            yield {"name": _task_name(name, truth), "picture": picture, "score": way.floor(name)}


def _task_name(name: str, truth: Truth) -> str:
    return f"{name}/{truth.path.name}"


def _figures(way: StillPeer, name: str, rows: Sequence[Truth], answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    species = _species(rows)
    boxes = [_boxes(answer["boxes"], None if way.manifest else species) for answer in answers]
    examined = examine_set(ReplayDetector(boxes), rows)
    row = asdict(figures(examined, SceneTrust(way.score(name), None, 0)))
    took = float(np.median([answer["ms"] for answer in answers]))
    return {key: value for key, value in row.items() if key not in _NOT_OURS} | {"ms_per_frame": round(took, 1)}


def _species(rows: Sequence[Truth]) -> int:
    """The one species of a set, as the generous reading of a network that does not know it."""
    kinds = np.concatenate([truth.class_id for truth in rows])
    return int(np.bincount(kinds, minlength=len(CLASSES)).argmax()) if len(kinds) else 0


def _boxes(rows: list[list[float]], species: int | None) -> Boxes:
    """species: what any four-legged animal of the COCO classes is taken for; None: classes are ours."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    kind = table[:, 5].astype(np.int64)
    keep = kind < len(CLASSES) if species is None else np.isin(kind, _FOUR_LEGGED)
    xyxy = table[keep, :4]
    xyxy[:, 2:] = np.maximum(xyxy[:, 2:], xyxy[:, :2])
    kinds = kind[keep] if species is None else np.full(int(keep.sum()), species, np.int64)
    return Boxes(xyxy, np.clip(table[keep, 4], 0, 1), kinds)


def mean_guess(train: Sequence[Truth], val: Sequence[Truth]) -> dict[str, Any]:
    """What always guessing the mean head of the training pictures would be off by."""
    guess = float(np.mean([truth.count for truth in train]))
    true = np.array([truth.count for truth in val])
    error = guess - true
    return {
        "images": len(val), "true": int(true.sum()), "guess": round(guess, 2),
        "mae": round(float(np.abs(error).mean()), 4), "rmse": round(float(np.sqrt((error**2).mean())), 4),
        "mre": round(float((np.abs(error) / np.maximum(true, 1)).mean()), 4), "bias": round(float(error.mean()), 4),
    }  # fmt: skip
