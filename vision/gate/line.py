"""The gate in the picture: a line, or a race with an entry and an exit side.

Both answer the same two questions about a point: how far past the middle it is (`measure`: positive on the "in" side,
1 once it stands clearly on that side, 2 once it has gone deep), and whether it is between the ends (`between`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from vision.errors import VisionError

Float = NDArray[np.float64]
Side = Literal["auto", "left", "right"]
CLEAR = 0.25  # body sizes from the line to the zone on either side; a body's size is the root of its box's area
LINE_FORM = "write the line as x1,y1,x2,y2 in pixels, for example 640,0,640,720"
RACE_FORM = "write the race as x1,y1,x2,y2,x3,y3,x4,y4 in pixels: the entry side from 1 to 2, the exit side from 3 to 4"


class Gate(Protocol):
    """Where animals are counted."""

    def measure(self, points: Float, size: Float) -> Float:
        """(N,) how far past the middle; points (N,2) and body sizes (N,) in pixels."""
        ...

    def between(self, points: Float) -> NDArray[np.bool_]:
        """(N,) whether the points lie between the ends of the line, or between the rails of the race."""
        ...

    def describe(self) -> str:
        """Which way is in, in words."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """From (x1,y1) to (x2,y2). in_side: the side that animals come into, as seen by one who walks from 1 to 2.

    "auto" is the lower side of a flat line and the right-hand side of a steep one, whichever end comes first.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    in_side: Side = "auto"

    def __post_init__(self) -> None:
        if not np.isfinite([self.x1, self.y1, self.x2, self.y2]).all():
            raise VisionError(f"the line has an end that is no number: {LINE_FORM}")
        if np.hypot(self.x2 - self.x1, self.y2 - self.y1) < 1:
            raise VisionError(f"the line's two ends are the same point: {LINE_FORM}")

    @classmethod
    def parse(cls, text: str, in_side: Side = "auto") -> Line:
        """Read x1,y1,x2,y2. Raises VisionError with the form to use."""
        x1, y1, x2, y2 = _numbers(text, 4, LINE_FORM)
        return cls(x1, y1, x2, y2, in_side)

    @property
    def normal(self) -> Float:
        """Unit vector towards the in side, pixels right and down."""
        dx, dy = self.x2 - self.x1, self.y2 - self.y1
        left: Float = np.array([dy, -dx]) / np.hypot(dx, dy)  # y points down, so this is the walker's left
        if self.in_side == "left":
            return left
        if self.in_side == "right":
            return -left
        main = left[1] if abs(dx) >= abs(dy) else left[0]
        return left if main > 0 else -left

    def measure(self, points: Float, size: Float) -> Float:
        depth = (points - np.array([self.x1, self.y1])) @ self.normal
        return np.asarray(depth / (CLEAR * np.maximum(size, 1.0)))

    def between(self, points: Float) -> NDArray[np.bool_]:
        way = np.array([self.x2 - self.x1, self.y2 - self.y1])
        share = (points - np.array([self.x1, self.y1])) @ way / (way @ way)
        return np.asarray((share >= 0) & (share <= 1))

    def describe(self) -> str:
        x, y = self.normal
        return f"in is {('down' if y > 0 else 'up') if abs(y) >= abs(x) else ('right' if x > 0 else 'left')}"


@dataclass(frozen=True, slots=True)
class Race:
    """A passage with four corners: its entry side from corner 1 to 2, its exit side from 3 to 4, rails between.

    An animal is through once it was in the third beside one side and then in the third beside the other.
    """

    corners: tuple[tuple[float, float], ...]
    backwards: bool = False  # in leads from the exit side to the entry side

    def __post_init__(self) -> None:
        corners = np.array(self.corners)
        ways = np.roll(corners, -1, axis=0) - corners
        if not np.isfinite(corners).all() or np.hypot(*ways[[0, 2]].T).min() < 1:
            raise VisionError(f"a side of the race has no length: {RACE_FORM}")
        following = np.roll(ways, -1, axis=0)
        turns = ways[:, 0] * following[:, 1] - ways[:, 1] * following[:, 0]
        if not ((turns > 0).all() or (turns < 0).all()):
            raise VisionError(f"the corners of the race do not go round it: {RACE_FORM}")

    @classmethod
    def parse(cls, text: str, in_side: Side = "auto") -> Race:
        """Read x1,y1,...,x4,y4; in_side "left" turns in and out round. Raises VisionError with the form to use."""
        values = _numbers(text, 8, RACE_FORM)
        corners = tuple(zip(values[::2], values[1::2], strict=True))
        return cls(corners, backwards=in_side == "left")

    def measure(self, points: Float, size: Float) -> Float:  # noqa: ARG002 - a race has its own length
        past = self._distance(*self._side(0), points)
        left = self._distance(*self._side(2), points)
        share = past / np.where(np.abs(past + left) < 1e-9, 1e-9, past + left)
        return np.asarray((share - 0.5) * (-6 if self.backwards else 6))

    def between(self, points: Float) -> NDArray[np.bool_]:
        first = self._distance(*self._side(1), points)
        second = self._distance(*self._side(3), points)
        return np.asarray((first >= 0) & (second >= 0))

    def describe(self) -> str:
        return f"in leads from the {'exit' if self.backwards else 'entry'} side to the other"

    def _side(self, number: int) -> tuple[Float, Float]:
        start, end = np.array(self.corners[number]), np.array(self.corners[(number + 1) % 4])
        return start, end - start

    def _distance(self, start: Float, way: Float, points: Float) -> Float:
        """(N,) distance from a side towards the inside of the race, pixels."""
        middle = np.array(self.corners).mean(axis=0)
        normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
        turned = normal if (middle - start) @ normal >= 0 else -normal
        return np.asarray((points - start) @ turned)


def _numbers(text: str, count: int, form: str) -> list[float]:
    try:
        values = [float(part) for part in text.replace(";", ",").replace(" ", ",").split(",") if part]
    except ValueError as error:
        raise VisionError(f"cannot read {text!r}: {form}") from error
    if len(values) != count:
        raise VisionError(f"{text!r} has {len(values)} numbers, not {count}: {form}")
    return values
