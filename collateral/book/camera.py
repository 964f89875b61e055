"""The newest counts of a pen as one figure, and how far it is to be trusted."""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.herd import CameraCount, HeadCount
from collateral.model.ids import PenId

CAMERA_SIGMA = 0.04  # of the count: published counters see 92-94 % (domain 0.6); story A2 has 18 of 471
SHARED_SIGMA = 0.04  # as much again that all cameras have in common: their usual share is not learnt yet [I]
SHARED_SIGMA_LEARNT = 0.01  # light and weather, which leave the usual share as it is [I]
# Misses come in spells (a herd lying in the dark, fog): half an hour to an hour as night cameras gave them.
SPELL = 0.05  # share of moments in which a camera misses many [I]
SPELL_LASTS = timedelta(hours=1)  # the longer counts stay alike, the less likely it is one [I]
SPELL_SIGMAS = 2.0
LEAST_SHARE = 0.5  # a camera that usually sees less than half of its pen does not count it
COUNT_FRESH = timedelta(hours=2)
Z95 = 1.96


@dataclass(frozen=True, slots=True)
class PenCount:
    """What the cameras of one pen say of all head in it. `said` is their own figure; `head` that figure over the usual
    share; `sigma` its error in head that is this pen's own, `shared` the part that is alike in all pens. `lasted`: for
    how long no count was clearly higher."""

    said: HeadCount
    head: float
    sigma: float
    shared: float
    lasted: timedelta

    @property
    def spell_chance(self) -> float:
        """The chance that it misses many just now."""
        return SPELL * math.exp(-self.lasted / SPELL_LASTS)

    def is_below(self, proved: int) -> bool:
        """Whether it says clearly less than tags have proved: such a count misses many, and tells nothing."""
        return self.head + SPELL_SIGMAS * math.hypot(self.sigma, self.shared) < proved


def newest_counts(facts: HerdFacts, pens: Container[PenId]) -> dict[PenId, PenCount]:
    """One figure for each of these pens that has a fresh count. Pictures from before the newest executed movement of a
    group show another herd than the book has now, and are left out."""
    by_pen: dict[PenId, list[CameraState]] = {}
    for camera in facts.cameras:
        if camera.pen_id in pens:
            by_pen.setdefault(camera.pen_id, []).append(camera)
    moved = {group.pen.pen_id: group.moved[-1][0] for group in facts.groups if group.moved}
    for pen in by_pen.keys() & moved.keys():
        by_pen[pen] = [_since(camera, moved[pen]) for camera in by_pen[pen]]
    found = {pen: _pen(cameras, facts.as_of) for pen, cameras in by_pen.items()}
    return {pen: count for pen, count in found.items() if count is not None}


def _since(camera: CameraState, moment: datetime) -> CameraState:
    return replace(camera, counts=tuple(c for c in camera.counts if c.captured_at > moment))


def _pen(cameras: list[CameraState], as_of: datetime) -> PenCount | None:
    """The median of the last three pictures: it calms a single bad one."""
    fresh = [(c, camera.usual_share) for camera in cameras for c in camera.counts if _is_fresh(c, as_of)]
    if not fresh:
        return None
    newest = sorted(fresh, key=lambda found: found[0].captured_at)[-3:]
    count, usual = sorted(newest, key=lambda found: _best(found[0]))[len(newest) // 2]
    said = count.count
    if said is None:
        return None
    share = usual if usual is not None and usual >= LEAST_SHARE else None
    head = said.best / (share or 1.0)
    sigma = max((said.high - said.low) / (2 * Z95), CAMERA_SIGMA * said.best, 0.5)
    shared = (SHARED_SIGMA if share is None else SHARED_SIGMA_LEARNT) * head
    lasted = _lasted(cameras, said.best + SPELL_SIGMAS * sigma)
    return PenCount(said, head, sigma / (share or 1.0), shared, lasted)


def _lasted(cameras: list[CameraState], limit: float) -> timedelta:
    """How long the newest counts have stayed below a limit; pictures that could not be counted are passed over."""
    known = sorted((c for camera in cameras for c in camera.counts if c.count), key=lambda c: c.captured_at)
    low = list(takewhile(lambda c: _best(c) <= limit, reversed(known)))
    return low[0].captured_at - low[-1].captured_at if low else timedelta(0)


def together(counts: list[PenCount]) -> tuple[float, float]:
    """Head and standard deviation of several pens: their own errors average out, what they share does not."""
    return sum(c.head for c in counts), math.hypot(
        math.hypot(*(c.sigma for c in counts)), sum(c.shared for c in counts)
    )


def _is_fresh(count: CameraCount, as_of: datetime) -> bool:
    return count.count is not None and as_of - count.captured_at <= COUNT_FRESH


def _best(count: CameraCount) -> int:
    return count.count.best if count.count else 0
