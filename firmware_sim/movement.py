"""Where animals are: at their resting place by night, wandering through the pen by day.

A place is a smooth function of time, so that tags and cameras see the same animal and no state is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.chance import stream
from firmware_sim.herd import Floats, Herd, Ints

# Mean activity per two hours from 00:00: neck tags of a real herd (anomaly.md, "Real data says").
ACTIVITY = np.array((32.5, 28.6, 28.6, 40.4, 41.9, 38.4, 37.6, 40.6, 48.6, 42.7, 37.1, 39.3))
_ROAM_HOURS = (0.0, 5.0, 6.5, 8.0, 18.0, 20.0, 22.0, 24.0)
_ROAM = (0.05, 0.05, 0.5, 1.0, 1.0, 0.4, 0.05, 0.05)  # share of the daytime range, by local hour [I]
LYING_BOUT_S = 24 * 3600 / 11  # 11 bouts a day (domain 2.3)
LYING_NIGHT, LYING_DAY = 0.80, 0.40  # together 13 h of 24: 12-14 h in free stalls (domain 2.3)
WANDERS = 3
WANDER_S = (2_400.0, 21_600.0)
KEEPS_FROM_FENCE_M = 1.2


@dataclass(frozen=True, slots=True)
class Movement:
    """Arrays by herd row: resting place, and amplitude, period and phase of each wander, along x and y."""

    size: Floats
    rest: Floats
    amplitude: Floats
    period: Floats
    phase: Floats
    bout: Floats

    def place(self, rows: Ints, at_s: Floats, hour: Floats) -> Floats:
        """(n, 2) metres from the pen's lower left corner, for `rows` at epoch seconds `at_s` and local `hour`."""
        turn = 2 * np.pi * at_s[:, None, None] / self.period[rows] + self.phase[rows]
        wandered = self.rest[rows] + (self.amplitude[rows] * np.sin(turn)).sum(axis=2)
        roam = np.interp(hour, _ROAM_HOURS, _ROAM)[:, None]
        inside = _reflected(wandered, self.size[rows])
        return np.asarray(self.rest[rows] + roam * (inside - self.rest[rows]))

    def lying(self, rows: Ints, at_s: Floats, hour: Floats) -> np.ndarray:
        """Which of them lie down."""
        share = np.where((hour < 6) | (hour >= 21), LYING_NIGHT, LYING_DAY)
        return np.asarray(np.sin(2 * np.pi * at_s / LYING_BOUT_S + self.bout[rows]) > np.cos(np.pi * share))


def movement(seed: int, herd: Herd) -> Movement:
    """The habits of every animal under a seed."""
    rng = stream(seed, "movement")
    rest = np.zeros_like(herd.size)
    for pen in herd.pens:
        rest[pen.rows] = _resting_places(len(pen.rows), pen.place.width_m, pen.place.depth_m, rng)
    shape = (len(herd.animals), 2, WANDERS)
    return Movement(
        size=herd.size, rest=rest,
        amplitude=rng.uniform(0.05, 0.22, shape) * herd.size[:, :, None],
        period=np.exp(rng.uniform(np.log(WANDER_S[0]), np.log(WANDER_S[1]), shape)),
        phase=rng.uniform(0, 2 * np.pi, shape),
        bout=rng.uniform(0, 2 * np.pi, shape[0]),
    )  # fmt: skip


def activity_mean(hour: Floats) -> Floats:
    """The herd's mean activity (0-100) at a local hour."""
    middles = np.arange(-1, 26, 2, dtype=np.float64)
    return np.asarray(np.interp(hour, middles, np.concatenate([ACTIVITY[-1:], ACTIVITY, ACTIVITY[:1]])))


def _resting_places(head: int, width_m: float, depth_m: float, rng: np.random.Generator) -> Floats:
    """Spread over the pen: animals lie an individual distance apart, each at its usual spot."""
    columns = max(1, int(np.ceil(np.sqrt(head * width_m / depth_m))))
    rows = max(1, int(np.ceil(head / columns)))
    cells = rng.permutation(columns * rows)[:head]
    grid = np.column_stack([cells % columns, cells // columns]) + rng.uniform(0.25, 0.75, (head, 2))
    return np.asarray(grid * (width_m / columns, depth_m / rows))


def _reflected(place: Floats, size: Floats) -> Floats:
    """Turn back at the fence."""
    room = size - 2 * KEEPS_FROM_FENCE_M
    folded = np.mod(place - KEEPS_FROM_FENCE_M, 2 * room)
    return np.asarray(KEEPS_FROM_FENCE_M + np.where(folded > room, 2 * room - folded, folded))
