"""Whatever a farm looks like: no rule says red on one witness's word, and every finding names what it is about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.alerting.desk import Desk
from collateral.alerting.hysteresis import HOLD
from collateral.alerting.inhibition import inhibit
from collateral.anomaly.rules import HERD_RULES, findings
from collateral.facts.events import CounterRegression, Death, IdentityCheck, Outage, TagSighting
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.facts.series import HOURS, Channel, Climate, HerdSeries
from collateral.model.finding import Severity
from collateral.model.ids import AnimalId, BranchId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, NOW, at, counted, facts, fixes, gateway, group, pen, track

HOUR = timedelta(hours=1)
LONGEST_HOLD = max(held for by_severity in HOLD.values() for held in by_severity.values())
NAMES = {rule.name for rule in HERD_RULES}
PENS, LOANS, GATEWAYS = ("p1", "p2"), ("L1", "L2", None), ("g1", "g2")
Chance = np.random.Generator


def some_farm(rng: Chance) -> HerdFacts:
    """A farm where anything may be the case at once."""
    ending = float(rng.choice([0, 0.2, 1, 4]))
    driven = rng.random() < 0.5
    tracks = [
        _track(n, rng, ending, together=driven and n < rng.integers(2, 16)) for n in range(int(rng.integers(3, 48)))
    ]
    picture = facts(
        tracks, cameras=[_camera(name, rng, len(tracks)) for name in PENS if rng.random() < 0.8],
        gateways=[_gateway(name, rng) for name in GATEWAYS], groups=[group(9, loan="L2", where="p2")] if rng.random() < 0.2 else [],
        movements=[_movement(tracks, rng)] if rng.random() < 0.3 else [],
    )  # fmt: skip
    animals = [t.animal_id for t in tracks]
    return replace(
        picture, series=_series(len(tracks), rng) if rng.random() < 0.8 else None, climate=_climate(rng) if rng.random() < 0.7 else None,
        deaths=tuple(_death(t, rng) for t in tracks if rng.random() < 0.05),
        sightings=tuple(_sighting(t, rng) for t in tracks for _ in range(2) if rng.random() < 0.1),
        counter_regressions=tuple(_regression(t, rng) for t in tracks if rng.random() < 0.1),
        checks=tuple(IdentityCheck(animal_id=a, checked_at=NOW - 5 * HOUR, matched=bool(rng.random() < 0.5)) for a in animals if rng.random() < 0.2),
        inspections=(_session(animals, rng),) if rng.random() < 0.4 else (),
        outages=(Outage(gateway_id=GatewayId("g1"), began_at=NOW - 9 * HOUR, ended_at=NOW - float(rng.choice([1, 4])) * HOUR),) if rng.random() < 0.4 else (),
    )  # fmt: skip


def _track(number: int, rng: Chance, ending_h: float, *, together: bool) -> Track:
    away = rng.random()
    last = NOW - (ending_h if together or away < 0.2 else float(rng.choice([0, 0.5, 5, 30]))) * HOUR
    places = (
        [(30.0, 30.0), (90 + 10 * number, 30.0), (200 + 10 * number, 30.0)]
        if together or away < 0.1
        else [(30.0, 30.0)] * 3
    )
    walked = fixes(*places, ending=last, every=timedelta(minutes=float(rng.choice([5, 60]))))
    loan, where = LOANS[int(rng.integers(3))], pen(PENS[int(rng.integers(2))])
    made = track(
        number,
        walked=walked,
        seen=last,
        gateway=GATEWAYS[int(rng.integers(2))],
        loan="L1" if together else loan,
        where=where,
    )
    return replace(made, tag_id=None, last_seen_at=None, fixes=()) if rng.random() < 0.05 else made


def _camera(pen_name: str, rng: Chance, head: int) -> CameraState:
    before, after = rng.integers(0, head + 1, 2)
    counts = [None if rng.random() < 0.2 else int(before if n < 20 else after) for n in range(40)]
    camera = counted(*counts, where=pen_name)
    because = str(rng.choice(["dark", "covered", "frozen", "replayed", "moved", "blocked"]))
    return replace(
        camera, counts=tuple(replace(c, unknown_because=because) if c.count is None else c for c in camera.counts)
    )


def _gateway(name: str, rng: Chance):  # type: ignore[no-untyped-def]
    kind = rng.random()
    late = NOW - 2 * HOUR
    return gateway(
        name, heard=late if kind < 0.2 else NOW, offline=kind > 0.95, backlog=late if 0.8 < kind < 0.9 else None
    )


def _movement(tracks: list[Track], rng: Chance) -> Movement:
    named = frozenset(t.animal_id for t in tracks if rng.random() < 0.3)
    return Movement(
        movement_id="m1",
        loan_id=LoanId("L1"),
        kind=MovementKind.SALE,
        animal_ids=named,
        start=NOW - HOUR,
        end=NOW + HOUR,
    )


def _series(animals: int, rng: Chance) -> HerdSeries:
    def channel(mean: float, spread: float) -> Channel:
        values = rng.normal(mean, spread, (animals, HOURS)).clip(0).astype(np.float32)
        values[rng.random(values.shape) < 0.05] = np.nan
        if rng.random() < 0.3:  # some live one life
            values[: int(rng.integers(0, animals + 1))] = values[0]
        if rng.random() < 0.3:  # some have stopped
            values[: int(rng.integers(0, animals + 1)), -int(rng.integers(1, 40)) :] *= np.float32(
                rng.choice([0.0, 0.5])
            )
        return Channel(values, np.full((animals, 24), mean, np.float32), np.full(animals, spread, np.float32))

    return HerdSeries(
        ends_at=NOW.replace(minute=0), ends_at_local_hour=2, activity=channel(38, 14), steps=channel(115, 60),
        rumination_min=channel(20, 6), temp_c=channel(32, 2), tamper=rng.random((animals, HOURS)) < 0.001,
        battery_pct=rng.uniform(5, 100, animals).astype(np.float32), rssi_dbm=rng.normal(-100, 5, animals).astype(np.float32),
        rssi_before_dbm=rng.normal(-97, 5, animals).astype(np.float32),
    )  # fmt: skip


def _climate(rng: Chance) -> Climate:
    air = np.full(HOURS, rng.choice([-5.0, 15.0, 36.0]), np.float32)
    return Climate(NOW.replace(minute=0), air, np.full(HOURS, 0.7, np.float32))


def _death(of: Track, rng: Chance) -> Death:
    died = NOW - float(rng.uniform(1, 200)) * HOUR
    return Death(
        animal_id=of.animal_id, group_id=None, loan_id=of.loan_id, pen_id=of.pen.pen_id, died_at=died, reported_at=died,
        confirmed_at=died if rng.random() < 0.7 else None,
    )  # fmt: skip


def _sighting(of: Track, rng: Chance) -> TagSighting:
    far = rng.random() < 0.5
    return TagSighting(
        tag_id=of.tag_id or TagId("none"), farm_id=FarmId("f2") if far else FARM.farm_id, gateway_id=GatewayId("g9" if far else "g1"),
        position=at(60_000, 0) if far else at(0, 0), heard_at=NOW - timedelta(minutes=float(rng.uniform(0, 300))),
    )  # fmt: skip


def _regression(of: Track, rng: Chance) -> CounterRegression:
    return CounterRegression(
        tag_id=of.tag_id or TagId("none"), at=NOW - float(rng.uniform(0, 20)) * HOUR, before=99, after=1
    )


def _session(animals: list[AnimalId], rng: Chance) -> InspectionResult:
    absent = tuple(a for a in animals if rng.random() < rng.choice([0.0, 0.3, 1.0]))
    return InspectionResult(
        session_id="s1", loan_id=LoanId("L1"), farm_id=FARM.farm_id, opened_at=NOW - HOUR, closed_at=NOW, gross=len(animals),
        unique_tags=len(animals), duplicates=0, foreign=(), untagged=0, absent=absent, pens=(PenId("p1"),),
        passed=bool(rng.random() < 0.7),
    )  # fmt: skip


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=150)
def test_red_rests_on_two_kinds_of_witnesses(seed: int) -> None:
    for finding in findings(some_farm(np.random.default_rng(seed))):
        if finding.severity is Severity.RED:
            assert len({t.witness for t in finding.testimonies}) >= 2


@given(seeds)
@settings(max_examples=150)
def test_every_finding_names_its_rule_farm_loan_animals_and_witnesses(seed: int) -> None:
    picture = some_farm(np.random.default_rng(seed))
    known, loan_of = {t.animal_id for t in picture.tracks}, {t.animal_id: t.loan_id for t in picture.tracks}
    for finding in findings(picture):
        assert finding.rule in NAMES
        assert (finding.farm_id, finding.as_of) == (FARM.farm_id, picture.as_of)
        assert finding.since <= picture.as_of
        assert finding.loan_id in {*picture.loans, None} | {m.loan_id for m in picture.movements}
        assert finding.testimonies, finding.rule
        assert set(finding.animals) <= known, finding.rule
        if finding.loan_id and finding.rule != "planned_movement":
            assert {loan_of[a] for a in finding.animals} <= {finding.loan_id}, finding.rule


@given(seeds)
@settings(max_examples=100)
def test_what_a_finding_says_can_be_stored_and_survives_the_desk(seed: int) -> None:
    found = findings(some_farm(np.random.default_rng(seed)))
    for finding in found:
        json.dumps([finding.figures, [t.particulars for t in finding.testimonies]])
    desk = Desk(BranchId("b1"))
    # A rule that has to hold for a while opens its case at the second look, the rest at the first.
    changes = desk.look(found, NOW) + desk.look(found, NOW + LONGEST_HOLD)
    assert {c.case.rule for c in changes} == {f.rule for f in inhibit(found)}


@given(seeds)
@settings(max_examples=60)
def test_the_order_of_animals_changes_nothing(seed: int) -> None:
    picture = replace(some_farm(np.random.default_rng(seed)), series=None)
    turned = replace(picture, tracks=picture.tracks[::-1])
    told = [{(f.rule, f.loan_id, f.severity, frozenset(f.animals)) for f in findings(p)} for p in (picture, turned)]
    assert told[0] == told[1]


def test_some_of_these_farms_are_red() -> None:
    """Else the property above would hold for want of anything to say."""
    worst = [max((f.severity for f in findings(some_farm(np.random.default_rng(n)))), default=None) for n in range(60)]
    assert worst.count(Severity.RED) >= 3
