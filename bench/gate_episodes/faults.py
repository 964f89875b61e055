"""What a detector makes of true boxes: misses in bursts, jitter, merged and false boxes, low scores."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.gate_episodes.scenario import HEIGHT, WIDTH, Scenario

Float = NDArray[np.float64]
BURST_S = 0.5  # mean length of a lost stretch


@dataclass(slots=True, eq=False)
class FaultyDetector:
    """Sees the boxes of one frame after another; `rng` decides its mistakes."""

    kind: Scenario
    rng: np.random.Generator
    posts: Float  # (P,4) boxes that hide what is behind them
    _lost_until: dict[int, float] = field(default_factory=dict)
    _ghosts: list[tuple[float, Float]] = field(default_factory=list)

    def see(self, t: float, ids: NDArray[np.intp], boxes: Float, depth: Float) -> list[list[float]]:
        """Rows [x1,y1,x2,y2,score,class]. depth: (N,) larger is nearer the camera and hides the others."""
        rows, taken = self._true_boxes(t, ids, boxes, depth)
        rows = self._merged(rows)
        rows += self._false_boxes(t)
        self.rng.shuffle(rows)
        del taken
        return [[*(round(float(v), 1) for v in row[:4]), round(float(row[4]), 3), 0] for row in _suppressed(rows)]

    def _true_boxes(
        self, t: float, ids: NDArray[np.intp], boxes: Float, depth: Float
    ) -> tuple[list[list[float]], list[int]]:
        rows, taken = [], []
        for row, box in enumerate(boxes):
            seen, share = self._visible_part(row, box, boxes, depth)
            if share < 0.08 or self._missed(t, int(ids[row]), share):
                continue
            rows.append([*self._jittered(seen), self._score(share)])
            taken.append(int(ids[row]))
        return rows, taken

    def _visible_part(self, row: int, box: Float, boxes: Float, depth: Float) -> tuple[Float, float]:
        """The box of what can be seen, and which share of the animal that is."""
        nearer = depth > depth[row]
        hiding = np.concatenate([_shrunk(boxes[nearer]), self.posts]) if nearer.any() else self.posts
        grid_x = np.linspace(box[0], box[2], 14)
        grid_y = np.linspace(box[1], box[3], 14)
        x, y = np.meshgrid((grid_x[1:] + grid_x[:-1]) / 2, (grid_y[1:] + grid_y[:-1]) / 2)
        free = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
        for x1, y1, x2, y2 in hiding:
            free &= ~((x >= x1) & (x <= x2) & (y >= y1) & (y <= y2))
        share = float(free.mean())
        if share < 0.08:
            return box, share
        part = np.array([x[free].min(), y[free].min(), x[free].max(), y[free].max()])
        edge = np.array([-1, -1, 1, 1]) * np.tile((box[2:] - box[:2]) / 28, 2)
        return np.clip(part + edge, 0, [WIDTH, HEIGHT] * 2), share

    def _missed(self, t: float, who: int, share: float) -> bool:
        if t < self._lost_until.get(who, -1.0):
            return True
        if self.rng.random() < self.kind.bursts_a_minute / 60 / self.kind.frame_rate:
            self._lost_until[who] = t + float(self.rng.exponential(BURST_S))
        return bool(self.rng.random() < self.kind.missed + 0.9 * max(0.0, 0.6 - share))

    def _jittered(self, box: Float) -> list[float]:
        size = np.tile(box[2:] - box[:2], 2)
        moved = box + self.rng.normal(size=4) * 0.03 * size
        return list(np.clip(moved, 0, [WIDTH, HEIGHT] * 2))

    def _score(self, share: float) -> float:
        return float(np.clip(self.rng.normal(0.35 + 0.5 * share, 0.1), 0.06, 0.98))

    def _merged(self, rows: list[list[float]]) -> list[list[float]]:
        """Two animals that overlap much are now and then one box."""
        kept = list(rows)
        for one in rows:
            for other in rows:
                if one is other or one not in kept or other not in kept:
                    continue
                if _iou(one, other) > 0.3 and self.rng.random() < 0.25:
                    kept.remove(other)
                    one[:4] = [
                        min(one[0], other[0]),
                        min(one[1], other[1]),
                        max(one[2], other[2]),
                        max(one[3], other[3]),
                    ]
        return kept

    def _false_boxes(self, t: float) -> list[list[float]]:
        if self.rng.random() < self.kind.false_a_frame:
            x, y = self.rng.uniform(0, WIDTH), self.rng.uniform(0, HEIGHT)
            w, h = self.rng.uniform(25, 140, 2)
            stays = float(self.rng.exponential(0.3)) if self.rng.random() < 0.3 else 0.0
            self._ghosts.append((t + stays, np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])))
        self._ghosts = [ghost for ghost in self._ghosts if ghost[0] >= t]
        found = [np.clip(box, 0, [WIDTH, HEIGHT] * 2) for _, box in self._ghosts]
        return [[*box, float(self.rng.uniform(0.1, 0.55))] for box in found if (box[2:] - box[:2]).min() > 4]


def _shrunk(boxes: Float) -> Float:
    """An animal fills less than its box: it hides what is behind the middle four fifths."""
    margin = (boxes[:, 2:] - boxes[:, :2]) * 0.1
    return np.concatenate([boxes[:, :2] + margin, boxes[:, 2:] - margin], axis=1)


def _iou(one: list[float], other: list[float]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    return shared / (
        (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared + 1e-9
    )


def _suppressed(rows: list[list[float]]) -> list[list[float]]:
    """Non-maximum suppression at 0.6, as most detectors do it."""
    kept: list[list[float]] = []
    for row in sorted(rows, key=lambda row: -row[4]):
        if all(_iou(row, other) <= 0.6 for other in kept):
            kept.append(row)
    return kept
