"""A theft worked out in advance: who is driven off, along which way, and what their tags still say. Pure.

The animals of one pen are gathered and walked out of its gate in small groups, along the alley to a lorry. Their
tags notice that they are driven and report at once and then every five minutes (see `tag`); a metal lorry, or a
knife, ends that. Each stolen tag is heard at least twice at the lorry, far outside its fence, whatever the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from collateral.contract.enrolment import Enrolment
from firmware_sim.chance import stream
from firmware_sim.ground import Rectangle
from firmware_sim.herd import Floats, Herd, Ints, PenPlace
from firmware_sim.movement import Movement
from firmware_sim.scenario import Theft
from firmware_sim.tag import Tags, alarm_fix

REPORT_EVERY_S = 300
NOTICED_S = (20, 60)  # from the first steps until the tag is sure that it is driven [I]
REPORTS = 3  # on setting off, then at the lorry twice
SETTING_OFF_S = 20.0
MILLING_M = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One motion-triggered report. Metres on the farm's ground; `error_m` is the receiver's own estimate."""

    row: int
    at_s: int
    x_m: float
    y_m: float
    error_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """`departs_s` and `crosses_s` by stolen row: setting off, and stepping over the fence line (epoch seconds)."""

    pen: PenPlace
    loan_id: str | None
    begins_s: float
    departs_s: dict[int, float]
    crosses_s: dict[int, float]
    alarms: tuple[Alarm, ...]
    ways: dict[int, Floats]
    walking_mps: float

    @property
    def ends_s(self) -> float:
        """When the last stolen tag was heard last."""
        return float(max(alarm.at_s for alarm in self.alarms))

    def place(self, row: int, at_s: float) -> tuple[float, float] | None:
        """Where a stolen animal is on its way inside the pen; None once it is over the fence line."""
        if at_s >= self.crosses_s[row]:
            return None
        return _along(self.ways[row], (at_s - self.departs_s[row]) * self.walking_mps)


def plan(
    theft: Theft, begins: datetime, enrolment: Enrolment, herd: Herd, moves: Movement, traits: Tags, seed: int
) -> Removal:
    """Choose pen, animals and times. Raises ValueError when the farm has no pen that fits the scenario."""
    rng = stream(seed, "theft")
    pen, loan = _pen(theft, enrolment, herd, rng)
    rows = _victims(theft, pen, herd, traits, rng)
    begins_s = begins.timestamp()
    group = np.arange(theft.head) * theft.groups // theft.head
    departs = begins_s + group * theft.group_gap_s + rng.uniform(0, SETTING_OFF_S, theft.head)
    there = begins.astimezone(herd.farms[pen.farm].zone)
    hour = there.hour + there.minute / 60 + (departs - begins_s) / 3600
    starts = moves.place(rows, departs, hour) + np.array((pen.place.x_m, pen.place.y_m))
    gate, lorry = _gate(pen.place), _lorry(pen.place, theft.lorry_m)
    ways = {int(row): np.array([start, gate, lorry]) for row, start in zip(rows, starts, strict=True)}
    departs_s = {int(row): float(at) for row, at in zip(rows, departs, strict=True)}
    return Removal(
        pen=pen, loan_id=loan, begins_s=begins_s, departs_s=departs_s,
        crosses_s={r: departs_s[r] + float(np.hypot(*(gate - ways[r][0]))) / theft.walking_mps for r in ways},
        alarms=tuple(a for r in ways for a in _alarms(r, departs_s[r], ways[r], theft.walking_mps, rng)),
        ways=ways, walking_mps=theft.walking_mps,
    )  # fmt: skip


def _pen(theft: Theft, enrolment: Enrolment, herd: Herd, rng: np.random.Generator) -> tuple[PenPlace, str | None]:
    watched = sorted({camera.pen_id for camera in enrolment.cameras if camera.farm_id == theft.farm})
    roomy = [pen for pen in watched if (herd.pen_named(pen).rows < herd.tagged).sum() >= 2 * theft.head]
    if not roomy:
        raise ValueError(f"scenario: farm {theft.farm} has no pen with a camera and {2 * theft.head} tagged head")
    pen = herd.pen_named(str(rng.choice(roomy)))
    animal = herd.animals[int(pen.rows[0])]
    return pen, next((p.loan_id for p in enrolment.pledges if p.animal_id == animal), None)


def _victims(theft: Theft, pen: PenPlace, herd: Herd, traits: Tags, rng: np.random.Generator) -> Ints:
    alive = np.array([r for r in pen.rows if r < herd.tagged and np.isinf(traits.silent_from_s[r])], np.int64)
    return np.asarray(rng.choice(alive, theft.head, replace=False))


def _gate(pen: Rectangle) -> Floats:
    """In the middle of the side that faces the alley, which runs through the farm's origin."""
    y = pen.y_m if abs(pen.y_m) < abs(pen.y_m + pen.depth_m) else pen.y_m + pen.depth_m
    return np.array([pen.middle[0], y])


def _lorry(pen: Rectangle, far_m: float) -> Floats:
    """Down the alley, away from the middle of the farm."""
    gate = _gate(pen)
    return np.array([gate[0] + (far_m if gate[0] >= 0 else -far_m), 0.0])


def _alarms(row: int, departs_s: float, way: Floats, speed_mps: float, rng: np.random.Generator) -> list[Alarm]:
    noticed = departs_s + rng.uniform(*NOTICED_S)
    found = []
    for number in range(REPORTS):
        at_s = round(noticed + number * REPORT_EVERY_S)
        x, y = _along(way, (at_s - departs_s) * speed_mps)
        off_x, off_y, error = alarm_fix(rng)
        mill_x, mill_y = rng.uniform(-MILLING_M, MILLING_M, 2)
        found.append(Alarm(row=row, at_s=at_s, x_m=x + off_x + mill_x, y_m=y + off_y + mill_y, error_m=error))
    return found


def _along(way: Floats, walked_m: float) -> tuple[float, float]:
    """The place after `walked_m` along the corners of `way`; its end when that is shorter."""
    left = max(0.0, walked_m)
    for start, end in pairwise(way):
        length = float(np.hypot(*(end - start)))
        if left < length:
            x, y = start + (end - start) * (left / length)
            return float(x), float(y)
        left -= length
    return float(way[-1][0]), float(way[-1][1])
