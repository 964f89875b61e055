"""What all animals of a herd share in an hour, and what is left of each without it.

Weather, feeding, a drive and a radio fault move a whole herd. What is judged of one animal is therefore its value minus
its own usual for that hour of day, minus the median of its mates in the same hour. The median itself is a stream of its
own: heat, a feed stop and a mass move are seen there. Pure numpy; arrays are (animals, hours), NaN where unknown.

The order matters: the common mode goes first, false discoveries are controlled after (`false_discovery.py`). On real
neck tags with two days of -25 % injected the other order raises hundreds of false alerts per 1,000 animal-days, this
one no more than on an ordinary day (tests/unit/collateral/test_common_mode.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collateral.facts.series import Channel, Floats

Ints = npt.NDArray[np.int64]

LEAST_MATES = 8  # fewer have no median worth the name (anomaly.md, pipeline 2)
LEAST_PENS = 3  # fewer pens cannot say which of them departs [I]
DEPARTED_SIGMAS = 6.0  # a pen's median this far from the farm's is itself what is ill [I]
RECENT_H = 6  # over so many hours a pen's departure is judged [I]
LEAST_FIT_H = 24  # ambient explains nothing from fewer hours [I]


@dataclass(frozen=True, eq=False)
class Herds:
    """Who is whose mate: per animal the number of its pen and of its kind (one species on one farm), from 0."""

    pen: Ints
    kind: Ints

    @property
    def pens(self) -> int:
        return int(self.pen.max()) + 1 if self.pen.size else 0

    @property
    def kinds(self) -> int:
        return int(self.kind.max()) + 1 if self.kind.size else 0


def against_own(channel: Channel, local_hours: Ints, hours: int) -> Floats:
    """The last `hours` values minus the animal's own usual at that hour of day. `local_hours`: of the whole window."""
    expected = channel.usual[:, local_hours[-hours:]]
    difference: Floats = channel.values[:, -hours:] - expected
    return difference


def medians(values: Floats, group: Ints, groups: int) -> tuple[Floats, Ints]:
    """Per group (0 to groups - 1) and hour: the median of those that were measured, and how many those are."""
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(groups + 1))
    middle = np.full((groups, values.shape[1]), np.nan, np.float32)
    known = np.zeros((groups, values.shape[1]), np.int64)
    for number in range(groups):
        members = values[order[bounds[number] : bounds[number + 1]]]
        if members.shape[0]:
            middle[number], known[number] = median(members)
    return middle, known


def median(values: Floats) -> tuple[Floats, Ints]:
    """Over the first axis of (animals, hours), and how many were known; NaN is nobody."""
    ordered = np.sort(np.ascontiguousarray(values.T), axis=1)  # NaN goes last
    known = ordered.shape[1] - np.count_nonzero(np.isnan(ordered), axis=1)
    rows, last = np.arange(len(ordered)), np.maximum(known, 1)
    middle: Floats = (ordered[rows, (last - 1) // 2] + ordered[rows, last // 2]) / 2
    return middle, known


def without_common_mode(own: Floats, herds: Herds, air: Floats | None = None) -> Floats:
    """`own` (from `against_own`) minus what the herd shares; NaN where nobody can tell.

    The herd is the pen with eight measured mates or more, else the kind on this farm, else what `air` (hours,) explains
    of its few animals. A pen whose median departs from all other pens' is measured by the farm's median: when most of a
    pen is ill, the healthy are not the odd ones.
    """
    farm = _of_kinds(own, herds, air)
    pens, known = medians(own, herds.pen, herds.pens)
    kind_of_pen = np.zeros(herds.pens, np.int64)
    kind_of_pen[herds.pen] = herds.kind
    enough = (known >= LEAST_MATES) & ~_departed(pens, farm[kind_of_pen], own, kind_of_pen)[:, None]
    shared = np.where(enough, pens, farm[kind_of_pen])
    left: Floats = own - shared[herds.pen]
    return left


def _of_kinds(own: Floats, herds: Herds, air: Floats | None) -> Floats:
    """What each kind shares, by the hour."""
    shared, known = medians(own, herds.kind, herds.kinds)
    few = known < LEAST_MATES
    if few.any():
        explained = np.stack([_explained(stream, air) for stream in shared])
        shared = np.where(few, explained, shared)
    return shared


def _explained(stream: Floats, air: Floats | None) -> Floats:
    """What a straight line through ambient says of a stream, fitted on all but the newest hours, which are judged."""
    nothing = np.full(stream.size, np.nan, np.float32)
    if air is None:
        return nothing
    past = np.isfinite(stream) & np.isfinite(air)
    past[-RECENT_H:] = False
    if np.count_nonzero(past) < LEAST_FIT_H or np.ptp(air[past]) == 0:
        return nothing
    slope, level = np.polyfit(air[past].astype(float), stream[past].astype(float), 1)
    line: Floats = (slope * air + level).astype(np.float32)
    return line


def _departed(pens: Floats, farm: Floats, own: Floats, kind_of_pen: Ints) -> npt.NDArray[np.bool_]:
    """Pens whose median has lately gone its own way, compared with how far the other pens of their kind scatter."""
    shift = mean(pens[:, -RECENT_H:] - farm[:, -RECENT_H:])
    gone = np.zeros(len(pens), np.bool_)
    scatter = 1.4826 * float(np.median(np.abs(own[np.isfinite(own)]))) if np.isfinite(own).any() else 0.0
    for kind in range(int(kind_of_pen.max()) + 1 if kind_of_pen.size else 0):
        members = (kind_of_pen == kind) & np.isfinite(shift)
        if np.count_nonzero(members) >= LEAST_PENS:
            # No pen's median is surer than eight animals make it.
            usual = max(1.4826 * float(np.median(np.abs(shift[members]))), scatter / np.sqrt(LEAST_MATES) / 2)
            gone[members] = np.abs(shift[members]) > DEPARTED_SIGMAS * usual
    return gone


def mean(values: Floats) -> Floats:
    """Along the hours, of what is known; NaN where nothing is."""
    known = np.count_nonzero(~np.isnan(values), axis=1)
    average: Floats = np.where(known > 0, np.nansum(values, axis=1) / np.maximum(known, 1), np.nan).astype(np.float32)
    return average
