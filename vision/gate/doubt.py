"""What cannot be proven, and would change the count.

Joining an animal's end to another's beginning on the same side never changes how many went in or out. So a loose end
inside the scene only matters when the animal crossed, stood near the gate, or has a counterpart on the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vision.gate.crossing import Passage
from vision.gate.scene import Scene
from vision.gate.tracklet import End, Tracklet

NEAR = 8.0  # in the gate's measure: about one and a third animal lengths from a line
PAIR_S = 20.0  # an animal lost on one side may show up on the other for this long
RUN = 12.0  # in the gate's measure a second: nothing on a farm passes a gate faster


@dataclass(frozen=True, slots=True)
class Doubt:
    """t seconds, x and y pixels of a place where the count is not proven; reason: a phrase; path: which trajectory."""

    t: float
    x: float
    y: float
    reason: str
    path: int


@dataclass(frozen=True, slots=True)
class Loose:
    """A beginning or an end inside the scene, its place in the gate's measure, and whether its animal crossed."""

    path: int
    end: End
    measure: float
    begins: bool
    crossed: bool

    def as_doubt(self) -> Doubt:
        reason = "appears inside the scene" if self.begins else "vanishes inside the scene"
        x, y = self.end.box[:2] / 2 + self.end.box[2:] / 2
        return Doubt(self.end.t, float(x), float(y), reason, self.path)


def doubts(paths: Sequence[Tracklet], passages: Sequence[Passage], scene: Scene) -> list[Doubt]:
    """Every doubtful case, in order of time."""
    loose = [one for row in range(len(paths)) for one in loose_ends(row, paths[row], passages[row], scene)]
    found = [one.as_doubt() for one in loose if matters(one, loose)]
    for row, (path, seen) in enumerate(zip(paths, passages, strict=True)):
        found += own_doubts(row, path, seen, scene)
    return sorted(found, key=lambda one: one.t)


def loose_ends(row: int, path: Tracklet, seen: Passage, scene: Scene) -> Iterator[Loose]:
    """The ends of trajectory `row` that lie inside the scene."""
    crossed = bool(seen.crossings)
    for end, at, begins in ((path.first, 0, True), (path.last, -1, False)):
        measure = float(seen.measure[at])
        natural = scene.lets_in(end) if begins else scene.lets_out(end)
        if not natural or (abs(measure) < NEAR and not crossed and not _known(end, scene, begins=begins)):
            yield Loose(row, end, measure, begins, crossed)


def _known(end: End, scene: Scene, *, begins: bool) -> bool:
    """Whether it is explained by the recording's beginning or end, or by a border that others passed as well."""
    watched = end.t - scene.since <= scene.patience or scene.until - end.t <= scene.patience
    return watched or scene.surely_borders(end, -1.0 if begins else 1.0)


def matters(one: Loose, loose: Sequence[Loose]) -> bool:
    """Whether another truth behind this loose end would be another count."""
    return one.crossed or abs(one.measure) < NEAR or any(_could_be_one(one, other) for other in loose)


def own_doubts(row: int, path: Tracklet, seen: Passage, scene: Scene) -> Iterator[Doubt]:
    """What is doubtful about a trajectory whatever the others do."""
    yield from _on_the_line(row, path, seen, scene)
    for one in seen.crossings:
        if one.at_end_of_line:
            yield Doubt(one.t, one.x, one.y, "passes beside an end of the line", row)


def _could_be_one(one: Loose, other: Loose) -> bool:
    """Whether one of the two could be the other, seen again across the line."""
    if one.begins == other.begins or one.path == other.path or one.measure * other.measure > 0:
        return False
    gap = one.end.t - other.end.t if one.begins else other.end.t - one.end.t
    return 0 < gap < PAIR_S and abs(one.measure - other.measure) < RUN * gap


def _on_the_line(row: int, path: Tracklet, seen: Passage, scene: Scene) -> Iterator[Doubt]:
    """An animal that stood between the zones when watching began or ended."""
    for at, there, when in (
        (0, path.t[0] - scene.since < scene.patience, "begins"),
        (-1, scene.until - path.t[-1] < scene.patience, "ends"),
    ):
        if there and abs(seen.measure[at]) < 1.2:
            x, y = path.middle[at]
            yield Doubt(float(path.t[at]), float(x), float(y), f"stands on the line as the recording {when}", row)


def doubtful_paths(found: Sequence[Doubt]) -> int:
    """How many trajectories are doubtful."""
    return len(np.unique([one.path for one in found])) if found else 0
