"""From frames to rows (animal, box): who is who from one frame to the next, while that is plain.

Boxes with a good score choose first, weak boxes then keep alive whom nobody claimed. An animal out of sight for longer
than `COAST_S` is let go; joining what belongs together again is the stitcher's business, which sees more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.gate.assignment import Pairs, assign
from vision.gate.motion import SEEN, Motion
from vision.gate.sight import Float, Sight, Whole

GOOD = 0.25  # a box with this score may begin an animal
WEAK = 0.1  # below this a box is nothing
COAST_S, COAST_FRAMES = 0.5, 2.6  # whichever is longer
FAR = 16.0  # squared spreads of distance beyond which a box is somebody else's
REACH = 1.3  # body sizes, as FAR, however uncertain the place is
WAITED = 5.0  # whoever was seen last goes first, so that two claims on one animal do not feed each other
PRICE = 18.0  # a pair must cost less than this


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What one frame said about known animals. ids: (K,). The box columns are those of a `Sight`."""

    t: float
    frame: int
    ids: Whole
    xyxy: Float
    score: Float
    kind: Whole


class Tracker:
    """Takes frames in order of time. `gone` lists the animals that the last frame ended."""

    def __init__(self) -> None:
        self._motion = Motion()
        self._ids = np.zeros(0, np.int64)
        self._seen_at = np.zeros(0)
        self._next, self._t, self._dt = 0, -np.inf, 0.1
        self.gone: list[int] = []

    @property
    def alive(self) -> list[int]:
        """The animals that may still be seen."""
        return [int(one) for one in self._ids]

    def take(self, sight: Sight) -> Rows:
        """One frame, later than the one before."""
        self._pass_time(sight.t)
        seen = sight.only(sight.score >= WEAK).one_each()
        middle, extent = _shapes(seen.xyxy)
        rows, columns = self._match(seen, middle, extent)
        if len(rows):
            self._motion.correct(rows, middle[columns], extent[columns])
            self._seen_at[rows] = sight.t
        fresh = np.setdiff1d(np.flatnonzero(seen.score >= GOOD), columns)
        ids = np.concatenate([self._ids[rows], self._begin(fresh, middle, extent, sight.t)])
        chosen = np.concatenate([columns, fresh])
        return Rows(sight.t, sight.frame, ids, seen.xyxy[chosen], seen.score[chosen], seen.kind[chosen])

    def _pass_time(self, t: float) -> None:
        dt = t - self._t if np.isfinite(self._t) else 0.0
        self._t = t
        if dt > 0:
            self._dt += 0.2 * (min(dt, 2 * self._dt) - self._dt)
        self._motion.predict(dt)
        stays = t - self._seen_at <= max(COAST_S, COAST_FRAMES * self._dt)
        self.gone = [int(one) for one in self._ids[~stays]]
        if self.gone:
            self._ids, self._seen_at = self._ids[stays], self._seen_at[stays]
            self._motion.keep(stays)

    def _match(self, seen: Sight, middle: Float, extent: Float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        if not len(seen) or not len(self._ids):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        cost = self._cost(middle, extent)
        good = seen.score >= GOOD
        pairs = assign(np.where(good[None], cost, np.inf), PRICE)
        left = cost.copy()
        for row, column in pairs:
            left[row], left[:, column] = np.inf, np.inf
        left[:, good] = np.inf
        return _columns(pairs + assign(left, PRICE))

    def _cost(self, middle: Float, extent: Float) -> Float:
        """(N,M) how badly each box fits each animal: distance in spreads, and change of shape."""
        motion = self._motion
        size = motion.size
        spread = motion.spread[:, 0] + (SEEN * size) ** 2
        away = ((motion.middle[:, None] - middle[None]) ** 2).sum(axis=2)
        shape = np.log(np.maximum(extent, 1.0))[None] - np.log(np.maximum(motion.extent, 1.0))[:, None]
        waited = np.minimum((self._t - self._seen_at) / COAST_S, 1.0) * WAITED
        cost = away / spread[:, None] + np.minimum(8 * (shape**2).sum(axis=2), 6.0) + waited[:, None]
        near = (away < FAR * spread[:, None]) & (away < ((REACH * size) ** 2)[:, None])
        near |= away < ((0.25 * size) ** 2)[:, None]
        return np.where(near, np.minimum(cost, PRICE - 0.1), np.inf)

    def _begin(self, fresh: NDArray[np.intp], middle: Float, extent: Float, t: float) -> Whole:
        ids = np.arange(self._next, self._next + len(fresh))
        if len(fresh):
            self._next += len(fresh)
            self._motion.add(middle[fresh], extent[fresh])
            self._ids = np.concatenate([self._ids, ids])
            self._seen_at = np.concatenate([self._seen_at, np.full(len(fresh), t)])
        return ids


def _shapes(xyxy: Float) -> tuple[Float, Float]:
    return (xyxy[:, :2] + xyxy[:, 2:]) / 2, np.maximum(xyxy[:, 2:] - xyxy[:, :2], 1.0)


def _columns(pairs: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    table = np.array(pairs, np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]
