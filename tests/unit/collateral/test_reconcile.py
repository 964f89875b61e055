"""Book, tags, camera and the last physical count together."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book.reconcile import Reconciled, merge, reconcile, reconcile_farm
from collateral.book.tally import State
from collateral.facts.events import Death
from collateral.facts.herd import HerdFacts, Track
from collateral.model.ids import AnimalId, LoanId, PenId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, HEAD_VALUE, NOW, counted, driven_off, facts, gateway, group, pen, track

L1 = LoanId("L1")


def test_a_herd_of_500_with_11_quiet_tags_and_a_camera_at_471_proves_no_shortfall() -> None:
    """Acceptance story A2."""
    herd = [track(n, seen=NOW - timedelta(hours=30) if n < 11 else NOW) for n in range(500)]
    result = reconcile(facts(herd, cameras=[counted(471, 471, 471, half=35)]), L1)
    assert (result.book, result.tags_seen, result.camera.best if result.camera else None) == (500, 489, 471)
    assert result.coverage == pytest.approx(0.978)
    assert result.estimate.low <= 500 <= result.estimate.high
    assert not result.shortfall_proved


def test_animals_last_heard_outside_their_fence_are_not_evidenced() -> None:
    result = reconcile(facts([*(driven_off(n) for n in range(24)), *(track(n) for n in range(24, 480))]), L1)
    assert result.coverage == pytest.approx(456 / 480)
    assert result.estimate.best == pytest.approx(456, abs=1)
    assert result.shortfall_proved


def test_a_blocked_camera_counts_unknown_not_zero() -> None:
    result = reconcile(facts([track(n) for n in range(70)], cameras=[counted(None, None)]), L1)
    assert result.camera is None
    assert result.estimate.best == 70


def test_an_old_count_is_not_a_count() -> None:
    old = counted(40, 40, 40, ending=NOW - timedelta(hours=3))
    assert reconcile(facts([track(n) for n in range(70)], cameras=[old]), L1).camera is None


def test_one_bad_picture_does_not_move_the_camera_figure() -> None:
    result = reconcile(facts([track(n) for n in range(70)], cameras=[counted(70, 12, 69)]), L1)
    assert result.camera is not None
    assert result.camera.best == 69


def test_a_group_without_a_witness_is_not_covered_and_its_interval_reaches_far_down() -> None:
    result = reconcile(facts(groups=[group(50)]), L1)
    assert (result.coverage, result.estimate.best, result.estimate.low) == (0.0, 50, 0)


def test_a_group_is_evidenced_by_its_camera() -> None:
    result = reconcile(facts(groups=[group(50)], cameras=[counted(48, 48, 48)]), L1)
    assert result.coverage == pytest.approx(48 / 50)
    assert result.estimate.low <= 48
    assert result.estimate.high == 50


def test_a_group_of_which_a_quarter_is_gone_is_short_by_its_cameras_word() -> None:
    for counts, proved in ((3, False), (48, True)):
        cameras = [counted(*[150] * counts)]  # one every five minutes: a spell of misses does not last four hours
        result = reconcile(facts(groups=[group(200)], cameras=cameras), L1)
        assert result.estimate.low < 155
        assert result.shortfall_proved == proved
    assert result.estimate.best == pytest.approx(150, abs=8)


def test_value_is_the_pledged_heads_value() -> None:
    assert reconcile(facts([track(n) for n in range(10)]), L1).value_minor == 10 * HEAD_VALUE


@given(
    states=st.lists(st.sampled_from(["here", "quiet", "never", "gone"]), min_size=1, max_size=60),
    camera=st.one_of(st.none(), st.integers(0, 90)),
)
def test_the_estimate_never_leaves_the_book_and_coverage_is_a_share(states: list[str], camera: int | None) -> None:
    make = {
        "here": track,
        "quiet": lambda n: track(n, seen=NOW - timedelta(hours=40)),
        "never": lambda n: track(n, seen=None, walked=()),
        "gone": driven_off,
    }
    herd = [make[state](n) for n, state in enumerate(states)]
    result = reconcile(facts(herd, cameras=[counted(camera, camera, camera)]), L1)
    assert 0 <= result.estimate.low <= result.estimate.best <= result.estimate.high <= result.book == len(states)
    assert result.coverage == pytest.approx(states.count("here") / len(states))


def test_a_loan_on_two_farms_is_the_sum_of_both() -> None:
    part = reconcile(facts([track(n) for n in range(10)]), L1)
    both = merge([part, part])
    assert (both.book, both.tags_seen, both.value_minor, both.coverage) == (20, 20, 20 * HEAD_VALUE, 1.0)


def test_an_untagged_animal_is_in_the_book_but_not_evidenced() -> None:
    untagged = replace(track(0, seen=None, walked=()), tag_id=None)
    result = reconcile(facts([untagged, *(track(n) for n in range(1, 10))]), L1)
    assert (result.book, result.pens[0].tagged, result.tags_seen) == (10, 9, 9)


def test_cameras_that_alone_speak_for_groups_do_not_average_out() -> None:
    pens = [f"p{n}" for n in range(6)]
    picture = facts(
        groups=[group(50, where=p) for p in pens], cameras=[counted(47, 47, 47, half=2, where=p) for p in pens]
    )
    result = reconcile(picture, L1)
    assert (result.camera.best if result.camera else None, result.estimate.high) == (282, 300)
    assert not result.shortfall_proved


def test_a_camera_that_sees_too_few_does_not_outvote_tags_that_are_there() -> None:
    result = reconcile(facts([track(n) for n in range(66)], cameras=[counted(11, 11, 11, half=2)]), L1)
    assert result.estimate.best == 66
    assert not result.shortfall_proved


def inspected(
    *, found: int, of: int, days_ago: float = 1.0, passed: bool = True, heads: int | None = None
) -> InspectionResult:
    """An inspection of pen p1 that found the last `found` of `of` animals."""
    at = NOW - timedelta(days=days_ago)
    return InspectionResult(
        session_id="s1", loan_id=L1, farm_id=FARM.farm_id, opened_at=at - timedelta(hours=2), closed_at=at,
        gross=found, unique_tags=found, duplicates=0, foreign=(), untagged=0,
        absent=tuple(AnimalId(f"a{n:04}") for n in range(of - found)), pens=(PenId("p1"),), passed=passed,
        refused_because=() if passed else ("duplicates",), counted=((PenId("p1"), heads),) if heads is not None else (),
    )  # fmt: skip


def silent_for(hours: float, number: int, *, of: int) -> list[Track]:
    return [track(n, seen=NOW - timedelta(hours=hours) if n < number else NOW) for n in range(of)]


def width(result: Reconciled) -> int:
    return result.estimate.high - result.estimate.low


def test_an_inspection_that_found_all_calms_long_silences() -> None:
    herd = silent_for(100, 20, of=500)
    without = reconcile(facts(herd), L1)
    calm = reconcile(replace(facts(herd), inspections=(inspected(found=500, of=500),)), L1)
    assert without.short >= 15
    assert calm.short == 0
    assert calm.physical is not None
    assert (calm.physical.found, calm.pens[0].physical) == (500, 500)


def test_an_inspection_that_missed_as_many_as_are_silent_proves_them_gone() -> None:
    herd = silent_for(100, 20, of=500)
    result = reconcile(replace(facts(herd), inspections=(inspected(found=480, of=500),)), L1)
    assert result.shortfall_proved
    assert result.short == pytest.approx(20, abs=2)
    assert result.physical_says is not None
    assert result.physical_says.shortfall_proved


def test_what_left_after_an_inspection_is_missed_as_if_there_had_been_none() -> None:
    """It found them, and they were there."""
    picture = facts(silent_for(100, 50, of=500))
    found_all = replace(picture, inspections=(inspected(found=500, of=500, days_ago=8),))
    for result in (reconcile(picture, L1), reconcile(found_all, L1)):
        assert result.short == pytest.approx(48, abs=3)


def test_what_left_before_an_inspection_and_after_it_adds_up() -> None:
    herd = [track(n, seen=NOW - timedelta(hours=240 if n < 20 else 100) if n < 40 else NOW) for n in range(500)]
    result = reconcile(replace(facts(herd), inspections=(inspected(found=480, of=500, days_ago=7),)), L1)
    assert result.short == pytest.approx(39, abs=2)
    assert result.physical is not None
    assert result.physical.found == 480


def test_an_inspection_older_than_last_signs_reach_back_does_not_speak_for_the_never_heard() -> None:
    """They may have been heard after it; only whom it missed, it missed."""
    herd = [track(n, seen=None if n < 20 else NOW, walked=() if n < 20 else None) for n in range(500)]

    def short(found: int, days_ago: float) -> int:
        return reconcile(
            replace(facts(herd), inspections=(inspected(found=found, of=500, days_ago=days_ago),)), L1
        ).short

    assert short(500, 5) == 0
    assert short(500, 20) >= 15
    assert short(480, 5) == pytest.approx(20, abs=1)
    assert short(480, 20) == pytest.approx(20, abs=1)


@given(before=st.integers(0, 30), after=st.integers(0, 30), days_ago=st.floats(4, 13))
def test_an_inspection_that_found_all_speaks_for_those_silent_before_it_and_for_nobody_else(
    before: int, after: int, days_ago: float
) -> None:
    silent = {n: days_ago * 24 + 1 if n < before else 80 for n in range(before + after)}
    herd = [track(n, seen=NOW - timedelta(hours=silent.get(n, 0))) for n in range(300)]
    only_after = [t if n >= before else track(n) for n, t in enumerate(herd)]
    found_all = (inspected(found=300, of=300, days_ago=days_ago),)
    said, of_others = (reconcile(replace(facts(h), inspections=found_all), L1) for h in (herd, only_after))
    unseen_by_any = reconcile(facts(herd), L1)
    assert of_others.short <= said.short <= max(unseen_by_any.short, after + 1)


def test_rests_of_a_day_or_two_are_believed_of_an_honest_herd_and_not_of_one_that_loses() -> None:
    """One question for the whole herd: does it lose animals?"""
    honest = [track(n, seen=NOW - timedelta(hours=48) if n < 8 else NOW) for n in range(500)]
    losing = [track(n, seen=NOW - timedelta(hours=48 if n < 8 else 100) if n < 48 else NOW) for n in range(500)]
    assert reconcile(facts(honest), L1).short == 0
    assert reconcile(facts(losing), L1).short >= 41


def test_half_a_herd_that_no_camera_sees_is_gone_though_one_of_them_may_miss_some_just_now() -> None:
    pens = [pen(f"p{n}") for n in range(14)]
    herd = [track(n, where=pens[n % 14], seen=NOW - timedelta(hours=100) if n < 490 else NOW) for n in range(980)]
    cameras = [counted(*[35] * 48, half=2, where=p.pen_id) for p in pens]
    cameras[0] = counted(*[35] * 44, 60, *[35] * 3, half=2, where="p0")
    result = reconcile(facts(herd, cameras=cameras), L1)
    assert result.chance_short > 0.9
    assert result.estimate.best == pytest.approx(490, abs=15)


def test_a_refused_inspection_is_no_witness() -> None:
    result = reconcile(
        replace(facts(silent_for(100, 20, of=500)), inspections=(inspected(found=480, of=500, passed=False),)), L1
    )
    assert result.physical is None


def test_a_physical_count_grows_old_and_expires() -> None:
    herd = silent_for(100, 20, of=500)

    def after(days: float, movements: Sequence[Movement] = ()) -> Reconciled:
        return reconcile(
            replace(facts(herd, movements=movements), inspections=(inspected(found=500, of=500, days_ago=days),)), L1
        )

    fresh, old = after(0.1).physical, after(28).physical
    assert fresh is not None
    assert old is not None
    assert fresh.sigma < old.sigma
    sold = Movement(
        movement_id="m1", loan_id=L1, kind=MovementKind.SALE, animal_ids=frozenset(AnimalId(f"a{n:04}") for n in range(100, 124)),
        start=NOW - timedelta(hours=20), end=NOW - timedelta(hours=18),
    )  # fmt: skip
    moved = after(1, [sold]).physical
    assert moved is not None
    assert moved.sigma > old.sigma
    assert after(31).physical is None


def test_heads_counted_by_eye_speak_for_a_group() -> None:
    picture = replace(facts(groups=[group(50)]), inspections=(inspected(found=0, of=0, heads=41),))
    result = reconcile(picture, L1)
    assert (result.pens[0].physical, result.estimate.best) == (41, 41)
    assert result.shortfall_proved


def test_what_approved_movements_and_reported_deaths_account_for_is_not_short() -> None:
    leaving = Movement(
        movement_id="m1", loan_id=L1, kind=MovementKind.SALE, animal_ids=frozenset(AnimalId(f"a{n:04}") for n in range(24)),
        start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=3),
    )  # fmt: skip
    dead = Death(
        animal_id=AnimalId("a0024"), group_id=None, loan_id=L1, pen_id=PenId("p1"), died_at=NOW - timedelta(days=2),
        reported_at=NOW - timedelta(days=1),
    )  # fmt: skip
    herd = [
        *(driven_off(n) for n in range(24)),
        track(24, seen=NOW - timedelta(days=2)),
        *(track(n) for n in range(25, 240)),
    ]
    result = reconcile(replace(facts(herd, movements=[leaving]), deaths=(dead,)), L1)
    assert (result.excused, result.short, result.estimate.best) == (25, 0, 215)
    assert not result.shortfall_proved


def test_an_animal_heard_long_after_its_movement_is_missed_again() -> None:
    over = Movement(
        movement_id="m1", loan_id=L1, kind=MovementKind.TRANSFER, animal_ids=frozenset({AnimalId("a0000")}),
        start=NOW - timedelta(days=12), end=NOW - timedelta(days=11),
    )  # fmt: skip
    herd = [track(0, seen=NOW - timedelta(days=5)), *(track(n) for n in range(1, 60))]
    result = reconcile(facts(herd, movements=[over]), L1)
    assert [u.state for u in result.unseen] == [State.LONG]


def test_the_unseen_are_listed_with_the_longest_first() -> None:
    herd = [track(n, seen=None if n == 7 else NOW - timedelta(hours=25 + n)) for n in range(10)] + [
        track(n) for n in range(10, 200)
    ]
    result = reconcile(facts(herd), L1)
    assert [u.animal_id for u in result.unseen] == [f"a{n:04}" for n in (7, 9, 8, 6, 5, 4, 3, 2, 1, 0)]
    assert [u.age for u in result.unseen[:2]] == [None, timedelta(hours=34)]


def test_a_gateway_that_is_dark_or_behind_proves_nothing_about_its_tags() -> None:
    since = NOW - timedelta(hours=30)
    for state in (gateway(heard=since), gateway(backlog=since), gateway(heard=since, offline=True)):
        result = reconcile(facts([track(n, seen=since) for n in range(200)], gateways=[state]), L1)
        assert {u.state for u in result.unseen} == {State.DARK}
        assert result.coverage == 0
        assert not result.shortfall_proved
        assert result.estimate.best == 200


def test_tags_that_were_silent_before_a_backlog_stay_silent() -> None:
    result = reconcile(facts(silent_for(100, 5, of=60), gateways=[gateway(backlog=NOW - timedelta(minutes=5))]), L1)
    assert [u.state for u in result.unseen] == [State.LONG] * 5


def test_more_silence_than_a_herd_can_lose_is_the_systems_matter() -> None:
    result = reconcile(facts(silent_for(100, 200, of=500)), L1)
    assert not result.shortfall_proved
    assert (result.estimate.low, result.estimate.best) == (300, 500)  # and it may be all of them


def test_a_pen_alone_may_show_nothing_where_the_loan_shows_a_leak() -> None:
    pens = [pen(f"p{n}") for n in range(8)]
    herd = [track(n, where=pens[n % 8], seen=NOW - timedelta(hours=100) if n < 16 else NOW) for n in range(480)]
    result = reconcile(facts(herd), L1)
    assert result.short >= 10
    assert sum(p.book - p.estimate.best for p in result.pens) < result.short
    assert [p.book for p in result.pens] == [60] * 8


def test_a_farm_is_all_its_loans_and_a_shared_pen_is_shared_by_its_camera() -> None:
    herd = [track(n, loan="L1" if n < 30 else "L2" if n < 50 else None) for n in range(60)]
    picture = facts(herd, cameras=[counted(60, 60, 60)])
    farm, one = reconcile_farm(picture), reconcile(picture, L1)
    assert (farm.book, farm.loan_id, one.book) == (50, None, 30)
    assert (farm.camera.best if farm.camera else 0, one.camera.best if one.camera else 0) == (50, 30)


def test_two_farms_of_one_loan_add_up_with_their_inspections_and_doubts() -> None:
    part = reconcile(replace(facts(silent_for(100, 20, of=500)), inspections=(inspected(found=480, of=500),)), L1)
    both = merge([part, part])
    assert (both.book, both.short, len(both.unseen)) == (1000, 2 * part.short, 40)
    assert both.physical_says is not None
    assert both.physical_says.book == 1000
    seen = reconcile(facts([track(n) for n in range(60)], cameras=[counted(58, 58, 58, half=3)]), L1)
    watched = merge([seen, seen])
    assert (watched.camera.best if watched.camera else None) == 116
    assert watched.camera_says is not None
    assert watched.camera_says.best == 116
    assert both.shortfall_proved


def test_many_pens_cost_little_more_than_few() -> None:
    few, many = herd_in(10), herd_in(200)
    assert seconds(many) < 6 * seconds(few)  # pens x animals would be 20 times


def herd_in(number: int, head: int = 12_000) -> HerdFacts:
    pens = [pen(f"p{n}") for n in range(number)]
    herd = [
        track(n, where=pens[n % number], seen=NOW - timedelta(hours=50) if n % 60 == 0 else NOW) for n in range(head)
    ]
    share = head // number
    return facts(herd, cameras=[counted(share, share, share, where=f"p{n}") for n in range(number)])


def seconds(picture: HerdFacts) -> float:
    reconcile(picture, L1)

    def once() -> float:
        began = time.process_time()
        reconcile(picture, L1)
        return time.process_time() - began

    return min(once() for _ in range(5))
