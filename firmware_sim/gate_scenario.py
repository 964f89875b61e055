"""What can happen at a gate: scenarios by how much the animals hide one another, and who walks when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmware_sim.gate_walk import Walk, collide, outward, way

LEVELS = ("none", "light", "heavy")
_SPEED = 1.35  # body lengths a second
_EVERY_S = 0.35  # how finely a start is looked for
_LANE_ROOM = 0.8


@dataclass(frozen=True, slots=True)
class GateScenario:
    """One kind of film.

    ways: share of each way of walking. lanes: animals that fit abreast. every_s: mean time between groups.
    outward: share that goes out. screens: what stands before the line.
    """

    level: str
    lanes: int
    every_s: float
    ways: dict[str, float]
    abreast: int = 1
    outward: float = 0.0
    speed: float = _SPEED
    fps: int = 10
    screens: tuple[str, ...] = ()


_THROUGH = {"through": 1.0}
_RESTLESS = {"through": 0.4, "dither": 0.2, "wait": 0.15, "shy": 0.15, "back": 0.1}
SCENARIOS = {
    "free": GateScenario("none", 1, 1.0, _THROUGH),
    "dither": GateScenario("none", 4, 1.0, {"through": 0.4, "dither": 0.4, "wait": 0.2}),
    "turning": GateScenario("none", 4, 1.0, {"through": 0.4, "shy": 0.3, "back": 0.3}),
    "running": GateScenario("none", 1, 0.7, _THROUGH, speed=3.2, fps=5),
    "pairs": GateScenario("light", 2, 1.1, _THROUGH, abreast=2),
    "both_ways": GateScenario("light", 4, 0.8, {"through": 0.9, "wait": 0.1}, outward=0.4),
    "post": GateScenario("light", 1, 1.0, _THROUGH, screens=("post",)),
    "heavy": GateScenario("heavy", 3, 1.2, _THROUGH, abreast=3, screens=("post",)),
    "person": GateScenario("heavy", 2, 1.1, {"through": 0.85, "wait": 0.15}, abreast=2, screens=("person",)),
    "crush": GateScenario("heavy", 4, 1.0, _RESTLESS, abreast=2, outward=0.2, screens=("post", "person")),
}


def walks(scenario: GateScenario, seconds: float, rng: np.random.Generator) -> list[Walk]:
    """Everyone who walks in a film, all out of sight by its end, none through another."""
    found: list[Walk] = []
    group_s = 0.3
    while group_s < seconds:
        lanes = rng.permutation(scenario.lanes)[: int(rng.integers(1, scenario.abreast + 1))]
        for lane in lanes:
            walk = _one(f"animal-{len(found):02d}", float(lane), scenario, rng)
            start_s = group_s + float(rng.uniform(0, 0.25))
            placed = _placed(walk.later(start_s), found, seconds)
            found += [] if placed is None else [placed]
        group_s += scenario.every_s * float(rng.uniform(0.6, 1.5))
    return found


def _one(key: str, lane: float, scenario: GateScenario, rng: np.random.Generator) -> Walk:
    kind = str(rng.choice(list(scenario.ways), p=list(scenario.ways.values())))
    knots = way(kind, scenario.speed * float(rng.uniform(0.9, 1.1)), rng)
    if rng.random() < scenario.outward:
        knots = outward(knots)
    return Walk(key, lane + float(rng.normal(0, 0.06)), knots)


def _placed(walk: Walk, others: list[Walk], until_s: float) -> Walk | None:
    """The walk, later if need be so that it collides with nobody; None when the film is over by then."""
    while walk.ends_s() < until_s:
        if not any(collide(walk, other, _LANE_ROOM) for other in others):
            return walk
        walk = walk.later(_EVERY_S)
    return None


def at_rate(scenario: GateScenario, fps: int | None) -> GateScenario:
    """The scenario, filmed at another rate."""
    return scenario if fps is None else replace(scenario, fps=fps)
