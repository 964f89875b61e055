"""What will go wrong: repeatable, complete, and enough of it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bench.havoc.plan import A_MINUTE, Deed, kills_wanted, plan

MINUTES = st.floats(min_value=0.05, max_value=30)


def test_the_same_seed_gives_the_same_accidents_and_another_seed_others() -> None:
    assert plan(1, 3) == plan(1, 3)
    assert plan(1, 3) != plan(2, 3)


@given(st.integers(), MINUTES)
def test_every_deed_happens_in_order_and_within_the_time(seed: int, minutes: float) -> None:
    acts = plan(seed, minutes)
    assert {act.deed for act in acts} == set(Deed) == set(A_MINUTE)
    assert acts == sorted(acts, key=lambda act: act.at_s)
    assert all(0 <= act.at_s <= minutes * 60 + 0.001 and 0 <= act.which < 1 for act in acts)


@given(st.integers(), MINUTES)
def test_a_run_of_any_length_kills_as_often_as_it_must(seed: int, minutes: float) -> None:
    kills = [act for act in plan(seed, minutes) if act.deed.value.startswith("kill")]
    assert len(kills) >= kills_wanted(minutes)


def test_three_minutes_kill_at_least_thirty_times_and_each_kind_more_than_once() -> None:
    counted = Counter(act.deed for act in plan(1, 3) if act.deed.value.startswith("kill"))
    assert counted.total() >= kills_wanted(3) == 30
    assert min(counted.values()) > 1
