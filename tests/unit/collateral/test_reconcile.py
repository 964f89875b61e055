"""Book, tags and camera together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book.reconcile import merge, reconcile
from collateral.model.ids import LoanId
from tests.herds import HEAD_VALUE, NOW, counted, driven_off, facts, group, track

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
    assert result.estimate.best == 48


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
    assert (result.estimate.best, result.estimate.high) == (282, 300)
    assert not result.shortfall_proved


def test_a_camera_that_sees_too_few_does_not_outvote_tags_that_are_there() -> None:
    result = reconcile(facts([track(n) for n in range(66)], cameras=[counted(11, 11, 11, half=2)]), L1)
    assert result.estimate.best == 66
    assert not result.shortfall_proved
