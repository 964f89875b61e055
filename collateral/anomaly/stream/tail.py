"""How far out in its own tail a magnitude is."""

from __future__ import annotations

import math

SHARE = 0.001
"""What one value teaches: memory of about a thousand rows. Until so many were seen, all count alike."""
HIGH = 0.99
HIGH_NATS = -math.log(1.0 - HIGH)
STEP = 1.0
"""How fast the high point moves, in means."""
EXCESS_SHARE = 0.1
"""What one excess teaches: those of a thousand rows count, as for the mean."""
LOUDEST = 200.0
"""Nothing is more unusual than this, in nats."""
LESSON = 1000.0
"""One value teaches no more than so many means: a wild reading must not deafen the detector."""


class Tail:
    """Surprise in nats of magnitudes >= 0, calibrated on those that came before.

    Two exponential laws are asked: one with the mean of all magnitudes, one hung on their 99 % point with the mean
    excess over it. Their geometric mean is less shy than the first where tails are heavy, and less rash than the
    second where few have been seen. State is four numbers.
    """

    __slots__ = ("excess", "high", "mean", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self.mean = self.high = self.excess = 0.0

    def surprise(self, magnitude: float) -> float:
        """Nats, 0 to LOUDEST; then learn from the magnitude."""
        told = self._told(magnitude)
        self._learn(magnitude)
        return told

    def _told(self, magnitude: float) -> float:
        if magnitude <= 0.0 or self.seen == 0:
            return 0.0
        if self.mean <= 0.0:
            return math.log(self.seen + 1)  # the first stir of a flat stream, by the rule of succession
        high = self.high
        if high <= 0.0:
            return 0.0
        over = magnitude - high
        if over <= 0.0:
            nats = HIGH_NATS * magnitude / high
        elif self.excess > 0.0:
            nats = HIGH_NATS + over / self.excess
        else:
            nats = HIGH_NATS * magnitude / high
        return min(math.sqrt(magnitude / self.mean * nats), LOUDEST)

    def _learn(self, magnitude: float) -> None:
        self.seen += 1
        share = max(SHARE, 1.0 / self.seen)
        if self.mean > 0.0:
            magnitude = min(magnitude, LESSON * self.mean)
        self.mean += share * (magnitude - self.mean)
        step = STEP * share * self.mean
        over = magnitude - self.high
        if over > 0.0:
            self.excess = self.excess or self.mean  # as an exponential law would have it, until it has been seen
            self.excess += EXCESS_SHARE * (over - self.excess)
            self.high += step * HIGH
        else:
            self.high = max(self.high - step * (1.0 - HIGH), 0.0)
