"""What an animal did at the gate: two zones, one on either side, and nothing counts that has not been in both.

A visit to the other side in the middle of a trajectory counts when it went deep; where a trajectory begins and ends, it
is enough to stand clearly on one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vision.gate.line import Gate
from vision.gate.sight import Float
from vision.gate.tracklet import Tracklet, middle_of_neighbours

DEEP = 3.0  # in the gate's measure, where 1 is a zone's edge; about half the length of an animal
LONG_S, LONG_DEEP = 4.0, 1.5  # a visit this long need not go so deep: there may be no room to


@dataclass(frozen=True, slots=True)
class Crossing:
    """t: seconds when the middle passed. x, y: where. way: 1 in, -1 out. row: the row of the trajectory."""

    t: float
    x: float
    y: float
    way: int
    row: int
    at_end_of_line: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch on one side: side -1 or 1, how deep it went, first and last row in the zone.

    away_s: from leaving the other side's zone until it was reached again, seconds; of several in one, the longest.
    """

    side: int
    depth: float
    first: int
    last: int
    away_s: float

    @property
    def real(self) -> bool:
        """Whether it is more than swaying on the line."""
        return self.depth >= DEEP or (self.depth >= LONG_DEEP and self.away_s >= LONG_S)

    def with_(self, other: Visit) -> Visit:
        """One visit of two on the same side, this one first."""
        depth = max(self.depth, other.depth)
        return Visit(self.side, depth, self.first, other.last, max(self.away_s, other.away_s))


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A trajectory as the gate sees it: measure (K,), the visits that count, the crossings between them."""

    measure: Float
    visits: tuple[Visit, ...]
    crossings: tuple[Crossing, ...]


def passage(path: Tracklet, gate: Gate) -> Passage:
    """What happened along `path`."""
    measure = middle_of_neighbours(gate.measure(path.middle, path.size), 1)
    kept = _real_ones(_ended(visits(measure, path.t), measure))
    between = gate.between(path.middle)
    found = [_crossing(path, measure, between, before, after) for before, after in pairwise(kept)]
    return Passage(measure, tuple(kept), tuple(one for one in found if one is not None))


def visits(measure: Float, t: Float) -> list[Visit]:
    """The stretches in one zone or the other, in order; what lies between the zones belongs to none."""
    zone = np.where(np.abs(measure) >= 1, np.sign(measure), 0).astype(int)
    rows = np.flatnonzero(zone)
    if not len(rows):
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(zone[rows])) + 1)
    ends = [t[0], *(t[part[-1]] for part in parts)]
    begins = [*(t[part[0]] for part in parts), t[-1]]
    return [
        Visit(
            int(zone[part[0]]), float(np.abs(measure[part]).max()), int(part[0]), int(part[-1]),
            float(begins[at + 1] - ends[at]),
        )
        for at, part in enumerate(parts)
    ]  # fmt: skip


def _ended(found: list[Visit], measure: Float) -> list[Visit]:
    """Without a last shallow visit that the animal had turned back from when it was last seen."""
    turned_back = bool(found) and not found[-1].real and measure[-1] * found[-1].side < 0
    return found[:-1] if turned_back else found


def _real_ones(found: list[Visit]) -> list[Visit]:
    """Without shallow visits in the middle, the shallowest gone first; its neighbours become one visit."""
    kept = list(found)
    while shallow := [row for row in range(1, len(kept) - 1) if not kept[row].real]:
        at = min(shallow, key=lambda row: kept[row].depth)
        kept[at - 1 : at + 2] = [kept[at - 1].with_(kept[at + 1])]
    return kept


def _crossing(
    path: Tracklet, measure: Float, between: NDArray[np.bool_], before: Visit, after: Visit
) -> Crossing | None:
    """The last passing of the middle between two visits; None when it was beside the gate."""
    stretch = measure[before.last : after.first + 1]
    at = before.last + int(np.flatnonzero(np.sign(stretch) != after.side)[-1])
    low, high = measure[at], measure[at + 1]
    share = float(np.clip(low / (low - high), 0, 1)) if low != high else 0.0
    x, y = path.middle[at] + share * (path.middle[at + 1] - path.middle[at])
    t = float(path.t[at] + share * (path.t[at + 1] - path.t[at]))
    inside = bool(between[at]), bool(between[at + 1])
    if not any(inside):
        return None
    return Crossing(t, float(x), float(y), after.side, at + 1, not all(inside))
