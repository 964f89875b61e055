"""Gaps: noticed, split, closed, and the same whatever the order in which the data come."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collateral.store import gaps, pool, receipts, retention
from collateral.store.ages import Ages
from collateral.store.tag_gaps import LARGEST, Looked

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=2)
TAG, OTHER = "00000000000000aa", "00000000000000ab"
APART = timedelta(minutes=20)
Heard = tuple[int, datetime]
"""A sequence number and when it was measured."""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as opened:
        yield opened


def steady(*numbers: int, since: datetime = NOON) -> list[Heard]:
    """These numbers of a tag that measures every twenty minutes and began with number 0 at `since`."""
    return [(n, since + n * APART) for n in numbers]


def hear(connection: psycopg.Connection, heard: Iterable[Heard], tag: str = TAG, now: datetime = NOW) -> Looked:
    """Store readings and look at their hours, as the scheduler would."""
    heard = list(heard)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reading (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, clock_ok)"
            " VALUES (%s, %s, %s, %s, %s, 'gw', true) ON CONFLICT DO NOTHING",
            [(tag, sequence, at, at, now) for sequence, at in heard],
        )
    return gaps.refresh(connection, [at for _, at in heard], now)


def still_open(connection: psycopg.Connection) -> list[tuple[str, int, int]]:
    return connection.execute(
        "SELECT device_id, first_missing, last_missing FROM device_gap WHERE closed_at IS NULL ORDER BY 1, 2"
    ).fetchall()


def closed(connection: psycopg.Connection) -> list[tuple[int, int, str]]:
    return connection.execute(
        "SELECT first_missing, last_missing, closed_by FROM device_gap WHERE closed_at IS NOT NULL ORDER BY 1, 2"
    ).fetchall()


def test_a_gap_lies_between_the_readings_around_it(connection: psycopg.Connection) -> None:
    assert hear(connection, steady(1, 2, 6, 7)) == Looked(noticed=1, closed=0)
    assert still_open(connection) == [(TAG, 3, 5)]
    row = connection.execute("SELECT after_at, before_at, noticed_at FROM device_gap").fetchone()
    assert row == (NOON + 2 * APART, NOON + 6 * APART, NOW)


def test_a_gap_is_closed_when_the_missing_data_come(connection: psycopg.Connection) -> None:
    hear(connection, steady(1, 6))
    assert hear(connection, steady(2, 3, 4, 5)).closed == 1
    assert (still_open(connection), closed(connection)) == ([], [(2, 5, "filled")])


def test_what_is_left_of_a_partly_filled_gap_keeps_the_moment_it_was_noticed(connection: psycopg.Connection) -> None:
    hear(connection, steady(1, 9))
    hear(connection, steady(4), now=NOW + timedelta(hours=1))
    assert still_open(connection) == [(TAG, 2, 3), (TAG, 5, 8)]
    assert closed(connection) == [(2, 8, "split")]
    assert connection.execute("SELECT DISTINCT noticed_at FROM device_gap").fetchall() == [(NOW,)]


def test_looking_twice_changes_nothing(connection: psycopg.Connection) -> None:
    hear(connection, steady(1, 5, 9))
    before = connection.execute("SELECT * FROM device_gap ORDER BY 1").fetchall()
    assert hear(connection, steady(1, 5, 9), now=NOW + timedelta(hours=1)) == Looked(noticed=0, closed=0)
    assert connection.execute("SELECT * FROM device_gap ORDER BY 1").fetchall() == before


def test_a_gap_of_many_days_is_seen_from_either_end(connection: psycopg.Connection) -> None:
    for numbers in ((0,), (2000,)):
        hear(connection, steady(*numbers))
    for numbers in ((2000,), (0,)):
        hear(connection, steady(*numbers), tag=OTHER)
    assert still_open(connection) == [(TAG, 1, 1999), (OTHER, 1, 1999)]
    hear(connection, steady(1000))
    assert still_open(connection) == [(TAG, 1, 999), (TAG, 1001, 1999), (OTHER, 1, 1999)]


@pytest.mark.parametrize(
    ("last", "next_one"),
    [(1000, 0), (65_535, 0), (65_533, 2), (2**32 - 1, 0), (7, 7), (5, 5 + LARGEST + 2)],
    ids=["joined again", "16 bits", "16 bits with loss", "32 bits", "sent twice", "a leap"],
)
def test_a_numbering_that_begins_anew_is_no_gap(connection: psycopg.Connection, last: int, next_one: int) -> None:
    hear(connection, [(last, NOON), (next_one, NOON + APART)])
    assert still_open(connection) == []


def test_the_largest_gap_is_still_one(connection: psycopg.Connection) -> None:
    hear(connection, [(0, NOON), (LARGEST + 1, NOON + APART)])
    assert still_open(connection) == [(TAG, 1, LARGEST)]


def test_a_late_reading_may_show_that_the_tag_began_anew(connection: psycopg.Connection) -> None:
    hear(connection, [(100, NOON), (103, NOON + 4 * APART)])
    hear(connection, [(50_000, NOON + 2 * APART)])
    assert (still_open(connection), closed(connection)) == ([], [(101, 102, "restarted")])


def test_a_clock_that_is_set_back_a_little_makes_no_gap(connection: psycopg.Connection) -> None:
    minute = timedelta(minutes=1)
    hear(connection, [(1, NOON), (2, NOON + 15 * minute), (3, NOON + 10 * minute), (4, NOON + 25 * minute)])
    assert still_open(connection) == []
    hear(connection, [(11, NOON), (14, NOON + minute), (12, NOON + 2 * minute), (15, NOON + 3 * minute)], tag=OTHER)
    assert still_open(connection) == [(OTHER, 13, 13)]


def test_clocks_that_are_wild_are_looked_at_like_others(connection: psycopg.Connection) -> None:
    hear(connection, [(1, datetime(1, 1, 1, tzinfo=UTC)), (3, datetime(9999, 12, 31, 23, 59, tzinfo=UTC))])
    assert still_open(connection) == [(TAG, 2, 2)]


def spool(connection: psycopg.Connection, *numbers: int) -> Looked:
    """Commit messages of a gateway's spool, and look."""
    with connection.transaction():
        receipts.advance(connection, {("gw", "s1"): numbers}, NOW)
    return gaps.refresh_spools(connection, NOW)


