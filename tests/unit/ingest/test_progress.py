"""What a receipt may claim: never a number that was not committed."""

from hypothesis import given
from hypothesis import strategies as st

from collateral.store.progress import MOST_AHEAD, Progress

batches = st.lists(st.lists(st.integers(1, 60), max_size=12), max_size=20)


@given(batches)
def test_only_committed_numbers_are_ever_claimed(arrivals: list[list[int]]) -> None:
    progress, committed = Progress(), set[int]()
    for numbers in arrivals:
        progress = progress.with_numbers(numbers)
        committed |= set(numbers)
        claimed = set(range(1, progress.committed_up_to + 1)) | set(progress.ahead)
        assert claimed == committed


@given(batches)
def test_ahead_is_sorted_and_lies_above_a_gap(arrivals: list[list[int]]) -> None:
    progress = Progress()
    for numbers in arrivals:
        progress = progress.with_numbers(numbers)
        assert list(progress.ahead) == sorted(set(progress.ahead))
        assert all(number > progress.committed_up_to + 1 for number in progress.ahead)


@given(st.permutations(range(1, 31)), st.lists(st.integers(1, 30)))
def test_once_every_number_has_come_nothing_is_ahead(order: list[int], again: list[int]) -> None:
    progress = Progress()
    for number in [*order, *again]:
        progress = progress.with_numbers([number])
    assert progress == Progress(30, ())


@given(batches, st.integers(1, 20))
def test_missing_names_exactly_the_gaps_lowest_first(arrivals: list[list[int]], most: int) -> None:
    numbers = {number for batch in arrivals for number in batch}
    progress = Progress().with_numbers(numbers)
    gaps = sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
    assert progress.missing(most) == gaps[:most]


def test_a_huge_gap_does_not_make_a_huge_list() -> None:
    assert len(Progress(0, (2**53,)).missing(100)) == 100


def test_too_many_ahead_are_forgotten_from_the_top_and_never_claimed() -> None:
    progress = Progress().with_numbers(range(2, MOST_AHEAD + 1000))
    assert len(progress.ahead) == MOST_AHEAD
    assert progress.committed_up_to == 0
    assert progress.with_numbers([1]).committed_up_to == MOST_AHEAD + 1
