"""Frame counters: what is delivered twice or late is no alarm, what runs back is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.store.frame_counter import (
    MOST_LOST_AT_ROLL_OVER,
    SAME_UPLINK,
    Copy,
    Standing,
    Verdict,
    joined,
    judge,
    rolls_over,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Said = tuple[int, int, str]
"""Counter, hour, payload."""


class Session:
    """A session with the uplinks that were kept of it."""

    def __init__(self) -> None:
        self.standing = Standing(0)
        self.copies: dict[tuple[int, str], list[Copy]] = {}
        self.places: set[tuple[int, str, int]] = set()

    def take(self, counter: int, hour: float, payload: str = "") -> Verdict:
        at = NOON + hour * HOUR
        known = self.copies.setdefault((counter, payload), [])
        judged = judge(self.standing, counter, at, known)
        self.standing = judged.after
        if judged.verdict.is_kept:
            known.append(Copy(judged.run, at))
            assert (counter, payload, judged.run) not in self.places  # the key of `uplink`
            self.places.add((counter, payload, judged.run))
        return judged.verdict

    def join(self, hour: float) -> None:
        self.standing = joined(self.standing, NOON + hour * HOUR)


def uplinks(counters: list[int]) -> list[Said]:
    return [(counter, hour, str(counter)) for hour, counter in enumerate(counters)]


rising = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12, unique=True).map(sorted).map(uplinks)
any_uplink = st.tuples(st.integers(0, 20), st.integers(0, 40), st.sampled_from("ab"))
anything = st.lists(any_uplink, max_size=20)
in_order = st.lists(any_uplink, max_size=20, unique_by=lambda each: each[1]).map(
    lambda said: sorted(said, key=lambda each: each[1])
)


@given(rising)
def test_a_counter_that_rises_is_never_an_alarm(said: list[Said]) -> None:
    session = Session()
    assert {session.take(*each) for each in said} == {Verdict.NEW}


@given(rising, st.data())
def test_whatever_order_it_is_delivered_in_all_is_kept_and_nothing_is_an_alarm(
    said: list[Said], data: st.DataObject
) -> None:
    session = Session()
    for each in data.draw(st.permutations(said)):
        assert session.take(*each) in (Verdict.NEW, Verdict.LATE)
    assert len(session.places) == len(said)


@given(anything)
def test_what_was_kept_is_a_duplicate_when_it_is_delivered_again(said: list[Said]) -> None:
    session = Session()
    kept = [each for each in said if session.take(*each).is_kept]
    standing = session.standing
    assert {session.take(*each) for each in kept} <= {Verdict.DUPLICATE}
    assert session.standing == standing


@given(in_order)
def test_what_is_delivered_in_order_and_then_all_again_changes_nothing(said: list[Said]) -> None:
    session = Session()
    verdicts = [session.take(*each) for each in said]
    standing, places = session.standing, set(session.places)
    for each, verdict in zip(said, verdicts, strict=True):
        assert not session.take(*each).is_kept, verdict
    assert (session.standing, session.places) == (standing, places)


@given(anything)
def test_the_counter_stands_where_the_latest_uplink_put_it(said: list[Said]) -> None:
    session, before = Session(), NOON
    for each in said:
        session.take(*each)
        assert session.standing.at is not None
        assert session.standing.at >= before
        before = session.standing.at


def test_the_same_uplink_delivered_48_seconds_later_is_the_same() -> None:
    session = Session()
    assert session.take(7, 0) is Verdict.NEW
    assert session.take(7, 48 / 3600) is Verdict.DUPLICATE


def test_the_same_contents_long_after_are_a_replay_and_not_a_sign_of_life() -> None:
    session = Session()
    session.take(7, 0)
    later = SAME_UPLINK / HOUR * 1.01
    assert session.take(7, later) is Verdict.REPEATED
    assert session.take(8, 1) is Verdict.NEW
    assert session.take(7, 30) is Verdict.REPEATED


def test_other_contents_under_a_used_counter_are_an_alarm() -> None:
    session = Session()
    session.take(7, 0, "a")
    assert session.take(7, 1, "b") is Verdict.REGRESSED


def test_a_device_that_begins_anew_raises_one_alarm_and_goes_on() -> None:
    session = Session()
    session.take(5000, 0, "a")
    assert [session.take(counter, 1 + counter, "b") for counter in range(4)] == [Verdict.REGRESSED, *[Verdict.NEW] * 3]


def test_what_an_earlier_run_said_may_be_said_again_in_the_next() -> None:
    session = Session()
    for counter in range(3):
        session.take(counter, counter, "same")
    session.take(0, 10, "other")
    assert [session.take(counter, 10 + counter, "same") for counter in (1, 2)] == [Verdict.NEW, Verdict.NEW]


def test_a_delayed_uplink_of_before_the_reset_is_late_and_no_second_alarm() -> None:
    session = Session()
    session.take(5000, 0)
    assert session.take(0, 2, "reset") is Verdict.REGRESSED
    assert session.take(5001, 1) is Verdict.LATE
    assert session.take(1, 3) is Verdict.NEW


@pytest.mark.parametrize(
    ("last", "counter", "expected"),
    [
        (65_535, 0, Verdict.ROLLED_OVER),  # 16 bits on the air
        (65_530, 20, Verdict.ROLLED_OVER),  # with some lost
        (2**32 - 1, 0, Verdict.ROLLED_OVER),
        (70_000, 70_001 - 2**16, Verdict.ROLLED_OVER),  # a network that forgets the upper half
        (65_535, 65_536, Verdict.NEW),
        (65_536, 0, Verdict.REGRESSED),
        (65_536 - MOST_LOST_AT_ROLL_OVER, 0, Verdict.ROLLED_OVER),
        (65_535 - MOST_LOST_AT_ROLL_OVER, 0, Verdict.REGRESSED),  # too far from the end: a reset
        (5000, 0, Verdict.REGRESSED),
        (7, 7, Verdict.REGRESSED),
    ],
)
def test_a_roll_over_is_told_from_a_reset(last: int, counter: int, expected: Verdict) -> None:
    session = Session()
    session.take(last, 0, "last")
    assert session.take(counter, 1, "next") is expected


@given(st.integers(0, 2**16 - 1), st.integers(1, MOST_LOST_AT_ROLL_OVER))
def test_a_counter_of_16_bits_may_roll_over_anywhere_near_its_end(last: int, ahead: int) -> None:
    counter = (last + ahead) % 2**16
    assert rolls_over(last, counter) or counter > last


def test_what_follows_a_roll_over_is_new_even_where_it_says_what_was_said_65536_uplinks_ago() -> None:
    session = Session()
    for hour, counter in enumerate((0, 1, 65_535)):
        session.take(counter, hour, "same")
    assert [session.take(counter, 10 + counter, "same") for counter in (0, 1)] == [Verdict.ROLLED_OVER, Verdict.NEW]


def test_a_join_begins_anew_without_an_alarm() -> None:
    session = Session()
    session.take(5000, 0)
    session.join(1)
    session.join(1)  # delivered twice
    assert session.take(0, 1) is Verdict.NEW
    assert session.take(5001, 0.5) is Verdict.LATE
    session.join(1)  # and once more, late
    assert session.take(1, 2) is Verdict.NEW
    assert session.standing.run == 1


def test_the_first_uplink_may_overtake_its_own_join() -> None:
    session = Session()
    session.take(0, 1)
    session.join(1)
    session.join(0.9)
    assert session.take(1, 2) is Verdict.NEW
    assert session.standing.run == 0


def test_a_copy_without_a_time_is_a_duplicate_whenever_it_comes() -> None:
    assert judge(Standing(0, NOON, 7, NOON), 7, NOON + 99 * HOUR, [Copy(0, None)]).verdict is Verdict.DUPLICATE
