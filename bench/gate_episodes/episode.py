"""One episode: frames as a detector would report them, the line, and what truly happened."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.gate_episodes.faults import FaultyDetector
from bench.gate_episodes.herd import WIDTH_OF_ONE, Float, Walk, walk
from bench.gate_episodes.scenario import HEIGHT, WIDTH, Scenario, scenario

DEEP = 0.5  # lengths an animal must get past the line for a visit to the other side to be one


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """frames: as in a detections file. line: x1,y1,x2,y2. Truth: `positive` and `negative` crossings by direction.

    Positive is along the walking axis (right, or down); it is "in" by the default of `vision gate`.
    """

    name: str
    seed: int
    frames: list[dict[str, Any]]
    line: tuple[float, float, float, float]
    positive: int
    negative: int
    head: int

    @property
    def net(self) -> int:
        """Head that ended on the positive side less those that left it."""
        return self.positive - self.negative


def make(name: str, seed: int) -> Episode:
    """The episode of a scenario and seed; the same two always give the same one."""
    rng = np.random.default_rng([seed, *name.encode()])
    kind = scenario(name, seed)
    view = _View.drawn(kind, rng)
    herd = walk(kind, view.far, rng)
    last = _last_moment(kind, herd, rng)
    frames = _frames(kind, herd, view, rng, last)
    positive, negative = crossings(herd, last)
    return Episode(name, seed, frames, view.line(), positive, negative, kind.animals)


@dataclass(frozen=True, slots=True)
class _View:
    """How the passage lies in the picture: middle, direction of walking, pixels per animal length."""

    middle: tuple[float, float]
    axis: tuple[float, float]
    length: float
    far: float
    corridor: float

    @classmethod
    def drawn(cls, kind: Scenario, rng: np.random.Generator) -> _View:
        upright = rng.random() < 0.5
        tilt = rng.uniform(-0.2, 0.2)
        axis = (np.sin(tilt), np.cos(tilt)) if upright else (np.cos(tilt), np.sin(tilt))
        length = float(rng.uniform(70, 105))
        middle = (WIDTH / 2 + rng.uniform(-60, 60), HEIGHT / 2 + rng.uniform(-40, 40))
        reach = (HEIGHT if upright else WIDTH) / 2
        return cls(middle, (float(axis[0]), float(axis[1])), length, reach / length + 1.2, kind.corridor)

    def points(self, along: Float, across: Float) -> Float:
        (a, b), (x, y) = self.axis, self.middle
        return np.stack(
            [x + self.length * (a * along - b * across), y + self.length * (b * along + a * across)], axis=-1
        )

    def line(self) -> tuple[float, float, float, float]:
        wide = self.corridor / 2 + 2.5
        ends = self.points(np.zeros(2), np.array([-wide, wide]))
        return tuple(round(float(v), 1) for v in ends.reshape(-1))  # type: ignore[return-value]


def _last_moment(kind: Scenario, herd: Walk, rng: np.random.Generator) -> float:
    end = float(herd.times[-1])
    return end * float(rng.uniform(0.6, 0.9)) if kind.cut_short else end


def _frames(kind: Scenario, herd: Walk, view: _View, rng: np.random.Generator, last: float) -> list[dict[str, Any]]:
    detector = FaultyDetector(kind, rng, _posts(kind, view, rng))
    nearness = rng.normal(size=herd.along.shape[1])
    frames = []
    for number in range(int(last * kind.frame_rate)):
        t = number / kind.frame_rate
        row = min(int(t / 0.05 + 0.5), len(herd.times) - 1)
        ids = np.flatnonzero(herd.there[row])
        boxes = _boxes(view, herd.along[row, ids], herd.across[row, ids], herd.heading[row, ids])
        inside = (boxes[:, 2] > 2) & (boxes[:, 3] > 2) & (boxes[:, 0] < WIDTH - 2) & (boxes[:, 1] < HEIGHT - 2)
        seen = detector.see(t, ids[inside], boxes[inside], nearness[ids[inside]])
        frames.append({"frame": number, "t": round(t, 3), "boxes": seen})
    return frames


def _boxes(view: _View, along: Float, across: Float, heading: Float) -> Float:
    """Boxes around ellipses of one length by its width that head along the passage."""
    direction = heading + np.arctan2(view.axis[1], view.axis[0])
    long, short = view.length / 2, view.length * WIDTH_OF_ONE / 2
    wide = np.hypot(long * np.cos(direction), short * np.sin(direction))
    high = np.hypot(long * np.sin(direction), short * np.cos(direction))
    half = np.stack([wide, high], axis=1)
    middle = view.points(along, across)
    return np.concatenate([middle - half, middle + half], axis=1)


def _posts(kind: Scenario, view: _View, rng: np.random.Generator) -> Float:
    """Upright things near the line that hide part of the passage."""
    along = rng.uniform(-1.5, 1.5, kind.posts)
    across = rng.uniform(-kind.corridor / 2, kind.corridor / 2, kind.posts)
    middle = view.points(along, across)
    half = view.length * rng.uniform(0.25, 0.6, (kind.posts, 2))
    return np.concatenate([middle - half, middle + half], axis=1)


def crossings(herd: Walk, last: float) -> tuple[int, int]:
    """(positive, negative) crossings until `last`, visits to the other side judged by how deep they go."""
    rows = herd.times <= last
    positive = negative = 0
    for one in range(herd.along.shape[1]):
        path = herd.along[rows, one][herd.there[rows, one]]
        sides = _sides(path) if len(path) else []
        positive += sum(1 for a, b in pairwise(sides) if b > a)
        negative += sum(1 for a, b in pairwise(sides) if b < a)
    return positive, negative


def _sides(path: Float) -> list[int]:
    """The sides visited, in order; a visit in between that stays shallow is none. The last side is where it ends."""
    deep: NDArray[np.float64] = path[np.abs(path) > DEEP]
    ends = [path[0], *deep, path[-1]]
    signs = [1 if value > 0 else -1 for value in ends]
    return [sign for row, sign in enumerate(signs) if row == 0 or sign != signs[row - 1]]
