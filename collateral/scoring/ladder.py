"""One scale for everything that speaks against a loan: 0 nothing, 15 blue, 35 yellow, 60 orange, 90 red, 100 the end.

A figure between two steps lies in proportion between their points, so that a score moves before a rule fires.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collateral.model.finding import Severity

POINTS: dict[Severity, float] = {
    Severity.BLUE: 15.0, Severity.YELLOW: 35.0, Severity.ORANGE: 60.0, Severity.RED: 90.0,
}  # fmt: skip
"""What an open case of each severity weighs [I]."""
MOST = 100.0
REST = 0.25  # what stands beside the gravest adds a quarter of its points [I]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Figures at which a matter becomes blue, yellow, orange and red, rising; below `nothing` it weighs nothing."""

    nothing: float
    blue: float
    yellow: float
    orange: float
    red: float

    def __post_init__(self) -> None:
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError(f"a ladder rises from step to step, got {self.steps}")

    @property
    def steps(self) -> tuple[float, ...]:
        return self.nothing, self.blue, self.yellow, self.orange, self.red

    def points(self, figure: float) -> float:
        """0-90, in proportion between the steps."""
        return float(np.interp(figure, self.steps, (0.0, *POINTS.values())))


def together(points: Sequence[float]) -> float:
    """Several matters as one, 0-100: the gravest speaks, the others add a quarter of theirs."""
    if not points:
        return 0.0
    gravest = max(points)
    return min(MOST, gravest + REST * (sum(points) - gravest))
