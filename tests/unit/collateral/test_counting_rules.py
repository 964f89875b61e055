"""Shortfalls, other people's cattle, animals counted twice, patrols (R3, R5, R6, R25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from collateral.anomaly.counting.count_gap import count_gap
from collateral.anomaly.counting.counted_twice import counted_twice
from collateral.anomaly.counting.foreign_cattle import foreign_cattle
from collateral.anomaly.counting.patrol import patrol
from collateral.facts.events import Patrol
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.model.finding import Severity, Witness
from collateral.model.ids import AnimalId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, NOW, at, counted, driven_off, facts, group, pen, track

L1 = LoanId("L1")
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def silent(number: int, *, hours: float = 100, of: int = 500) -> list[Track]:
    return [track(n, seen=NOW - timedelta(hours=hours) if n < number else NOW) for n in range(of)]


def session(**differs: object) -> InspectionResult:
    """A session of 240 in which nothing was wrong, an hour ago."""
    clean = InspectionResult(
        session_id="s1", loan_id=L1, farm_id=FARM.farm_id, opened_at=NOW - timedelta(hours=3),
        closed_at=NOW - timedelta(hours=1), gross=240, unique_tags=240, duplicates=0, foreign=(), untagged=0, absent=(),
        pens=(PenId("p1"),), passed=True,
    )  # fmt: skip
    return replace(clean, **differs)


def after(*results: InspectionResult, tracks: Sequence[Track] = ()) -> HerdFacts:
    return replace(facts(tracks), inspections=results)


def gap(tracks: list[Track], cameras: Sequence[CameraState] = (), *results: InspectionResult) -> Severity | None:
    found = count_gap(replace(facts(tracks, cameras=cameras), inspections=results))
    return found[0].severity if found else None


# --- R3 -------------------------------------------------------------------------------------------------


def test_a_leak_of_one_head_a_week_is_found_though_each_alone_is_a_lost_tag() -> None:
    """A week takes one head, and half a tag by loss (5 % a year of 500). Nobody comes back; lost tags are not mended."""
    levels = [gap(silent(week + round(week * 500 * 0.05 / 52))) for week in range(1, 16)]
    assert levels[:4] == [None] * 4
    first_blue, first_yellow = levels.index(Severity.BLUE) + 1, levels.index(Severity.YELLOW) + 1
    assert first_blue <= 7  # 1 % is gone after five
    assert first_yellow <= 10  # 2 % is gone after ten
    assert set(levels[first_yellow:]) == {Severity.YELLOW}  # without a second witness, no more


def test_an_inspection_after_a_leak_makes_it_certain() -> None:
    gone = tuple(AnimalId(f"a{n:04}") for n in range(30))
    missed = session(gross=470, unique_tags=470, absent=gone)
    assert gap(silent(33), [], missed) is Severity.ORANGE


@pytest.mark.parametrize("share", [0.12, 0.2, 0.29])
@pytest.mark.parametrize("hours", [26, 60, 100])
@pytest.mark.parametrize("usual", [None, 0.93])
def test_a_large_loss_that_tags_and_cameras_show_is_red(share: float, hours: float, usual: float | None) -> None:
    pens = [pen(f"p{n}") for n in range(8)]
    gone = round(share * 480)
    herd = [track(n, where=pens[n % 8], seen=NOW - timedelta(hours=hours) if n < gone else NOW) for n in range(480)]
    left = [sum(n % 8 == p for n in range(gone, 480)) for p in range(8)]
    cameras = [
        replace(counted(*[round(left[p] * (usual or 1.0))] * 6, half=4, where=f"p{p}"), usual_share=usual)
        for p in range(8)
    ]
    (finding,) = count_gap(facts(herd, cameras=cameras))
    assert (finding.severity, {t.witness for t in finding.testimonies}) == (Severity.RED, {Witness.TAG, Witness.CAMERA})
    assert finding.figures["short"] == pytest.approx(gone, rel=0.15)
    assert set(finding.animals) == {AnimalId(f"a{n:04}") for n in range(gone)}


def test_a_large_loss_that_tags_and_an_inspection_show_is_red() -> None:
    gone = tuple(AnimalId(f"a{n:04}") for n in range(60))
    assert gap(silent(60), [], session(gross=440, unique_tags=440, absent=gone)) is Severity.RED


def test_tags_alone_never_make_red_nor_cameras_alone() -> None:
    assert gap([*(driven_off(n) for n in range(100)), *(track(n) for n in range(100, 500))]) is Severity.ORANGE
    houses = facts(groups=[group(300)], cameras=[counted(*[210] * 48, half=10)])
    assert [f.severity for f in count_gap(houses)] == [Severity.ORANGE]


def test_an_approved_sale_and_what_it_took_is_no_gap() -> None:
    sale = Movement(
        movement_id="m1", loan_id=L1, kind=MovementKind.SALE, animal_ids=frozenset(AnimalId(f"a{n:04}") for n in range(60)),
        start=NOW - timedelta(hours=4), end=NOW,
    )  # fmt: skip
    herd = [*(driven_off(n) for n in range(60)), *(track(n) for n in range(60, 500))]
    assert count_gap(facts(herd, movements=[sale], cameras=[counted(440, 440, 440, half=10)])) == []


def test_two_lost_tags_in_a_small_pen_are_no_gap() -> None:
    assert gap(silent(2, of=60)) is None


def test_a_camera_that_is_short_of_what_tags_prove_is_a_camera_in_a_spell() -> None:
    assert gap(silent(4), [counted(300, 310, 305, half=10)]) is None


def test_when_most_tags_are_silent_it_is_no_matter_of_counting() -> None:
    assert gap(silent(400)) is None


# --- R5 -------------------------------------------------------------------------------------------------


def foreign(number: int) -> tuple[TagId, ...]:
    return tuple(TagId(f"ffff{n:012x}") for n in range(number))


def test_strangers_by_tag_while_pledged_ones_are_absent_are_red_with_both_witnesses() -> None:
    absent = tuple(AnimalId(f"a{n:04}") for n in range(12))
    (finding,) = foreign_cattle(after(session(foreign=foreign(12), absent=absent, passed=False)))
    assert (finding.severity, finding.animals) == (Severity.RED, absent)
    assert {t.witness for t in finding.testimonies} == {Witness.TAG, Witness.PHYSICAL}


def test_untagged_strangers_in_place_of_absent_ones_are_red() -> None:
    absent = tuple(AnimalId(f"a{n:04}") for n in range(8))
    (finding,) = foreign_cattle(after(session(gross=248, untagged=8, absent=absent)))
    assert finding.severity is Severity.RED


def test_foreign_tags_beside_a_full_herd_are_orange_for_nobody_is_replaced() -> None:
    (finding,) = foreign_cattle(after(session(foreign=foreign(6))))
    assert finding.severity is Severity.ORANGE


@pytest.mark.parametrize(("number", "found"), [(1, 0), (4, 0), (5, 1)])
def test_two_percent_of_the_inspected_head_is_the_limit(number: int, found: int) -> None:
    assert len(foreign_cattle(after(session(foreign=foreign(number))))) == found


def test_a_repeated_inspection_replaces_the_one_before() -> None:
    bad = session(session_id="s0", closed_at=NOW - timedelta(hours=20), foreign=foreign(12), duplicates=5)
    assert foreign_cattle(after(bad, session())) == []
    assert counted_twice(after(bad, session())) == []


def test_an_inspection_speaks_for_a_week_and_none_speaks_before_it_is_closed() -> None:
    for closed in (NOW - WEEK - DAY, NOW + DAY):
        assert foreign_cattle(after(session(foreign=foreign(12), closed_at=closed))) == []


# --- R6 -------------------------------------------------------------------------------------------------


def test_one_tag_in_two_pens_is_orange() -> None:
    (finding,) = counted_twice(after(session(gross=241, duplicates=1, passed=False)))
    assert (finding.severity, finding.figures["duplicates"]) == (Severity.ORANGE, 1)


def test_pens_that_add_up_to_more_than_the_tags_are_counted_twice_unless_pledged_by_number() -> None:
    assert counted_twice(after(session(gross=242))) == []
    assert len(counted_twice(after(session(gross=243)))) == 1
    by_number = replace(facts(groups=[group(50)]), inspections=(session(gross=290),))
    assert counted_twice(by_number) == []


# --- R25 ------------------------------------------------------------------------------------------------


def visit(number: int, **differs: object) -> Patrol:
    """A patrol made in time and in the pen, which counted 497 of 500 or so."""
    due = NOW - timedelta(days=28 - 3 * number)
    made = Patrol(
        patrol_id=f"v{number}", supervisor="Wang", loan_id=L1, due_at=due, done_at=due, position=at(30, 30),
        counted=500 - number % 4, book=500, photos=(f"{number:064x}",),
    )  # fmt: skip
    return replace(made, **differs)


def watched(*patrols: Patrol) -> HerdFacts:
    return replace(facts([track(n) for n in range(20)]), patrols=patrols)


def test_honest_patrols_say_nothing() -> None:
    assert patrol(watched(*(visit(n) for n in range(9)))) == []


@pytest.mark.parametrize(("late", "found"), [(2.9, 0), (3.1, 1)])
def test_a_patrol_is_overdue_after_three_days(late: float, found: int) -> None:
    undone = visit(0, due_at=NOW - timedelta(days=late), done_at=None, counted=None, position=None)
    assert len(patrol(watched(undone, visit(1)))) == found


def test_a_photo_filed_with_two_patrols_is_named_with_both() -> None:
    (finding,) = patrol(watched(visit(0), visit(1, photos=(f"{0:064x}",))))
    assert finding.severity is Severity.ORANGE
    assert finding.figures["photos_reused"] == {f"{0:064x}": ["v0", "v1"]}


def test_the_same_photo_twice_in_one_patrol_is_no_reuse() -> None:
    assert patrol(watched(visit(0, photos=("ab", "ab")))) == []


@pytest.mark.parametrize(("east", "found"), [(200, 0), (300, 1)])
def test_a_visit_recorded_far_from_every_pen_was_made_elsewhere(east: float, found: int) -> None:
    assert len(patrol(watched(visit(0, position=at(east, 30))))) == found


def test_eight_counts_that_hit_a_ledger_of_500_exactly_were_not_counted() -> None:
    exact = [visit(n, counted=500) for n in range(8)]
    (finding,) = patrol(watched(*exact))
    assert finding.figures["exact_counts_chance"] < 1e-8
    assert patrol(watched(*exact[:7])) == []
    assert patrol(watched(*exact[:7], visit(8, counted=499))) == []


def test_a_small_herd_can_be_counted_exactly_each_time() -> None:
    assert patrol(watched(*(visit(n, counted=30, book=30) for n in range(9)))) == []
