"""One decision in two places: which fixes are faults, in the database and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collateral.facts.fix_faults import faults
from collateral.model.place import Position
from collateral.model.reading import Fix
from collateral.store import fix_faults, pool

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAG = "00000000000000ab"

# Metres north and minutes to the next fix: walks, errors, leaps, trucks, and silences of more than a day.
legs = st.tuples(
    st.sampled_from([0, 20, 90, 400, 3_000, 9_000, 60_000, 300_000]), st.sampled_from([1, 15, 60, 1_000, 1_500]),
    st.sampled_from([None, 0.0, 5.0, 30.0, 400.0]), st.booleans(),
)  # fmt: skip


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as opened:
        yield opened


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(legs, min_size=1, max_size=14))
def test_the_pure_decision_and_the_stored_one_agree(
    connection: psycopg.Connection, steps: list[tuple[int, int, float | None, bool]]
) -> None:
    fixes, at = [], NOON
    for north_m, minutes, error_m, is_zero in steps:
        place = Position(0.0, 0.0) if is_zero and north_m == 20 else Position(44.0 + north_m / 111_195.0, 116.0)
        fixes.append(Fix(measured_at=at, position=place, error_m=error_m))
        at += timedelta(minutes=minutes)
    connection.execute("DELETE FROM reading WHERE tag_id = %s", (TAG,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reading (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, latitude, longitude,"
            " fix_error_m, clock_ok, fix_fault) VALUES (%s, 1, %s, %s, %s, 'gw', %s, %s, %s, true, %s)",
            [
                (TAG, f.measured_at, f.measured_at, f.measured_at, f.position.latitude, f.position.longitude, f.error_m,
                 "zero" if f.position.latitude == 0 else None)
                for f in fixes
            ],
        )  # fmt: skip
    fix_faults.refresh(connection, [fix.measured_at for fix in fixes])
    stored = connection.execute(
        "SELECT fix_fault FROM reading WHERE tag_id = %s ORDER BY measured_at", (TAG,)
    ).fetchall()
    assert [fault for (fault,) in stored] == faults(fixes)
