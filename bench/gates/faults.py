"""What a detector with faults would report of true boxes: lost in bursts, jittering, two in one, at times a ghost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

BURSTS_A_MINUTE, BURST_S = 5.0, 0.6  # per animal
MISSED = 0.04
HIDDEN = 0.25  # below this visible share an animal is not found
JITTER = 0.03  # of a box's side
MERGE_AT, MERGED = 0.55, 0.3  # overlap from which two are one box, and how often
GHOSTS = 0.03  # a frame


def faulty(frames: Iterable[dict[str, Any]], fps: float, size: tuple[int, int], seed: int) -> list[dict[str, Any]]:
    """Detections of a film's true frames, `boxes` rows (x1, y1, x2, y2, id, visible share). The same seed, the same."""
    rng = np.random.default_rng([seed, 11])
    lost_until: dict[str, float] = {}
    found = []
    for frame in frames:
        rows = [_seen(box, frame["t"], fps, lost_until, rng) for box in frame["boxes"]]
        boxes = _merged([row for row in rows if row is not None], rng)
        boxes += _ghosts(size, rng)
        limits = np.array([*size, *size], float)
        found.append({"frame": frame["frame"], "t": frame["t"], "boxes": [_written(box, limits) for box in boxes]})
    return found


def _seen(
    box: list[Any], t: float, fps: float, lost_until: dict[str, float], rng: np.random.Generator
) -> list[float] | None:
    key, visible = str(box[4]), float(box[5])
    chance = rng.random(3)
    if chance[0] < BURSTS_A_MINUTE / 60 / fps:
        lost_until[key] = t + BURST_S * (0.4 + 1.2 * chance[1])
    missed = MISSED + max(0.0, 0.6 - visible)
    if visible < HIDDEN or t < lost_until.get(key, -1.0) or chance[2] < missed:
        return None
    xyxy = np.array(box[:4], float)
    side = np.tile(xyxy[2:] - xyxy[:2], 2)
    score = float(np.clip(0.35 + 0.5 * visible + rng.normal(0, 0.08), 0.05, 0.98))
    return [*(xyxy + rng.normal(0, JITTER, 4) * side), score]


def _merged(rows: list[list[float]], rng: np.random.Generator) -> list[list[float]]:
    """Two that overlap much become one box around both."""
    kept: list[list[float]] = []
    for row in rows:
        twin = next((other for other in kept if _overlap(row, other) > MERGE_AT), None)
        if twin is None or rng.random() > MERGED:
            kept.append(row)
        else:
            twin[:] = [*np.minimum(twin[:2], row[:2]), *np.maximum(twin[2:4], row[2:4]), max(twin[4], row[4])]
    return kept


def _ghosts(size: tuple[int, int], rng: np.random.Generator) -> list[list[float]]:
    if rng.random() > GHOSTS:
        return []
    x, y = rng.uniform(0.1, 0.8, 2) * size
    wide, high = rng.uniform(0.04, 0.15, 2) * size[0]
    return [[x, y, x + wide, y + high, float(rng.uniform(0.1, 0.5))]]


def _overlap(one: list[float], other: list[float]) -> float:
    wide, high = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    shared = max(wide, 0.0) * max(high, 0.0)
    areas = [(row[2] - row[0]) * (row[3] - row[1]) for row in (one, other)]
    return shared / max(sum(areas) - shared, 1e-9)


def _written(box: list[float], limits: np.ndarray) -> list[float]:
    xyxy = np.clip(box[:4], 0, limits)
    xyxy[2:] = np.maximum(xyxy[2:], xyxy[:2] + 1)
    return [*(round(float(v), 1) for v in xyxy), round(box[4], 3), 0]
