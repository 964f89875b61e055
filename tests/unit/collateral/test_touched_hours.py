"""The hours that a batch of readings fell into: exact for any batch, whatever clocks say, and cheap."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from collateral.store import touched_hours
from collateral.store.readings import COLUMNS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))]
moments = st.datetimes(timezones=st.sampled_from(ZONES))
near = st.integers(0, 3 * 86_400).map(lambda s: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=s))


def one_by_one(found: list[datetime]) -> list[int]:
    return sorted({(moment - EPOCH) // timedelta(hours=1) for moment in found})


@given(st.lists(moments | near))
def test_every_hour_is_found_and_no_other(found: list[datetime]) -> None:
    assert touched_hours.hours(found) == one_by_one(found)


def test_the_first_and_the_last_moment_there_are_do_no_harm() -> None:
    ends = [datetime.min.replace(tzinfo=ZONES[1]), datetime.max.replace(tzinfo=ZONES[3])]
    assert touched_hours.hours(ends) == one_by_one(ends)


def test_a_row_has_its_measured_at_where_it_is_looked_for() -> None:
    assert COLUMNS.split(", ")[2] == "measured_at"
