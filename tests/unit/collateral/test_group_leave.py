"""Head of a group that an approved movement lets go: missing without an alarm, so many and no more, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collateral.anomaly.rules import findings
from collateral.book.reconcile import reconcile
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Severity
from collateral.model.ids import LoanId, PenId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, NOW, counted, facts, group

L1 = LoanId("L1")
HOURS = timedelta(hours=1)


def sale(
    head: int, *, start: datetime = NOW - 2 * HOURS, end: datetime = NOW + 2 * HOURS, **changed: object
) -> Movement:
    whole = Movement(
        movement_id="request-1", loan_id=L1, kind=MovementKind.SALE, animal_ids=frozenset(), start=start, end=end,
        farm_id=FARM.farm_id, groups=(("group-p1", head),),
    )  # fmt: skip
    return replace(whole, **changed)  # type: ignore[arg-type]


def house(there: int, *movements: Movement, head: int = 300) -> HerdFacts:
    """A house of 300 pigs by the book, of whom the camera has seen so many for four hours."""
    return facts(groups=[group(head)], cameras=[counted(*[there] * 48, half=6)], movements=movements)


def gaps(picture: HerdFacts) -> list[tuple[str, Severity]]:
    return [(f.rule, f.severity) for f in findings(picture) if f.rule == "count_gap"]


def test_head_that_leave_with_leave_raise_no_alarm_and_without_it_they_do() -> None:
    assert gaps(house(180))
    assert gaps(house(180, sale(120))) == []
    result = reconcile(house(180, sale(120)), L1)
    assert (result.book, result.excused, result.pens[0].excused) == (300, 120, 120)
    (told,) = [f for f in findings(house(180, sale(120))) if f.rule == "planned_movement"]
    assert (told.severity, told.figures["approved"]) == (Severity.BLUE, 120)


def test_leave_covers_as_many_as_were_approved_and_no_more() -> None:
    result = reconcile(house(180, sale(60)), L1)
    assert (result.excused, result.short >= 50) == (60, True)
    assert gaps(house(180, sale(60)))


def test_before_they_leave_nobody_counts_as_gone() -> None:
    result = reconcile(house(300, sale(120)), L1)
    assert (result.excused, result.estimate.best) == (0, 300)


@pytest.mark.parametrize(
    "movement",
    [
        sale(120, start=NOW + HOURS, end=NOW + 3 * HOURS),
        sale(120, start=NOW - 60 * HOURS, end=NOW - 30 * HOURS),
        sale(120, executed_at=NOW - HOURS),
        sale(120, loan_id=LoanId("L2")),
        sale(120, groups=(("another", 120),)),
    ],
    ids=["not yet", "long over", "already booked", "another loan's", "another group"],
)
def test_other_leave_does_not_count(movement: Movement) -> None:
    assert reconcile(house(180, movement), L1).excused == 0


def test_where_nobody_looks_the_book_stays_the_best_guess() -> None:
    result = reconcile(facts(groups=[group(300)], movements=[sale(120)]), L1)
    assert (result.excused, result.estimate.best, gaps(facts(groups=[group(300)], movements=[sale(120)]))) == (
        0,
        300,
        [],
    )


def inspected(head: int, closed: datetime) -> InspectionResult:
    return InspectionResult(
        session_id="s1", loan_id=L1, farm_id=FARM.farm_id, opened_at=closed - HOURS, closed_at=closed, gross=head,
        unique_tags=0, duplicates=0, foreign=(), untagged=0, absent=(), pens=(PenId("p1"),), passed=True,
        counted=((PenId("p1"), head),),
    )  # fmt: skip


def test_an_inspection_is_brought_forward_by_what_has_been_booked_since() -> None:
    before = inspected(300, NOW - 48 * HOURS)
    sold = replace(group(180), moved=((NOW - 24 * HOURS, -120),))
    bought = replace(group(400), moved=((NOW - 24 * HOURS, 100),))
    for one in (sold, bought):
        picture = replace(facts(groups=[one]), inspections=(before,))
        assert (reconcile(picture, L1).pens[0].physical, gaps(picture)) == (one.head, [])
    # What was booked before the inspection is in it already.
    earlier = replace(group(400), moved=((NOW - 72 * HOURS, 100),))
    assert reconcile(replace(facts(groups=[earlier]), inspections=(before,)), L1).pens[0].physical == 300


def test_pictures_from_before_pigs_were_bought_do_not_say_that_they_are_missing() -> None:
    bought = replace(group(400), moved=((NOW, 100),))
    picture = facts(groups=[bought], cameras=[counted(*[300] * 48, half=6)])
    assert (reconcile(picture, L1).camera, gaps(picture)) == (None, [])
    long_ago = replace(group(400), moved=((NOW - 5 * HOURS, 100),))
    assert gaps(facts(groups=[long_ago], cameras=[counted(*[300] * 48, half=6)]))


def test_pigs_that_were_released_or_secure_another_loan_do_not_stand_for_those_that_are_missing() -> None:
    stolen = [counted(*[200] * 48, half=6)]  # of 300
    released = facts(groups=[replace(group(200), free=100)], cameras=stolen)
    shared = facts(groups=[group(200), group(100, loan="L2")], cameras=stolen)
    for picture in (released, shared):
        result = reconcile(picture, L1)
        assert result.camera is not None
        assert (result.camera.best, result.short >= 90) == (100, True)
    there = facts(groups=[replace(group(200), free=100)], cameras=[counted(*[300] * 48, half=6)])
    assert (reconcile(there, L1).short, gaps(there)) == (0, [])
