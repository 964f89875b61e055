"""A stretch of one animal's boxes without a gap worth the name, and chains of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from vision.gate.sight import Float, Whole
from vision.gate.tracker import Rows

END_S = 0.7  # the part of a tracklet that says how fast it begins or ends
NEAR_S = 1.5  # the part in which that is looked for
WHOLE = 0.85  # share of its size that an animal shows when nothing hides it


@dataclass(frozen=True, eq=False)
class Tracklet:
    """Columns with one row for every box: t (K,) seconds, frame (K,), xyxy (K,4), score (K,), kind (K,)."""

    t: Float
    frame: Whole
    xyxy: Float
    score: Float
    kind: Whole

    def __len__(self) -> int:
        return len(self.t)

    @cached_property
    def middle(self) -> Float:
        """(K,2) middles of the boxes, pixels."""
        return np.asarray((self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2)

    @cached_property
    def size(self) -> Float:
        """(K,) root of the box's area, smoothed over neighbours, pixels."""
        extent = np.maximum(self.xyxy[:, 2:] - self.xyxy[:, :2], 1.0)
        return middle_of_neighbours(np.sqrt(extent[:, 0] * extent[:, 1]), 4)

    @cached_property
    def weight(self) -> float:
        """Seconds for which it was seen, each worth its score squared."""
        if len(self) < 2:
            return 0.0
        step = float(np.median(np.diff(self.t)))
        return float((self.score**2).sum() * step)

    @cached_property
    def travel(self) -> float:
        """How far its ends are apart, body sizes."""
        return float(np.hypot(*(self.last.middle - self.first.middle)) / np.median(self.size))

    def until(self, t: float) -> Tracklet:
        """Its rows before `t`."""
        rows = self.t < t
        return Tracklet(self.t[rows], self.frame[rows], self.xyxy[rows], self.score[rows], self.kind[rows])

    def since(self, t: float) -> Tracklet:
        """Its rows from `t` on."""
        rows = self.t >= t
        return Tracklet(self.t[rows], self.frame[rows], self.xyxy[rows], self.score[rows], self.kind[rows])

    @cached_property
    def first(self) -> End:
        """How it begins."""
        return self._end(np.flatnonzero(self.t <= self.t[0] + NEAR_S), 0)

    @cached_property
    def last(self) -> End:
        """How it ends."""
        return self._end(np.flatnonzero(self.t >= self.t[-1] - NEAR_S), -1)

    def _end(self, near: Whole, at: int) -> End:
        """By the rows in which the whole animal was seen, when there are some: a part hidden moves the middle."""
        size = float(np.quantile(self.size[near], 0.7))
        whole = near[self.size[near] >= WHOLE * size]
        moment = float(self.t[at])
        nearest = self.t[whole][np.abs(self.t[whole] - moment).argmin()]
        used = whole[np.abs(self.t[whole] - nearest) <= END_S]
        return End(moment, *_fit(self.t[used], self.middle[used], moment), size, self.xyxy[at], abs(moment - nearest))


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """How a tracklet begins or ends: t seconds, middle and speed (2,) in pixels and seconds, size and box there."""

    t: float
    middle: Float
    speed: Float
    size: float
    box: Float
    guessed: float  # seconds between the last time the whole animal was seen and this end


def joined(chain: Sequence[Tracklet]) -> Tracklet:
    """One after the other; where two overlap, the later one is believed."""
    if len(chain) == 1:
        return chain[0]
    parts = [part.until(after.t[0]) for part, after in pairwise(chain)] + [chain[-1]]
    return Tracklet(
        np.concatenate([part.t for part in parts]),
        np.concatenate([part.frame for part in parts]),
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.kind for part in parts]),
    )


def tracklets_of(rows: Sequence[Rows]) -> list[Tracklet]:
    """Rows of many frames, sorted by animal; in order of their beginning."""
    if not rows:
        return []
    ids = np.concatenate([row.ids for row in rows])
    counts = [len(row.ids) for row in rows]
    t = np.repeat([row.t for row in rows], counts)
    frame = np.repeat([row.frame for row in rows], counts)
    xyxy = np.concatenate([row.xyxy for row in rows])
    score, kind = np.concatenate([row.score for row in rows]), np.concatenate([row.kind for row in rows])
    order = np.argsort(ids, kind="stable")
    cuts = np.flatnonzero(np.diff(ids[order])) + 1
    return [
        Tracklet(t[part], frame[part], xyxy[part], score[part], kind[part])
        for part in np.split(order, cuts)
        if len(part)
    ]


def middle_of_neighbours(values: Float, reach: int) -> Float:
    """(K,) running median over `reach` rows on either side; beyond the ends the values are mirrored."""
    reach = min(reach, len(values) - 1)
    if len(values) < 3 or reach < 1:
        return values
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="reflect"), 2 * reach + 1)
    return np.asarray(np.partition(windows, reach, axis=1)[:, reach])


def _fit(t: Float, middle: Float, at: float) -> tuple[Float, Float]:
    """Place at `at`, and speed, by a straight line; speed 0 for a moment too short to tell."""
    since = t - t.mean()
    spread = float(since @ since)
    if len(t) < 3 or spread < 1e-4:
        nearest = int(np.abs(t - at).argmin())
        return middle[nearest], np.zeros(2)
    speed = since @ (middle - middle.mean(axis=0)) / spread
    return np.asarray(middle.mean(axis=0) + (at - t.mean()) * speed), np.asarray(speed)
