"""How the animals of an episode walk: positions over time, in animal lengths along and across the passage.

`along` is 0 on the line; animals come from -far or +far. Each follows its own script (walk, stop and sway, turn) and
keeps its distance from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.gate_episodes.scenario import Scenario

Float = NDArray[np.float64]
STEP_S = 0.05
WIDTH_OF_ONE = 0.42  # an animal's width in its lengths


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Where every animal is: (T,) seconds, (T,N) along, across, heading in radians, and whether it is there."""

    times: Float
    along: Float
    across: Float
    heading: Float
    there: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Scripts:
    """Per animal: first side, arrival, speed, where it stops for how long swaying how far, where it turns."""

    side: Float
    arrives: Float
    speed: Float
    stop_at: Float
    stop_for: Float
    sway: Float
    turn_at: Float


def walk(kind: Scenario, far: float, rng: np.random.Generator) -> Walk:
    """Let the herd pass; `far` is how far the picture reaches on either side, in animal lengths."""
    scripts = _scripts(kind, rng)
    count = len(scripts.side)
    along = scripts.side * (far + 1.0)
    lane = rng.uniform(-kind.corridor / 2, kind.corridor / 2, count)
    across, heading = lane.copy(), -scripts.side.copy()
    stopped, angle = np.zeros(count), np.zeros(count)
    begun, done = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    rows: list[tuple[float, Float, Float, Float, NDArray[np.bool_]]] = []
    longest = float(scripts.arrives.max() + 60)
    pace, t = np.ones(count), 0.0
    while t < longest and not done.all():
        begun |= (t >= scripts.arrives) & _room(along, across, begun & ~done, scripts.side * (far + 1.0), lane)
        here = begun & ~done
        pace += STEP_S * (1 - pace) + 0.35 * np.sqrt(STEP_S) * rng.normal(size=count)
        pace = np.clip(pace, 0.2, 1.8)
        waiting = here & (stopped < scripts.stop_for) & (np.abs(along - scripts.stop_at) < 0.15)
        stopped += STEP_S * waiting
        turning = here & (np.abs(along - scripts.turn_at) < 0.1)
        heading = np.where(turning, scripts.side, heading)
        scripts.turn_at[turning] = np.inf
        wanted = np.where(waiting, 0.0, heading * scripts.speed * pace)
        push_along, push_across = _pushes(along, across, here)
        speed = wanted + np.where(waiting, 0.0, np.clip(push_along, -0.6, 0.6))
        speed = np.where(waiting | (speed * heading > -0.1), speed, -0.1 * heading)  # herds press on
        along = np.where(here, along + STEP_S * speed, along)
        drift = 0.4 * (lane - across) + push_across
        across = np.where(here, across + STEP_S * np.clip(drift, -0.7, 0.7), across)
        angle += STEP_S * 3 * (np.where(heading > 0, 0.0, np.pi) - angle) + 0.1 * np.sqrt(STEP_S) * rng.normal(
            size=count
        )
        shown = along + np.where(waiting, scripts.sway * np.sin(2.6 * stopped), 0.0)
        done |= here & (np.abs(along) > far + 1.05) & (heading * along > 0)
        rows.append((t, shown, across.copy(), angle.copy(), here.copy()))
        t += STEP_S
    times, *columns = zip(*rows, strict=True)
    return Walk(np.array(times), *(np.array(column) for column in columns))  # type: ignore[arg-type]


def _scripts(kind: Scenario, rng: np.random.Generator) -> _Scripts:
    count = kind.animals
    side = np.where(rng.random(count) < kind.against, 1.0, -1.0)
    arrives = np.cumsum(rng.exponential(kind.headway_s, count))
    dwells = rng.random(count) < kind.dwellers
    turns = ~dwells & (rng.random(count) < kind.reversers)
    turn_at = np.where(turns, -side * rng.uniform(-2.5, 2.5, count), np.inf)
    also = dwells & (rng.random(count) < 0.3)  # walks back after it has dwelt
    stop_at = np.where(dwells, rng.uniform(-0.35, 0.35, count), np.inf)
    turn_at = np.where(also, stop_at - side * 0.3, turn_at)
    return _Scripts(
        side, arrives, rng.uniform(0.7, 1.5, count), stop_at, np.where(dwells, rng.uniform(2, 8, count), 0.0),
        rng.uniform(0.05, 0.3, count), turn_at,
    )  # fmt: skip


def _room(along: Float, across: Float, here: NDArray[np.bool_], start: Float, lane: Float) -> NDArray[np.bool_]:
    """Whether nobody stands where each animal would come in."""
    near = (np.abs(along[None] - start[:, None]) < 0.9) & (np.abs(across[None] - lane[:, None]) < 0.5)
    return ~(near & here[None]).any(axis=1)


def _pushes(along: Float, across: Float, here: NDArray[np.bool_]) -> tuple[Float, Float]:
    """Speed, in lengths a second, by which neighbours push each animal along and across."""
    by, beside = along[:, None] - along[None], across[:, None] - across[None]
    distance = np.hypot(by / 1.0, beside / (1.3 * WIDTH_OF_ONE)) + 1e-6
    force = np.clip(1.15 - distance, 0, None) * (here[:, None] & here[None])
    np.fill_diagonal(force, 0)
    return (force * by / distance).sum(1), (1.4 * force * np.sign(beside) * np.clip(np.abs(beside), 0.2, None)).sum(1)
