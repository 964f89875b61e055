"""A farm as it really is over some weeks, and what of it reaches the bank when. Everything at once, in columns.

A world holds the past (two weeks of history, for baselines) and the future of a play. It is made whole before the
play begins; the gatherer then shows at each moment only what had arrived by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bench.evaluation.air import HOUR_S, Air, air
from bench.evaluation.body import Body, Column, body
from bench.evaluation.delivery import Delivery, Outage, cut, delivery, outages
from bench.evaluation.estate import UTC_OFFSET_S, Estate
from bench.evaluation.eyes import Eyes, eyes
from bench.evaluation.truth import Script
from collateral.model.ids import LoanId
from collateral.model.loan import Movement
from firmware_sim import tag
from firmware_sim.chance import stream
from firmware_sim.herd import Floats
from firmware_sim.movement import movement

DAY_S = 86_400.0
WINDOW_DAYS = 3  # of the hourly columns
BASELINE_DAYS = 14
HISTORY_DAYS = WINDOW_DAYS + BASELINE_DAYS
FIX_HOURS = 12  # fixes before the play begins
COUNTS_BEFORE_S = 4 * HOUR_S
RSSI_NEAR_DBM, RSSI_FAR_DBM = -72.0, -127.0  # at 50 and 200 m (anomaly.md)
RSSI_SD_DBM = 3.9


@dataclass(frozen=True, slots=True)
class Extra:
    """A report beside the hourly ones: a tag that notices that its wearer is driven, or that it is taken off."""

    row: int
    at_s: float
    arrives_s: float
    x_m: float
    y_m: float
    error_m: float
    tamper: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is written down somewhere, from when on."""

    known_s: float
    thing: Any


@dataclass(eq=False)
class Fixes:
    """(animals, hours from `first`): metres on the farm's ground and the receiver's own estimate; NaN: no fix."""

    first: int
    x_m: Column
    y_m: Column
    error_m: Column


