"""The part of the picture in which animals are seen, and whether one could have come or gone over its border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.gate.tracklet import End, Tracklet

Sides = tuple[bool, bool, bool, bool]
TOUCH = 0.12  # body sizes from the border within which a box touches it
ALONG = 0.25  # share of its speed with which an animal must walk towards the border
STILL = 0.1  # body sizes a second that are no walking
AHEAD_S = 0.4  # an animal may have left this long after it was last seen


@dataclass(frozen=True, slots=True)
class Scene:
    """left, top, right, bottom in pixels; since and until in seconds: when watching began and ended."""

    left: float
    top: float
    right: float
    bottom: float
    since: float
    until: float
    interval: float = 0.1  # usual time between two frames
    sure: Sides = (True, True, True, True)  # which sides are known to be the picture's border

    @classmethod
    def around(cls, tracklets: Sequence[Tracklet], since: float, until: float, interval: float) -> Scene:
        """As far as boxes were seen; a picture's size need not be known."""
        boxes = [part.xyxy for part in tracklets if len(part) >= 3] or [part.xyxy for part in tracklets]
        if not boxes:
            return cls(0, 0, 1, 1, since, until, interval)
        every = np.concatenate(boxes)
        (left, top), (right, bottom) = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
        found = cls(float(left), float(top), float(right), float(bottom), since, until, interval)
        return replace(found, sure=found.proven_by(tracklets))

    def bounded(self, left: float, top: float, right: float, bottom: float) -> Scene:
        """The same with a known border."""
        return replace(self, left=left, top=top, right=right, bottom=bottom, sure=(True, True, True, True))

    def wide_as(self, other: Scene) -> Scene:
        """The same, at least as wide as another."""
        return replace(
            self,
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
            sure=_either(self.sure, other.sure),
        )

    def proven_by(self, tracklets: Sequence[Tracklet]) -> Sides:
        """For left, top, right, bottom whether two animals came or went there: one alone proves no border."""
        passed = np.zeros(4, int)
        for part in tracklets:
            if len(part) >= 3:
                passed += np.array(self._passed(part.first, -1.0)) | np.array(self._passed(part.last, 1.0))
        left, top, right, bottom = (passed >= 2).tolist()
        return left, top, right, bottom

    def lets_in(self, end: End) -> bool:
        """Whether an animal that begins so may have come over the border, or was there from the start."""
        return end.t - self.since <= self.patience or self._at_border(end, -1.0)

    def lets_out(self, end: End) -> bool:
        """Whether an animal that ends so may have left over the border, or is still there."""
        return self.until - end.t <= self.patience or self._at_border(end, 1.0)

    @property
    def patience(self) -> float:
        """Seconds by which a last sight may precede the truth: a few frames may have missed the animal."""
        return max(AHEAD_S, 3 * self.interval)

    def surely_borders(self, end: End, direction: float) -> bool:
        """Whether the animal passed a side that is known to be the picture's border."""
        return any(known and passed for known, passed in zip(self.sure, self._passed(end, direction), strict=True))

    def _at_border(self, end: End, direction: float) -> bool:
        return any(self._passed(end, direction))

    def _passed(self, end: End, direction: float) -> Sides:
        """For left, top, right, bottom whether an animal may pass it, after an end (1.0) or before a beginning (-1.0).

        Its box is there, or soon would be, and it does not walk along the border or away from it.
        """
        margin = TOUCH * end.size + 2
        step = direction * end.speed * self.patience
        box = np.minimum(end.box[:2], end.box[:2] + step), np.maximum(end.box[2:], end.box[2:] + step)
        (x, y), least = direction * end.speed, ALONG * float(np.hypot(*end.speed)) - STILL * end.size
        return (
            bool(box[0][0] <= self.left + margin and -x >= least),
            bool(box[0][1] <= self.top + margin and -y >= least),
            bool(box[1][0] >= self.right - margin and x >= least),
            bool(box[1][1] >= self.bottom - margin and y >= least),
        )


def _either(one: Sides, other: Sides) -> Sides:
    return one[0] or other[0], one[1] or other[1], one[2] or other[2], one[3] or other[3]