def test_messages_missing_from_a_spool_are_a_gap_of_their_gateway(connection: psycopg.Connection) -> None:
    assert spool(connection, 1, 2, 6, 9) == Looked(noticed=2, closed=0)
    assert still_open(connection) == [("gw", 3, 5), ("gw", 7, 8)]
    assert spool(connection, 4) == Looked(noticed=2, closed=1)
    assert spool(connection) == Looked(noticed=0, closed=0)
    spool(connection, 3, 5, 7, 8)
    assert still_open(connection) == []
    assert closed(connection) == [(3, 3, "filled"), (3, 5, "split"), (5, 5, "filled"), (7, 8, "filled")]


def test_how_much_is_missing_can_be_told(connection: psycopg.Connection) -> None:
    spool(connection, 2)
    hear(connection, steady(1, 5, 7))
    hear(connection, steady(6))
    told = {each.kind: (each.gaps, each.missing) for each in gaps.standing(connection)}
    assert told == {"tag": (1, 3), "gateway": (1, 1)}


def test_gaps_go_with_the_readings_they_lie_between(connection: psycopg.Connection) -> None:
    spool(connection, 2)
    hear(connection, steady(1, 5, 7))
    hear(connection, steady(6))
    ages = Ages()
    retention.retain(connection, NOW + ages.readings - timedelta(hours=47), ages)
    assert (len(still_open(connection)), len(closed(connection))) == (2, 1)
    retention.retain(connection, NOW + ages.readings + timedelta(hours=1), ages)
    assert (still_open(connection), closed(connection)) == ([("gw", 1, 1)], [])


def missing(lives: list[list[int]]) -> set[tuple[int, int]]:
    """The model: within each life of a tag, what lies between its lowest and its highest number and has not come."""
    return {
        (life, n) for life, come in enumerate(lives) if come for n in range(min(come), max(come)) if n not in set(come)
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(st.sets(st.integers(0, 40), max_size=25), min_size=1, max_size=3),
    seed=st.randoms(use_true_random=False),
    portions=st.integers(1, 8),
)
def test_late_data_in_any_order_lead_to_the_same_open_gaps(
    connection: psycopg.Connection, lives: list[set[int]], seed: random.Random, portions: int
) -> None:
    connection.execute("TRUNCATE reading, device_gap")
    # Each life begins with number 0 a week after the last, and is known by it, so that the next is always smaller.
    numbered = [sorted({0, 45, *come}) for come in lives]
    births = [NOON + life * timedelta(days=7) for life in range(len(lives))]
    heard = [reading for birth, come in zip(births, numbered, strict=True) for reading in steady(*come, since=birth)]
    seed.shuffle(heard)
    for part in range(portions):
        hear(connection, heard[part::portions])
    rows = connection.execute(
        "SELECT before_at, n FROM device_gap, generate_series(first_missing, last_missing) n WHERE closed_at IS NULL"
    ).fetchall()
    found = [(sum(at > birth for birth in births) - 1, n) for at, n in rows]
    assert sorted(found) == sorted(missing(numbered))