@dataclass(eq=False)
class World:
    """`gone_s`: when an animal leaves its pen; `struck_s`: when it leaves the book; `strangers`: animals of
    others in a pen, (pen, head, since_s, until_s); `retags`: (at_s, row) when an animal gets a new tag."""

    seed: int
    estate: Estate
    begins_s: float
    live_s: float
    hours: int
    air: Air
    body: Body
    delivery: Delivery
    tamper: np.ndarray
    fixes: Fixes
    eyes: Eyes
    battery_pct: Floats
    battery_loss: Floats
    rssi_dbm: Floats
    rssi_fall_db_a_day: Floats
    gone_s: Floats
    struck_s: Floats
    outages: list[Outage]
    script: Script
    extras: list[Extra] = field(default_factory=list)
    strangers: list[tuple[int, int, float, float]] = field(default_factory=list)
    retags: list[tuple[float, int]] = field(default_factory=list)
    deaths: list[Known] = field(default_factory=list)
    sightings: list[Known] = field(default_factory=list)
    regressions: list[Known] = field(default_factory=list)
    checks: list[Known] = field(default_factory=list)
    movements: list[Known] = field(default_factory=list)
    inspections: list[Known] = field(default_factory=list)
    patrols: list[Known] = field(default_factory=list)

    @property
    def ends_s(self) -> float:
        return self.begins_s + self.hours * HOUR_S

    def column(self, at_s: float) -> int:
        """The hour that a moment lies in."""
        return int((at_s - self.begins_s) // HOUR_S)

    def first_report_after(self, row: int, at_s: float) -> int:
        """Column of the first hourly report of an animal at or after a moment."""
        return max(0, int(np.ceil((at_s - self.begins_s - self.estate.offset_s[row]) / HOUR_S)))

    def silence(self, row: int, since_s: float, until_s: float = np.inf) -> None:
        """No report of this tag between two moments."""
        last = self.hours if np.isinf(until_s) else self.first_report_after(row, until_s)
        self.delivery.heard[row, self.first_report_after(row, since_s) : last] = False

    def cut(self, outage: Outage) -> None:
        """One more outage, with all it does; before the play begins."""
        cut(self.delivery, self.estate, outage)
        self.outages.append(outage)
        self.outages.sort(key=lambda o: o.start_s)

    def loan_of(self, row: int) -> LoanId:
        return self.estate.loans[self.estate.loan[row]]

    def head_in(self, pen: int, at_s: float) -> int:
        """How many animals really stand in a pen."""
        rows = self.estate.herd.pens[pen].rows
        guests = sum(n for p, n, since, until in self.strangers if p == pen and since <= at_s < until)
        return int((self.gone_s[rows] > at_s).sum()) + guests

    def place(self, row: int) -> tuple[float, float]:
        """Where an animal that has not left stands, metres on the farm's ground: the middle of its pen will do."""
        return self.estate.herd.pens[int(self.estate.herd.pen[row])].place.middle


def world(
    seed: int, farm: Estate, live: datetime, days: float, *, frames_s: float = 300.0, eventless: bool = False,
    history_days: int = HISTORY_DAYS,
) -> World:  # fmt: skip
    """A farm from two weeks before `live` until `days` after it. `eventless`: no outage in the play itself."""
    live_s = live.timestamp()
    midnight = (live_s + UTC_OFFSET_S) // DAY_S * DAY_S - UTC_OFFSET_S
    begins_s = midnight - history_days * DAY_S
    hours = int(np.ceil((live_s + days * DAY_S - begins_s) / HOUR_S)) + 1
    name = farm.farm.farm_id
    rng = stream(seed, name, "tags")
    n = farm.head
    made = World(
        seed=seed, estate=farm, begins_s=begins_s, live_s=live_s, hours=hours,
        air=(over := air(seed, name, begins_s, hours)), body=body(seed, farm, over, 0),
        delivery=delivery(seed, farm, begins_s, hours), tamper=np.zeros((n, hours), np.bool_),
        fixes=_fixes(seed, farm, begins_s, hours, int((live_s - begins_s) // HOUR_S) - FIX_HOURS),
        eyes=eyes(seed, farm, live_s - COUNTS_BEFORE_S, begins_s + hours * HOUR_S, frames_s),
        battery_pct=rng.uniform(*tag.BATTERY_PCT, n), battery_loss=rng.uniform(*tag.BATTERY_LOSS_PER_DAY, n),
        rssi_dbm=np.interp(farm.herd.to_gateway_m, (50, 200), (RSSI_NEAR_DBM, RSSI_FAR_DBM))
        + rng.normal(0, RSSI_SD_DBM, n),
        rssi_fall_db_a_day=np.zeros(n), gone_s=np.full(n, np.inf), struck_s=np.full(n, np.inf), outages=[],
        script=Script(),
    )  # fmt: skip
    until_s = live_s if eventless else made.ends_s
    for outage in outages(seed, farm, begins_s + DAY_S, until_s):
        if not eventless or outage.end_s < live_s - 6 * HOUR_S:
            made.cut(outage)
    return made


def _fixes(seed: int, farm: Estate, begins_s: float, hours: int, first: int) -> Fixes:
    herd = farm.herd
    moves = movement(seed, herd)
    rng = stream(seed, farm.farm.farm_id, "fixes")
    rows = np.arange(farm.head)
    state = tag.FixState(rng.normal(0, 1, (farm.head, 2)), np.zeros(farm.head, np.bool_))
    columns = range(max(0, first), hours)
    x, y, error = (np.full((farm.head, len(columns)), np.nan, np.float32) for _ in range(3))
    for number, column in enumerate(columns):
        at_s = begins_s + HOUR_S * column + farm.offset_s
        hour = (at_s + UTC_OFFSET_S) % DAY_S / HOUR_S
        place = herd.corner + moves.place(rows, at_s, hour)
        fix = tag.fixes(state, rng)
        good = ~(fix.is_null | fix.is_missing)  # a fix at (0, 0) is marked when it is stored, and is no position
        x[good, number] = (place + fix.offset_m)[good, 0]
        y[good, number] = (place + fix.offset_m)[good, 1]
        error[good, number] = fix.error_m[good]
    return Fixes(columns.start, x, y, error)


def moment(at_s: float) -> datetime:
    """Epoch seconds as a time, UTC."""
    return datetime.fromtimestamp(at_s, UTC)


def approved(
    world_: World, number: int, kind: Any, rows: list[int], since_s: float, until_s: float, known_s: float,
    closed_s: float,
) -> Movement:  # fmt: skip
    """An approved movement of these animals, known from `known_s` on and closed at `closed_s`, when it is paid."""
    made = Movement(
        movement_id=f"m{number}", loan_id=world_.loan_of(rows[0]), kind=kind,
        animal_ids=frozenset(world_.estate.animal(r) for r in rows), farm_id=world_.estate.farm.farm_id,
        start=moment(since_s), end=moment(until_s),
    )  # fmt: skip
    closed = replace(made, closed_at=moment(closed_s))
    world_.movements += [Known(known_s, made), Known(closed_s, closed)]
    return made
