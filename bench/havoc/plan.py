"""What will go wrong and when. Pure: the same seed and length give the same plan."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """One kind of mishap."""

    KILL_INGEST = "kill ingest"
    KILL_GATEWAY = "kill gateway"
    KILL_BROKER = "kill broker"
    KILL_DATABASE = "kill database"
    CUT_GATEWAY = "cut gateway"
    CUT_INGEST = "cut ingest"
    CUT_DATABASE = "cut database"
    SILENCE_GATEWAY = "silence gateway"
    SILENCE_INGEST = "silence ingest"
    SILENCE_DATABASE = "silence database"
    FREEZE_INGEST = "freeze ingest"
    FREEZE_DATABASE = "freeze database"
    SLOW_DISK = "slow disk"
    FULL_QUEUE = "full queue"
    FULL_SPOOL = "full spool"


A_MINUTE: Mapping[Deed, float] = {
    Deed.KILL_INGEST: 4,
    Deed.KILL_GATEWAY: 4,
    Deed.KILL_BROKER: 2,
    Deed.KILL_DATABASE: 2,
    Deed.CUT_GATEWAY: 2,
    Deed.CUT_INGEST: 1,
    Deed.CUT_DATABASE: 2,
    Deed.SILENCE_GATEWAY: 2,
    Deed.SILENCE_INGEST: 1,
    Deed.SILENCE_DATABASE: 1,
    Deed.FREEZE_INGEST: 1,
    Deed.FREEZE_DATABASE: 1,
    Deed.SLOW_DISK: 1,
    Deed.FULL_QUEUE: 1,
    Deed.FULL_SPOOL: 0.5,
}
"""How often each happens; twelve kills a minute, of which ten are asked for."""

LASTS_S: Mapping[Deed, tuple[float, float]] = {
    Deed.SILENCE_GATEWAY: (1, 8),
    Deed.SILENCE_INGEST: (1, 8),
    Deed.SILENCE_DATABASE: (1, 8),
    Deed.SLOW_DISK: (5, 10),
    Deed.FULL_QUEUE: (3, 6),
    Deed.FULL_SPOOL: (15, 20),
}
SHORT_S = (0.0, 4.0)
"""How long everything else lasts; 0: a killed program is started again at once."""


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """One mishap at `at_s` seconds. `which` in [0, 1) picks the victim; `hard`: a silent line is cut at its end."""

    at_s: float
    deed: Deed
    which: float
    lasts_s: float
    hard: bool


def plan(seed: int, minutes: float) -> list[Act]:
    """Every deed at least once, in order of time, spread over the whole length."""
    rng = random.Random(seed)
    deeds = [deed for deed, rate in A_MINUTE.items() for _ in range(_how_often(rate, minutes))]
    rng.shuffle(deeds)
    apart_s = minutes * 60 / len(deeds)
    return [_act(rng, deed, (place + rng.random()) * apart_s) for place, deed in enumerate(deeds)]


def kills_wanted(minutes: float) -> int:
    """How many kills a run of this length must have made to count."""
    return math.ceil(10 * minutes)


def _how_often(rate: float, minutes: float) -> int:
    return max(1, math.ceil(rate * minutes))


def _act(rng: random.Random, deed: Deed, at_s: float) -> Act:
    lasts_s = rng.uniform(*LASTS_S.get(deed, SHORT_S))
    return Act(round(at_s, 3), deed, rng.random(), round(lasts_s, 3), rng.random() < 0.5)
