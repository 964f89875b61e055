"""A4: the same night as A3, but 24 head were sold, and the bank had approved it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.book.ledger import (
    Document,
    MovementRequest,
    Paper,
    RequestState,
    Standing,
    Step,
    decided,
    executed,
    settled,
)
from collateral.facts.herd import HerdFacts, Track
from collateral.model.case import Case
from collateral.model.finding import Severity
from collateral.model.ids import AnimalId, BranchId, LoanId, PersonId
from collateral.model.loan import Movement, MovementKind
from collateral.model.person import Person, Role
from tests.acceptance.test_a03_night_truck import BEGINS, HERD, HOUR, MINUTE, STOLEN, Night
from tests.herds import FARM, HEAD_VALUE, counted, facts, gateway, track

SOLD = tuple(AnimalId(f"a{n:04}") for n in range(STOLEN))
OPENS, SHUTS = BEGINS - 10 * MINUTE, BEGINS + 3 * HOUR + 50 * MINUTE  # 02:00 and 06:00 in Shanghai
MORNING = BEGINS + 70 * MINUTE
WEIGHED_OUT, PAID = SHUTS + 3 * HOUR, SHUTS + 4 * HOUR
CERTIFICATE = Document(kind=Paper.QUARANTINE_CERTIFICATE, number="13-0825-0001234")
ANNA, BEN = (
    Person(person_id=PersonId(name), login=name, name=name, role=Role.OFFICER, branch_id=BranchId("b1"))
    for name in ("anna", "ben")
)


def approved_sale() -> MovementRequest:
    """Asked for by Anna the day before, approved by Ben."""
    asked = MovementRequest(
        request_id=7, loan_id=LoanId("L1"), kind=MovementKind.SALE, state=RequestState.REQUESTED, leaving=SOLD,
        entering=(), to_pen_id=None, start=OPENS, end=SHUTS, reason="sold to the abattoir",
        requested_by=ANNA.person_id, requested_at=OPENS - 10 * HOUR, documents=(CERTIFICATE,),
    )  # fmt: skip
    pledged = {AnimalId(f"a{n:04}"): (LoanId("L1"), HEAD_VALUE) for n in range(HERD)}
    return decided(asked, Step.APPROVE, BEN, OPENS - 9 * HOUR, Standing(pledged=pledged, enrolled=frozenset(pledged)))


def as_the_rules_see_it(request: MovementRequest) -> Movement:
    return Movement(
        movement_id="request-7", loan_id=request.loan_id, kind=request.kind, animal_ids=frozenset(request.leaving),
        start=request.start, end=request.end, closed_at=request.closed_at, farm_id=FARM.farm_id,
    )  # fmt: skip


def morning(night: Night, gone: tuple[Track, ...], now: datetime) -> HerdFacts:
    """The herd after the night: those who stayed are heard in their pen; `gone` are as they were last heard."""
    stayed = [track(n, seen=now) for n in range(night.stolen, night.herd)]
    camera = counted(*[len(stayed)] * 24, ending=now)
    return facts([*gone, *stayed], cameras=[camera], gateways=[gateway(heard=now)], as_of=now)


def play(left: int, seed: int) -> list[tuple[datetime, Change, Case]]:
    """Every minute of the night, every ten of the morning, until hours after the proceeds are booked."""
    night, desk, request = Night(seed, stolen=left), Desk(BranchId("b1")), approved_sale()
    gone = night.picture(MORNING).tracks[:left]
    changes = []
    now = BEGINS - HOUR
    while now <= PAID + 3 * HOUR:
        if now >= WEIGHED_OUT and request.state is RequestState.APPROVED:
            request, gone = executed(request, None, BEGINS + 30 * MINUTE, now), gone[STOLEN:]
        if now >= PAID and request.state is RequestState.EXECUTED:
            receipt = Document(kind=Paper.PROCEEDS_RECEIPT, number="R-1")
            request = settled(request, STOLEN * HEAD_VALUE, receipt, now)
        picture = night.picture(now) if now < MORNING else morning(night, gone, now)
        seen = replace(picture, movements=(as_the_rules_see_it(request),))
        changes += [(now, c.change, c.case) for c in desk.look(findings(seen), now)]
        now += MINUTE if now < MORNING else 10 * MINUTE
    return changes


@pytest.mark.parametrize("seed", range(2))
def test_a04_an_approved_sale_is_blue_and_closes_when_the_proceeds_are_booked(seed: int) -> None:
    changes = play(STOLEN, seed)
    assert {case.rule for _, _, case in changes} == {"planned_movement"}
    assert {case.severity for _, _, case in changes} == {Severity.BLUE}
    opened, cleared = changes[0], changes[-1]
    assert (opened[0], opened[1], len(opened[2].animals)) == (OPENS, Change.OPENED, STOLEN)
    clearing = next(at for at, change, _ in changes if change is Change.CLEARING)
    assert PAID <= clearing <= PAID + 10 * MINUTE
    assert (cleared[1], cleared[0] - PAID <= 2 * HOUR + 20 * MINUTE) == (Change.CLEARED, True)


@pytest.mark.parametrize("seed", range(2))
def test_a04_if_26_leave_an_orange_alert_names_the_two_and_nothing_is_red(seed: int) -> None:
    extra = ("a0024", "a0025")
    changes = [(at, case) for at, _, case in play(STOLEN + 2, seed) if at < MORNING]
    assert max(case.severity for _, case in changes) is Severity.ORANGE
    oranges = {(case.rule, tuple(sorted(case.animals))) for _, case in changes if case.severity is Severity.ORANGE}
    assert ("left_fence", extra) in oranges
    assert {name for _, animals in oranges for name in animals} == set(extra)
    (rule,) = {rule for rule, _ in oranges}
    assert rule == "left_fence"
    first = min(at for at, case in changes if case.severity is Severity.ORANGE)
    assert first <= BEGINS + 15 * MINUTE
