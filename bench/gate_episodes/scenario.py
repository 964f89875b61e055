"""The seven kinds of episode, and what is drawn anew for each seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

NAMES = ("free", "dense", "dwelling", "reversing", "occluded", "slow-frames", "mixed")
WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of episode. Lengths in animal lengths, times in seconds, shares of animals or boxes in 0..1."""

    name: str
    frame_rate: float = 15.0
    animals: int = 32
    headway_s: float = 2.0  # mean time between two arrivals
    corridor: float = 3.0  # width of the passage
    against: float = 0.15  # share that walks the other way
    dwellers: float = 0.0  # share that stops on the line and sways there
    reversers: float = 0.0  # share that turns round, before or behind the line
    posts: int = 0  # things that hide what passes behind them
    missed: float = 0.04  # single misses of a wholly visible animal
    bursts_a_minute: float = 1.5  # times an animal is lost for longer
    false_a_frame: float = 0.04
    cut_short: bool = False  # the recording ends while animals are still in view


def scenario(name: str, seed: int) -> Scenario:
    """The scenario of that name as the seed varies it. KeyError for a name that is not in `NAMES`."""
    rng = np.random.default_rng([seed, 7])
    base = _BASES[name]
    rate = base.frame_rate if name == "slow-frames" else float(rng.choice([10.0, 12.5, 15.0, 25.0]))
    return replace(
        base,
        frame_rate=rate,
        animals=int(base.animals + rng.integers(-4, 5)),
        against=float(rng.choice([0.0, base.against, 2 * base.against])),
        cut_short=bool(rng.random() < 0.3),
    )


_BASES = {
    row.name: row
    for row in (
        Scenario("free"),
        Scenario("dense", headway_s=0.5, corridor=3.5, against=0.08),
        Scenario("dwelling", dwellers=0.35),
        Scenario("reversing", reversers=0.3),
        Scenario("occluded", posts=2, bursts_a_minute=3.0),
        Scenario("slow-frames", frame_rate=5.0),
        Scenario(
            "mixed", headway_s=1.4, dwellers=0.15, reversers=0.15, posts=1, missed=0.06, bursts_a_minute=2.5,
            false_a_frame=0.08,
        ),
    )
}  # fmt: skip
