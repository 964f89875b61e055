"""When a camera's count is known, and when and why it is not."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collateral.evidence.course import NO_COUNT, Moment, Stretch, known_runs, unknown_stretches
from tests.unit.collateral.records import DAWN


def at(minutes: float) -> Moment:
    return Moment(DAWN + timedelta(minutes=minutes), 4, 5, 6)


def dark(minutes: float, why: str = "dark") -> Moment:
    return Moment(DAWN + timedelta(minutes=minutes), None, None, None, why)


def spans(moments: list[Moment]) -> list[tuple[float, float, str]]:
    def minutes(stretch: Stretch) -> tuple[float, float, str]:
        since, until = ((end - DAWN) / timedelta(minutes=1) for end in (stretch.since, stretch.until))
        return since, until, stretch.why

    return [minutes(stretch) for stretch in unknown_stretches(moments)]


def test_counts_that_follow_one_another_are_one_run_without_anything_unknown() -> None:
    moments = [at(0), at(10), at(20)]
    assert (known_runs(moments), unknown_stretches(moments)) == ([moments], [])


def test_an_unknown_count_parts_two_runs_and_lasts_until_the_next_one() -> None:
    moments = [at(0), at(10), dark(20), dark(30), at(40)]
    assert [len(run) for run in known_runs(moments)] == [2, 1]
    assert spans(moments) == [(20, 40, "dark")]


def test_each_reason_has_its_own_stretch() -> None:
    assert spans([at(0), dark(10), dark(20, "covered"), at(30)]) == [(10, 20, "dark"), (20, 30, "covered")]


def test_where_no_count_came_nothing_is_known() -> None:
    moments = [at(0), at(10), at(20), at(120), at(130)]
    assert [len(run) for run in known_runs(moments)] == [3, 2]
    assert spans(moments) == [(20, 120, NO_COUNT)]


def test_after_a_dark_count_that_nothing_follows_for_long_the_reason_is_another() -> None:
    assert spans([at(0), at(10), dark(20), at(120), at(130)]) == [(20, 30, "dark"), (30, 120, NO_COUNT)]


def test_the_last_count_speaks_for_one_usual_step() -> None:
    assert spans([at(0), at(10), dark(20)]) == [(20, 30, "dark")]


@given(st.lists(st.tuples(st.integers(1, 300), st.booleans()), max_size=40))
def test_stretches_follow_one_another_and_every_known_count_is_in_one_run(steps: list[tuple[int, bool]]) -> None:
    moments, minute = [], 0
    for step, known in steps:
        minute += step
        moments.append(at(minute) if known else dark(minute))
    found = unknown_stretches(moments)
    assert all(one.until <= two.since for one, two in pairwise(found))
    assert [m for run in known_runs(moments) for m in run] == [m for m in moments if m.best is not None]
