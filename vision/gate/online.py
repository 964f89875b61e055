"""Counting while it happens: the same logic as for a whole clip, on a window that moves along.

An end is joined to its follower, or left an end, once no follower can come any more: `GAP_S` after it, found out every
`DECIDE_S`. Memory is bounded: the window, the animals in view, and at most `ROWS` boxes of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from vision.gate.counting import SEEN_TWICE, GateCount, GateEvent, Watch, crossed, doubted
from vision.gate.crossing import Passage, passage
from vision.gate.doubt import PAIR_S, Doubt, Loose, loose_ends, matters, own_doubts
from vision.gate.line import Gate
from vision.gate.scene import Scene
from vision.gate.sight import Sight
from vision.gate.stitching import GAP_S, OVERLAP_S, find_joins, is_weak, typical_score
from vision.gate.tracker import Rows, Tracker
from vision.gate.tracklet import Tracklet, joined, tracklets_of

DECIDE_S = 1.0
ROWS = 1000


@dataclass(eq=False)
class _Piece:
    """A tracklet in the window, its newest rows still apart; whether it goes on; its animal once that is decided."""

    fresh: list[Rows] = field(default_factory=list)
    older: Tracklet | None = None
    open: bool = True
    animal: _Animal | None = None

    def __len__(self) -> int:
        return len(self.fresh) + (0 if self.older is None else len(self.older))

    def snapshot(self) -> Tracklet:
        """Its rows until now; there must be some."""
        if self.fresh:
            newer = tracklets_of(self.fresh)
            self.older, self.fresh = joined(newer if self.older is None else [self.older, *newer]), []
        if self.older is None:
            raise ValueError("a piece without rows")
        return self.older


@dataclass(eq=False)
class _Animal:
    """Pieces that were joined for good, and how many of their crossings were told."""

    number: int
    parts: list[Tracklet] = field(default_factory=list)
    told: int = 0


class OnlineGate:
    """Takes frames in order of time; every call gives the events that have become certain.

    border: left, top, right, bottom of what the camera sees, pixels; without it, as far as boxes were seen.
    """

    late_s = GAP_S + OVERLAP_S + DECIDE_S  # a join is decided at most this long after an animal was lost, in seconds

    def __init__(self, gate: Gate, border: tuple[float, float, float, float] | None = None) -> None:
        self._gate, self._border = gate, border
        self._tracker, self._watch = Tracker(), Watch()
        self._pieces: dict[int, _Piece] = {}
        self._seen: Scene | None = None
        self._scores: deque[float] = deque(maxlen=200)
        self._loose: deque[tuple[Loose, Tracklet]] = deque()
        self._told: deque[Loose] = deque(maxlen=500)
        self._doubtful: set[int] = set()
        self._decided_at, self._animals = -np.inf, 0
        self.came_in = self.went_out = 0

    @property
    def ambiguous(self) -> int:
        """Animals so far for which the count is not proven."""
        return len(self._doubtful)

    @property
    def rows_held(self) -> int:
        """Boxes in memory."""
        animals = {id(piece.animal): piece.animal for piece in self._pieces.values() if piece.animal is not None}
        kept = sum(len(part) for animal in animals.values() for part in animal.parts)
        return kept + sum(len(piece) for piece in self._pieces.values())

    def take(self, sight: Sight) -> list[GateEvent]:
        """One frame."""
        self._watch.note(sight.t)
        seen = self._tracker.take(sight)
        for number in self._tracker.gone:
            self._pieces[number].open = False
        for row, number in enumerate(seen.ids.tolist()):
            self._pieces.setdefault(number, _Piece()).fresh.append(_one(seen, row))
        if sight.t - self._decided_at < DECIDE_S:
            return []
        self._decided_at = sight.t
        return self._decide(sight.t)

    def close(self) -> list[GateEvent]:
        """The recording is over: everything that was still open is decided."""
        for piece in self._pieces.values():
            piece.open = False
        return self._decide(np.inf)

    def _decide(self, now: float) -> list[GateEvent]:
        for number in [n for n, piece in self._pieces.items() if not piece.open and len(piece) < SEEN_TWICE]:
            del self._pieces[number]
        seen = {number: piece.snapshot() for number, piece in self._pieces.items() if len(piece) >= SEEN_TWICE}
        numbers = sorted(seen, key=lambda number: seen[number].t[-1])
        parts = [seen[number] for number in numbers]
        scene, typical = self._scene(parts), self._typical(parts)
        placed = {row for row, number in enumerate(numbers) if self._pieces[number].animal is not None}
        follower = {numbers[i]: numbers[j] for i, j in find_joins(parts, scene, typical, placed)}
        events: list[GateEvent] = []
        for number, part in zip(numbers, parts, strict=True):
            if not self._pieces[number].open and part.t[-1] + GAP_S + OVERLAP_S < now:
                events += self._settle(number, part, follower.get(number), scene, typical)
        events += self._crossings_under_way(typical)
        self._forget()
        return sorted(events, key=lambda one: one.t)

    def _settle(
        self, number: int, part: Tracklet, follower: int | None, scene: Scene, typical: float
    ) -> list[GateEvent]:
        """The end of one piece is decided: joined, no animal at all, or the end of its animal."""
        piece = self._pieces.pop(number)
        self._scores.append(float(np.median(part.score)))
        if follower == number:
            return []
        animal = piece.animal or self._new_animal()
        animal.parts.append(part)
        if follower is not None:
            self._pieces[follower].animal = animal
            return []
        return self._finish(animal, scene, typical)

    def _finish(self, animal: _Animal, scene: Scene, typical: float) -> list[GateEvent]:
        path = joined(animal.parts)
        seen = passage(path, self._gate)
        if not seen.crossings and not animal.told and is_weak(path, typical):
            return []
        events = self._tell(animal, path, seen, len(seen.crossings))
        found = list(own_doubts(animal.number, path, seen, scene))
        self._loose.extend((one, path) for one in loose_ends(animal.number, path, seen, scene))
        events += [self._doubt(one, path) for one in found]
        every = [one for one, _ in self._loose]
        for one, its_path in self._loose:
            if one not in self._told and matters(one, every):
                self._told.append(one)
                events.append(self._doubt(one.as_doubt(), its_path))
        return events

    def _crossings_under_way(self, typical: float) -> list[GateEvent]:
        """Crossings of animals still in view, once they have gone deep and their past is settled."""
        events: list[GateEvent] = []
        for piece in self._pieces.values():
            if not piece.open or len(piece) < SEEN_TWICE:
                continue
            part = piece.snapshot()
            young = part.t[0] + GAP_S + 2 * OVERLAP_S > self._watch.until and piece.animal is None
            if young or is_weak(part, typical):
                continue
            animal = piece.animal or self._new_animal()
            piece.animal = animal
            path = joined([*animal.parts, part])
            seen = passage(path, self._gate)
            sure = len(seen.crossings) if seen.visits and seen.visits[-1].real else len(seen.crossings) - 1
            events += self._tell(animal, path, seen, sure)
            self._shorten(piece, animal, path, seen)
        return events

    def _tell(self, animal: _Animal, path: Tracklet, seen: Passage, sure: int) -> list[GateEvent]:
        news = seen.crossings[animal.told : max(sure, 0)]
        animal.told = max(animal.told, sure)
        self.came_in += sum(one.way > 0 for one in news)
        self.went_out += sum(one.way < 0 for one in news)
        return [crossed(one, animal.number, path, self._watch.until - one.t) for one in news]

    def _doubt(self, one: Doubt, path: Tracklet) -> GateEvent:
        self._doubtful.add(one.path)
        return doubted(one, path, self._watch.until - one.t)

    def _shorten(self, piece: _Piece, animal: _Animal, path: Tracklet, seen: Passage) -> None:
        """Forget the oldest boxes of an animal that stays; what is kept begins deep on the side where it stands."""
        last = seen.visits[-1] if seen.visits else None
        if len(path) < ROWS or last is None or not last.real or animal.told != len(seen.crossings):
            return
        since = max(float(path.t[last.first]), float(path.t[-ROWS // 2]))
        animal.parts = [kept for part in animal.parts if len(kept := part.since(since))]
        piece.older = piece.snapshot().since(since)
        animal.told = len(passage(joined([*animal.parts, piece.snapshot()]), self._gate).crossings)

    def _new_animal(self) -> _Animal:
        self._animals += 1
        return _Animal(self._animals - 1)

    def _scene(self, parts: list[Tracklet]) -> Scene:
        now = Scene.around(parts, self._watch.since, self._watch.until, self._watch.interval)
        if self._border is not None:
            return now.bounded(*self._border)
        if parts:
            self._seen = now if self._seen is None else now.wide_as(self._seen)
        return self._seen or now

    def _typical(self, parts: list[Tracklet]) -> float:
        return max(float(np.median(self._scores)), 0.05) if len(self._scores) >= 10 else typical_score(parts)

    def _forget(self) -> None:
        while self._loose and self._loose[0][0].end.t < self._watch.until - 3 * PAIR_S:
            self._loose.popleft()


def count_online(sights: Iterable[Sight], gate: Gate) -> GateCount:
    """A whole clip through the online counter; for comparing."""
    counter, events = OnlineGate(gate), []
    for sight in sights:
        events += counter.take(sight)
    events += counter.close()
    return GateCount(tuple(sorted(events, key=lambda one: one.t)), counter.ambiguous)


def _one(rows: Rows, at: int) -> Rows:
    keep = slice(at, at + 1)
    return Rows(rows.t, rows.frame, np.zeros(1, np.int64), rows.xyxy[keep], rows.score[keep], rows.kind[keep])
