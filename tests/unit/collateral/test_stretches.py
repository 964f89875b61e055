"""Touched hours are looked at in stretches: together where they are neighbours, and never too many at once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collateral.store import stretches

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number: int) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def test_neighbours_are_one_stretch_and_any_moment_stands_for_its_hour() -> None:
    moments = [hour(3) + timedelta(minutes=59), hour(1), hour(2) + timedelta(minutes=1), hour(5), hour(2)]
    assert stretches.of(moments) == [(hour(1), hour(3)), (hour(5), hour(5))]


def test_the_ends_of_time_are_hours_too() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert stretches.of([last, first]) == [(first, first), (last.replace(minute=0, second=0, microsecond=0),) * 2]


@given(st.sets(st.integers(-100, 100)))
def test_every_hour_is_in_one_stretch_and_none_is_too_long(numbers: set[int]) -> None:
    found = stretches.of([hour(n) for n in numbers])
    held = [first + timedelta(hours=n) for first, last in found for n in range((last - first) // stretches.HOUR + 1)]
    assert held == [hour(n) for n in sorted(numbers)]
    assert all((last - first) // stretches.HOUR < stretches.LONGEST for first, last in found)
