"""A herd that stays at home under tags as bad as real ones: how often it is said to have left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.removal.group_removal import group_removal
from collateral.anomaly.removal.left_fence import left_fence
from collateral.facts.herd import Track
from collateral.model.ids import BranchId
from collateral.model.place import Position
from collateral.model.reading import Fix
from tests.herds import NOW, at, facts, gateway, pen, track

HOUR = timedelta(hours=1)
PENS, HEAD = 7, 72
BOUND = 0.2  # false theft and escape alerts per 1,000 animal-days (anomaly.md)


@dataclass(frozen=True)
class Receiver:
    """A tag's GPS: mean error in metres, how the error remembers, what it tells of it, and its faults by the fix."""

    mean_m: float
    memory: float
    tells_error: bool
    null: float = 0.04  # (0, 0): 2.9-4.7 % of real fixes
    jump: float = 0.002  # 0.02-0.2 %
    jump_again: float = 0.10  # a jump that stays for the next fix [I]
    lost: float = 0.05
    gap: float = 0.11 / 24  # an hour in which a gap of a median of 4 h begins


EAR_TAG = Receiver(mean_m=34.2, memory=0.5, tells_error=True)
DRIFTING = Receiver(mean_m=20.0, memory=0.85, tells_error=True)
SILENT_ABOUT_ERROR = Receiver(mean_m=25.0, memory=0.5, tells_error=False)


def errors(receiver: Receiver, animals: int, hours: int, rng: np.random.Generator) -> np.ndarray:
    """(animals, hours, 2) metres: correlated noise, with tails heavier than normal ones, and jumps of kilometres."""
    sigma = receiver.mean_m / 1.2533  # a Rayleigh's mean is 1.2533 sigma
    noise = rng.standard_normal((animals, hours, 2))
    for hour in range(1, hours):
        noise[:, hour] = receiver.memory * noise[:, hour - 1] + np.sqrt(1 - receiver.memory**2) * noise[:, hour]
    spread = np.exp(rng.normal(0, 0.25, (animals, hours, 1)))
    error = sigma * spread * noise
    jumps = rng.random((animals, hours)) < receiver.jump
    far = rng.lognormal(6.5, 1.0, (animals, hours, 1)) * _directions(animals, hours, rng)
    error[jumps] += far[jumps]
    again = jumps[:, :-1] & (rng.random((animals, hours - 1)) < receiver.jump_again)
    error[:, 1:][again] = error[:, :-1][again] + rng.normal(0, sigma, (int(again.sum()), 2))
    return error


def _directions(animals: int, hours: int, rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi, (animals, hours))
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def heard(receiver: Receiver, animals: int, hours: int, rng: np.random.Generator) -> np.ndarray:
    """(animals, hours): lost by chance, or in gaps that last a median of four hours."""
    gone = rng.random((animals, hours)) < receiver.lost
    for animal, hour in np.argwhere(rng.random((animals, hours)) < receiver.gap):
        gone[animal, hour : hour + max(1, round(float(rng.lognormal(np.log(4), 1.0))))] = True
    return ~gone


def fixes_of(receiver: Receiver, hours: int, rng: np.random.Generator) -> list[list[Fix]]:
    """The fixes of every animal over the hours, at its own minute; those that nobody heard are left out."""
    animals = PENS * HEAD
    places = rng.uniform(1, 59, (animals, 1, 2)) + rng.normal(0, 8, (animals, hours, 2))
    east, north = np.moveaxis(np.clip(places, 0, 60) + errors(receiver, animals, hours, rng), -1, 0)
    told = receiver.mean_m * 0.8 * np.exp(rng.normal(0, 0.35, (animals, hours)))
    null, known, minute = (
        rng.random((animals, hours)) < receiver.null,
        heard(receiver, animals, hours, rng),
        rng.uniform(0, 59, animals),
    )
    return [
        [
            Fix(
                measured_at=NOW + hour * HOUR + timedelta(minutes=minute[animal]),
                position=Position(0, 0) if null[animal, hour] else at(east[animal, hour], north[animal, hour]),
                error_m=float(told[animal, hour]) if receiver.tells_error else None,
            )
            for hour in range(hours) if known[animal, hour]
        ]
        for animal in range(animals)
    ]  # fmt: skip


def alarms(receiver: Receiver, days: int, seed: int) -> int:
    """Theft and escape cases opened while nothing happens."""
    herd = fixes_of(receiver, 24 * days, np.random.default_rng(seed))
    pens, upto, desk, opened = [pen(f"p{n}") for n in range(PENS)], [0] * len(herd), Desk(BranchId("b1")), 0
    for hour in range(4, 24 * days):
        now = NOW + hour * HOUR
        tracks = [_track(number, herd[number], upto, now, pens) for number in range(len(herd))]
        picture = facts(tracks, gateways=[gateway(heard=now)], as_of=now)
        changes = desk.look([*group_removal(picture), *left_fence(picture)], now)
        opened += sum(c.change is Change.OPENED for c in changes)
    return opened


def _track(number: int, walked: list[Fix], upto: list[int], now: datetime, pens: list) -> Track:  # type: ignore[type-arg]
    while upto[number] < len(walked) and walked[upto[number]].measured_at <= now:
        upto[number] += 1
    known = tuple(walked[max(0, upto[number] - 10) : upto[number]])
    return replace(track(number, walked=known, seen=known[-1].measured_at if known else None), pen=pens[number % PENS])


@pytest.mark.parametrize(
    "receiver", [EAR_TAG, DRIFTING, SILENT_ABOUT_ERROR], ids=["ear tag", "drifting", "error not told"]
)
def test_bad_receivers_raise_next_to_no_alarms(receiver: Receiver) -> None:
    days = 6  # 3,024 animal-days: at the bound 0.6 alarms
    assert alarms(receiver, days, seed=8) <= BOUND * PENS * HEAD * days / 1000 + 1
