"""How far a tiled count is off because of its seams: `python -m bench.seams [--seeds 20]`.

Synthetic herds with exact boxes. Each tile finds an animal by how much of it it sees, ends cut boxes at its edge, and
jitters every box a little; whether an animal is found at all (recall) is drawn once per animal, and once more per tile
in the second column. The same finds are merged by us and by suppression at an overlap of .5, as slicers do by default.
Errors are against the animals that at least one tile found, so that they are the seams' own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import numpy as np

from vision.detector import Boxes, Float
from vision.still.seams import Found, merge
from vision.still.tiles import Tile, lay_tiles
from vision.suppression import area, overlap

WIDTH, HEIGHT, SIDE, OVERLAP, RECALL = 2560, 1440, 640, 0.2, 0.98
HERDS = (60, 150, 300)
Merge = Callable[[list[Found]], Boxes]


def herd(rng: np.random.Generator, head: int) -> Float:
    """(head,4) boxes of animals of 45 to 100 px, none over another by more than an overlap of .3."""
    kept = np.zeros((0, 4), np.float32)
    while len(kept) < head:
        size = rng.uniform(45, 100) * np.array([1.0, rng.uniform(0.5, 1.0)])[rng.permutation(2)]
        low = rng.uniform(0, 1, 2) * (np.array([WIDTH, HEIGHT]) - size)
        box = np.concatenate([low, low + size])[None].astype(np.float32)
        if not len(kept) or overlap(box, kept).max() < 0.3:
            kept = np.concatenate([kept, box])
    return kept


def look(rng: np.random.Generator, tile: Tile, animals: Float, per_tile: float) -> tuple[Found, np.ndarray]:
    """What a tile finds of `animals`, and which. A piece of a tenth is found never, half an animal nearly always."""
    seen = tile.clip(animals)
    share = area(seen) / area(animals)
    chance = np.clip((share - 0.1) / 0.4, 0, 1) * per_tile
    found = rng.random(len(animals)) < chance
    jitter = rng.normal(0, 0.02, (len(animals), 4)) * np.tile(animals[:, 2:] - animals[:, :2], 2)
    boxes = tile.clip(np.asarray(seen + jitter, np.float32))[found]
    score = np.clip(0.25 + 0.6 * share + rng.normal(0, 0.06, len(animals)), 0.05, 0.99)[found]
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    return (tile, Boxes(boxes, score, np.zeros(len(boxes), np.int64))), found


def by_suppression(found: list[Found]) -> Boxes:
    """What slicers do by default: all boxes on one heap, non-maximum suppression at an overlap of .5."""
    xyxy = np.concatenate([boxes.xyxy for _, boxes in found])
    score = np.concatenate([boxes.score for _, boxes in found])
    order = np.argsort(-score, kind="stable")
    alive = np.ones(len(score), np.bool_)
    like = overlap(xyxy[order], xyxy[order]) > 0.5
    for row in range(len(order)):
        if alive[row]:
            alive[row + 1 :] &= ~like[row, row + 1 :]
    kept = order[alive]
    return Boxes(xyxy[kept], score[kept], np.zeros(len(kept), np.int64))


METHODS: dict[str, Merge] = {
    "seams": lambda found: merge(found, WIDTH, HEIGHT),
    "suppression": by_suppression,
}


def measure(seeds: int, first_seed: int, per_tile: float) -> dict[str, dict[str, float]]:
    """Mean |error| in percent of the animals found, by method and herd."""
    errors: dict[str, dict[str, list[float]]] = {name: {str(head): [] for head in HERDS} for name in METHODS}
    for head in HERDS:
        for seed in range(first_seed, first_seed + seeds):
            rng = np.random.default_rng([seed, head])
            animals = herd(rng, head)
            animals = animals[rng.random(head) < RECALL / per_tile]
            looks = [look(rng, tile, animals, per_tile) for tile in lay_tiles(WIDTH, HEIGHT, SIDE, OVERLAP)]
            known = int(np.any([found for _, found in looks], axis=0).sum())
            for name, method in METHODS.items():
                counted = len(method([found for found, _ in looks]))
                errors[name][str(head)].append(100 * abs(counted - known) / known)
    return {n: {head: round(float(np.mean(v)), 2) for head, v in rows.items()} for n, rows in errors.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="herds per size")
    parser.add_argument("--first-seed", type=int, default=1000, help="development used seeds below 1000")
    given = parser.parse_args()
    plan = {"picture": [WIDTH, HEIGHT], "tile_px": SIDE, "overlap": OVERLAP, "recall": RECALL, "herds": given.seeds}
    figures = {
        "recall_per_animal": measure(given.seeds, given.first_seed, 1.0),
        "recall_per_tile": measure(given.seeds, given.first_seed, RECALL),
    }
    print(json.dumps({"plan": plan, "mean_absolute_error_percent": figures}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
