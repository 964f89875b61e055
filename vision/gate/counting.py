"""The count of a whole clip, looking ahead over all of it: tracking, stitching, crossings, doubts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from vision.gate.crossing import Crossing, Passage, passage
from vision.gate.doubt import Doubt, doubtful_paths, doubts
from vision.gate.line import Gate
from vision.gate.scene import Scene
from vision.gate.sight import NO_CLASS, Sight
from vision.gate.stitching import is_weak, stitch, typical_score
from vision.gate.tracker import Rows, Tracker
from vision.gate.tracklet import Tracklet, joined, tracklets_of

SEEN_TWICE = 2  # rows that a tracklet needs: what was seen once may be anything
Kind = Literal["in", "out", "doubtful"]


@dataclass(frozen=True, slots=True)
class GateEvent:
    """Something that happened at the gate, or may have.

    t seconds and frame when; x, y pixels where; animal: its number in this count; class_id: its class by the votes of
    its boxes, None when they name none; reason: why it is doubtful, empty for a crossing. late_s: how long after `t` it
    was known, in seconds; None when the whole clip was at hand.
    """

    kind: Kind
    t: float
    frame: int
    x: float
    y: float
    animal: int
    class_id: int | None = None
    reason: str = ""
    late_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """For a report; empty columns left out."""
        columns: dict[str, Any] = {
            "kind": self.kind, "t": round(self.t, 3), "frame": self.frame, "x": round(self.x, 1), "y": round(self.y, 1),
            "animal": self.animal, "class": self.class_id,
        }  # fmt: skip
        if self.reason:
            columns["reason"] = self.reason
        if self.late_s is not None:
            columns["late_s"] = round(self.late_s, 3)
        return columns


@dataclass(frozen=True, slots=True, eq=False)
class GateCount:
    """events in order of time. ambiguous: animals for which the count is not proven. paths: every trajectory."""

    events: tuple[GateEvent, ...]
    ambiguous: int
    paths: tuple[Tracklet, ...] = ()

    @property
    def came_in(self) -> int:
        """Head in."""
        return sum(one.kind == "in" for one in self.events)

    @property
    def went_out(self) -> int:
        """Head out."""
        return sum(one.kind == "out" for one in self.events)

    def as_json(self) -> dict[str, Any]:
        """in, out, net, ambiguous, by_class and events."""
        return {
            "in": self.came_in,
            "out": self.went_out,
            "net": self.came_in - self.went_out,
            "ambiguous": self.ambiguous,
            "by_class": _by_class(self.events),
            "events": [one.as_json() for one in self.events],
        }


@dataclass(slots=True)
class Watch:
    """What was watched so far: when it began and ended, and how far apart frames usually are, in seconds."""

    since: float = np.inf
    until: float = -np.inf
    steps: list[float] = field(default_factory=list)

    def note(self, t: float) -> None:
        """A frame at `t`."""
        if np.isfinite(self.until):
            self.steps = [*self.steps[-99:], t - self.until]
        self.since, self.until = min(self.since, t), t

    @property
    def interval(self) -> float:
        """The usual step between frames, seconds."""
        return float(np.median(self.steps)) if self.steps else 0.1


def count_gate(
    sights: Iterable[Sight], gate: Gate, border: tuple[float, float, float, float] | None = None
) -> GateCount:
    """Count a clip. sights: in order of time. border: left, top, right, bottom of what the camera sees, pixels.

    Without `border` it is taken to reach as far as boxes were seen.
    """
    rows, watch = _followed(sights)
    tracklets = [part for part in tracklets_of(rows) if len(part) >= SEEN_TWICE]
    scene = Scene.around(tracklets, watch.since, watch.until, watch.interval)
    if border is not None:
        scene = scene.bounded(*border)
    typical = typical_score(tracklets)
    ways = [(path, passage(path, gate)) for path in map(joined, stitch(tracklets, scene))]
    ways = [(path, seen) for path, seen in ways if seen.crossings or not is_weak(path, typical)]
    paths, passages = [path for path, _ in ways], [seen for _, seen in ways]
    return _count(paths, passages, doubts(paths, passages, scene))


def _followed(sights: Iterable[Sight]) -> tuple[list[Rows], Watch]:
    tracker, watch, rows = Tracker(), Watch(), []
    for sight in sights:
        watch.note(sight.t)
        rows.append(tracker.take(sight))
    return rows, watch


def _count(paths: Sequence[Tracklet], passages: Sequence[Passage], found: Sequence[Doubt]) -> GateCount:
    events = [crossed(one, row, paths[row]) for row, seen in enumerate(passages) for one in seen.crossings]
    events += [doubted(one, paths[one.path]) for one in found]
    return GateCount(tuple(sorted(events, key=lambda one: one.t)), doubtful_paths(found), tuple(paths))


def crossed(one: Crossing, animal: int, path: Tracklet, late_s: float | None = None) -> GateEvent:
    """The event of a crossing."""
    kind: Kind = "in" if one.way > 0 else "out"
    return GateEvent(kind, one.t, int(path.frame[one.row]), one.x, one.y, animal, class_of(path), late_s=late_s)


def doubted(one: Doubt, path: Tracklet, late_s: float | None = None) -> GateEvent:
    """The event of a doubtful case."""
    frame = int(path.frame[min(int(np.searchsorted(path.t, one.t)), len(path) - 1)])
    return GateEvent("doubtful", one.t, frame, one.x, one.y, one.path, class_of(path), one.reason, late_s)


def class_of(path: Tracklet) -> int | None:
    """The class that most boxes name, each with the weight of its score."""
    named = path.kind != NO_CLASS
    if not named.any():
        return None
    classes, votes = np.unique(path.kind[named], return_inverse=True)
    return int(classes[np.bincount(votes, weights=path.score[named]).argmax()])


def _by_class(events: Sequence[GateEvent]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for one in events:
        if one.kind != "doubtful":
            row = counts.setdefault("unknown" if one.class_id is None else str(one.class_id), {"in": 0, "out": 0})
            row[one.kind] += 1
    return counts
