"""How animals walk through a gate: each one's way along the race, and the crossings that are true by it.

Ways are told in body lengths past the line, so that they read the same for a pig and for a cow. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR_BODIES = 4.6  # where a way begins and ends: out of the picture
PASSED_BODIES = 0.5  # a whole half body past the line is past it
_APART_BODIES = 1.15
_STEP_S = 0.1
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crossings:
    """Animals that came in, that went out."""

    come: int
    gone: int

    @property
    def net(self) -> int:
        return self.come - self.gone

    def __add__(self, other: Crossings) -> Crossings:
        return Crossings(self.come + other.come, self.gone + other.gone)


@dataclass(frozen=True, slots=True)
class Walk:
    """One animal's way. knots: (seconds, body lengths past the line), seconds rising; straight between them.

    lane: 0 is nearest to the camera's side of the race. Inward is rising; before the first and after the last knot
    the animal is out of sight.
    """

    key: str
    lane: float
    knots: tuple[tuple[float, float], ...]

    def past(self, at_s: float | Floats) -> Floats:
        """Body lengths past the line."""
        times, places = np.array(self.knots).T
        return np.asarray(np.interp(at_s, times, places), np.float64)

    def is_there(self, at_s: float) -> bool:
        return self.knots[0][0] <= at_s <= self.knots[-1][0]

    def ends_s(self) -> float:
        return self.knots[-1][0]

    def later(self, by_s: float) -> Walk:
        return Walk(self.key, self.lane, tuple((at + by_s, past) for at, past in self.knots))


def crossings(places: Sequence[float]) -> Crossings:
    """What a way's places (body lengths past the line, in order) amount to.

    An animal has crossed when it was half a body before the line and then half a body past it; what it does on the
    line itself is nothing.
    """
    come = gone = side = 0
    for place in places:
        now = 1 if place >= PASSED_BODIES else -1 if place <= -PASSED_BODIES else side
        come += side == -1 and now == 1
        gone += side == 1 and now == -1
        side = now
    return Crossings(come, gone)


def way(kind: str, speed: float, rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Knots of one way at `speed` body lengths a second, inward, from 0 s on. Raises KeyError for another kind."""
    return _timed(_PLACES[kind](rng), speed)


def _timed(stations: Sequence[tuple[float, float]], speed: float) -> tuple[tuple[float, float], ...]:
    """Knots from (place, seconds waited there)."""
    now, place = 0.0, stations[0][0]
    knots = [(now, place)]
    for target, wait_s in stations[1:]:
        now += max(abs(target - place) / speed, _STEP_S)
        place = target
        knots.append((now, place))
        if wait_s:
            now += wait_s
            knots.append((now, place))
    return tuple(knots)


def _through(_: np.random.Generator) -> list[tuple[float, float]]:
    return [(-FAR_BODIES, 0), (FAR_BODIES, 0)]


def _wait(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Stand on the line for a while, then go on."""
    return [(-FAR_BODIES, 0), (float(rng.uniform(-0.3, 0.3)), float(rng.uniform(1.5, 3.0))), (FAR_BODIES, 0)]


def _dither(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Step to and fro over the line, then go on or go home."""
    steps = [(float(side * rng.uniform(0.1, 0.4)), 0.2) for side in (1, -1, 1, -1, 1)]
    home = -FAR_BODIES if rng.random() < 0.4 else FAR_BODIES
    return [(-FAR_BODIES, 0), *steps, (home, 0)]


def _shy(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Turn round at the line, before it or just over it."""
    return [(-FAR_BODIES, 0), (float(rng.uniform(-1.0, 0.35)), 0.5), (-FAR_BODIES, 0)]


def _back(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Go in, turn round well inside, come out again."""
    return [(-FAR_BODIES, 0), (float(rng.uniform(1.2, 2.4)), 0.6), (-FAR_BODIES, 0)]


_PLACES = {"through": _through, "wait": _wait, "dither": _dither, "shy": _shy, "back": _back}
WAYS = tuple(_PLACES)


def outward(knots: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The same way from the other side."""
    return tuple((at, -past) for at, past in knots)


def collide(one: Walk, other: Walk, lane_room: float) -> bool:
    """Whether two animals would walk through one another; further apart than `lane_room` lanes they pass."""
    if abs(one.lane - other.lane) >= lane_room:
        return False
    since = max(one.knots[0][0], other.knots[0][0])
    until = min(one.ends_s(), other.ends_s())
    at = np.arange(since, until + _STEP_S, _STEP_S)
    return bool(len(at) and (np.abs(one.past(at) - other.past(at)) < _APART_BODIES).any())
