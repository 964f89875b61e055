"""What tiled counting is off by because of its seams: known herds, the same finds in the same window for everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.vision.protocol import Task
from bench.peers.vision.runner import Peer, ask
from bench.peers.vision.tile_look import chart, look, whereabouts
from vision.detector import Boxes, Float, Image
from vision.still.wide import TiledDetector
from vision.suppression import overlap

WIDTH, HEIGHT, SIDE, RECALL = 2560, 1440, 640, 0.98
HERDS = (60, 150, 300)
CROWDS = {"apart": 0.05, "touching": 0.3}  # largest overlap of two true boxes
PEERS = (
    Peer("supervision InferenceSlicer", "run_supervision_tiles.py", "supervision", "MIT"),
    Peer("SAHI", "run_sahi_tiles.py", "sahi", "MIT"),
)


@dataclass(frozen=True, slots=True)
class KnownHerd:
    """Our detector protocol, answering from a known herd."""

    animals: list[list[float]]
    seed: int
    version: str = "known"

    def detect(self, image: Image) -> Boxes:
        """What `tile_look` says of this window."""
        rows = look(whereabouts(image), self.animals, self.seed)
        return Boxes(rows[:, :4], rows[:, 4], np.zeros(len(rows), np.int64))


def measure(seeds: int, first_seed: int, folder: Path) -> dict[str, Any]:
    """Mean |error| in percent of the herd, by method, crowd and head; and why a peer is missing."""
    tasks = list(_tasks(seeds, first_seed))
    counts = {"herdlien": {task["name"]: _ours(task) for task in tasks}}
    missing = {}
    for peer in PEERS:
        asked = ask(peer, tasks, folder)
        failed = [row["error"] for row in asked.answers.values() if "error" in row]
        if asked.reason or failed:
            missing[peer.name] = asked.reason or failed[0]
        else:
            counts[peer.name] = {name: (row["count"], row["ms"]) for name, row in asked.answers.items()}
    return {"mean_error_percent": {name: _errors(tasks, found) for name, found in counts.items()}, "missing": missing}


def _tasks(seeds: int, first_seed: int) -> Iterator[Task]:
    for crowd, most in CROWDS.items():
        for head in HERDS:
            for seed in range(first_seed, first_seed + seeds):
                rng = np.random.default_rng([seed, head])
                animals = herd(rng, head, most)
                kept = animals[rng.random(head) < RECALL].astype(float).round(1).tolist()
                yield {
                    "name": f"{crowd}/{head}/{seed}", "width": WIDTH, "height": HEIGHT, "animals": kept, "seed": seed
                }  # fmt: skip


def herd(rng: np.random.Generator, head: int, most: float) -> Float:
    """(head,4) boxes of 45 to 100 px, no two overlapping by more than `most`."""
    kept = np.zeros((0, 4), np.float32)
    while len(kept) < head:
        size = rng.uniform(45, 100) * np.array([1.0, rng.uniform(0.5, 1.0)])[rng.permutation(2)]
        low = rng.uniform(0, 1, 2) * (np.array([WIDTH, HEIGHT]) - size)
        box = np.concatenate([low, low + size])[None].astype(np.float32)
        if not len(kept) or overlap(box, kept).max() <= most:
            kept = np.concatenate([kept, box])
    return kept


def _ours(task: Task) -> tuple[int, float]:
    picture = chart(task["width"], task["height"])
    began = time.perf_counter()
    found = TiledDetector(KnownHerd(task["animals"], task["seed"]), SIDE).detect(picture)
    return len(found), (time.perf_counter() - began) * 1000


def _errors(tasks: list[Task], found: dict[str, tuple[int, float]]) -> dict[str, float]:
    """Against the animals that can be found: misses are the same for everybody."""
    rows: dict[str, list[float]] = {}
    for task in tasks:
        true = len(task["animals"])
        group = task["name"].rpartition("/")[0]
        rows.setdefault(group, []).append(100 * abs(found[task["name"]][0] - true) / true)
    return {name: round(float(np.mean(values)), 2) for name, values in rows.items()}
