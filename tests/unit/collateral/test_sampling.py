"""Drawing tags to photograph, and what the photographs prove."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book import sampling
from collateral.model.ids import TagId

TAGS = [TagId(f"{n:016x}") for n in range(240)]


def test_twenty_different_tags_are_drawn_and_the_draw_can_be_repeated() -> None:
    seed = sampling.seed("s1", "ab" * 32, b"secret")
    drawn = sampling.drawn(TAGS, seed)
    assert len(set(drawn)) == 20
    assert drawn == sampling.drawn(reversed(TAGS), seed)


@pytest.mark.parametrize("other", [("s2", "ab", b"x"), ("s1", "ac", b"x"), ("s1", "ab", b"y")])
def test_session_reads_and_secret_each_change_the_draw(other: tuple[str, str, bytes]) -> None:
    assert sampling.drawn(TAGS, sampling.seed("s1", "ab", b"x")) != sampling.drawn(TAGS, sampling.seed(*other))


def test_every_tag_is_drawn_about_equally_often() -> None:
    drawn = [t for n in range(1200) for t in sampling.drawn(TAGS, sampling.seed(f"s{n}", "", b""))]
    often = [drawn.count(tag) for tag in TAGS]
    # 100 each on the average, with a deviation of about 9.6.
    assert min(often) > 60
    assert max(often) < 140


def test_20_photographs_of_500_without_a_fault_leave_up_to_68_ghosts() -> None:
    bound = sampling.most_ghosts(500, 20)
    assert bound == 68
    assert comb(500 - bound, 20) / comb(500, 20) > 0.05 >= comb(500 - bound - 1, 20) / comb(500, 20)


def test_all_photographed_without_a_fault_leaves_no_ghost() -> None:
    assert sampling.most_ghosts(12, 12) == 0


def test_one_percent_of_500_takes_many_photographs() -> None:
    n = sampling.sample_for(500, 5)
    assert sampling.most_ghosts(500, n) < 5 <= sampling.most_ghosts(500, n - 1)


def test_more_faults_than_photographs_are_refused() -> None:
    with pytest.raises(ValueError, match="faults <= sample <= herd"):
        sampling.most_ghosts(10, 3, 4)


@given(herd=st.integers(1, 120), data=st.data())
def test_the_bound_is_the_largest_number_of_ghosts_that_is_still_likely_enough(herd: int, data: st.DataObject) -> None:
    sample = data.draw(st.integers(0, herd))
    faults = data.draw(st.integers(0, sample))
    likely = [
        ghosts for ghosts in range(faults, herd - (sample - faults) + 1)
        if sampling.chance_of_finding_at_most(faults, herd, ghosts, sample) > 0.05
    ]  # fmt: skip
    assert sampling.most_ghosts(herd, sample, faults) == max(likely)
