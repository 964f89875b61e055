"""R7: what another bank's list makes of a loan; and the blue event of an approved movement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from collateral.anomaly.lending.double_pledge import double_pledge
from collateral.anomaly.removal.planned_movement import planned_movement
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Severity
from collateral.model.ids import AnimalId, FarmId, LoanId
from collateral.model.loan import Movement, MovementKind
from collateral.model.pledge_match import PledgeMatch
from tests import herds
from tests.herds import NOW, track
from tests.loans import loan


def match(
    subject: str = "a1", scheme: str = "cn-tag", *, heard: datetime | None = None, passed: bool = False
) -> PledgeMatch:
    return PledgeMatch(
        match_id=1, scheme=scheme, subject=subject, partner="BANKX", listed_on=date(2026, 2, 28),
        found_at=NOW - timedelta(days=1), heard_at=heard, is_overridden=passed,
    )  # fmt: skip


def facts(*matches: PledgeMatch) -> LoanFacts:
    return LoanFacts(loan=loan(), as_of=NOW, farms=(FarmId("f1"),), pledge_matches=matches)


HEARD, LONG_AGO = NOW - timedelta(hours=2), NOW - timedelta(days=3)
LADDER = [
    ((match(heard=HEARD), match("a2")), Severity.RED, ("a1", "a2")),
    ((match(heard=LONG_AGO), match(scheme="iso-11784", heard=LONG_AGO)), Severity.ORANGE, ("a1",)),
    ((match("f1", "farm", heard=HEARD),), Severity.YELLOW, ()),
    ((match(heard=HEARD, passed=True), match("a2")), Severity.ORANGE, ("a2",)),
]


@pytest.mark.parametrize(("matches", "severity", "animals"), LADDER)
def test_a_match_is_as_grave_as_what_speaks_for_it(
    matches: tuple[PledgeMatch, ...], severity: Severity, animals: tuple[str, ...]
) -> None:
    (found,) = double_pledge(facts(*matches))
    assert (found.severity, found.animals, found.figures["partners"]) == (severity, animals, ["BANKX"])


def test_without_matches_or_with_all_let_pass_nothing_is_said() -> None:
    assert double_pledge(facts()) == []
    assert double_pledge(facts(match(heard=HEARD, passed=True))) == []


SALE = Movement(
    movement_id="m1", loan_id=LoanId("L1"), kind=MovementKind.SALE, animal_ids=frozenset({AnimalId("a0001")}),
    start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=1), farm_id=FarmId("f1"),
)  # fmt: skip
EVENTS = [
    (SALE, Severity.BLUE), (replace(SALE, farm_id=None), Severity.BLUE),
    (replace(SALE, end=NOW - timedelta(days=6), start=NOW - timedelta(days=7)), Severity.YELLOW),
    (replace(SALE, closed_at=NOW), None), (replace(SALE, closed_at=NOW + timedelta(hours=1)), Severity.BLUE),
    (replace(SALE, start=NOW + timedelta(minutes=1)), None), (replace(SALE, farm_id=FarmId("f2")), None),
    (replace(SALE, farm_id=None, loan_id=LoanId("L2")), None),
]  # fmt: skip


@pytest.mark.parametrize(("movement", "severity"), EVENTS)
def test_an_approved_movement_is_an_event_until_it_is_closed(movement: Movement, severity: Severity | None) -> None:
    found = planned_movement(herds.facts([track(1), track(2)], movements=[movement]))
    assert [f.severity for f in found] == ([severity] if severity else [])
    assert all(f.animals == ("a0001",) and f.since == movement.start for f in found)
