"""Impossible jumps: marked and taken back as data come, trucks left alone, and faulted fixes no positions."""

from __future__ import annotations

import csv
import gzip
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collateral.store import fix_faults, pool

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAG = "00000000000000aa"
SOUTH, WEST = 44.0, 116.0
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Fix:
    """Where a tag is, in metres north and east of a corner, and when, in minutes after noon."""

    minute: float
    north_m: float
    east_m: float = 0.0
    error_m: float | None = 5.0

    @property
    def at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    @property
    def place(self) -> tuple[float, float]:
        shrunk = METRES_PER_DEGREE * math.cos(math.radians(SOUTH))
        return SOUTH + self.north_m / METRES_PER_DEGREE, WEST + self.east_m / shrunk


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as opened:
        yield opened


def keep(connection: psycopg.Connection, fixes: Iterable[Fix], fault: str | None = None) -> int:
    """Store fixes and look at their hours; how many marks have changed."""
    fixes = list(fixes)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reading (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, latitude, longitude,"
            " fix_error_m, clock_ok, fix_fault) VALUES (%s, 1, %s, %s, %s, 'gw', %s, %s, %s, true, %s)",
            [(TAG, fix.at, fix.at, fix.at, *fix.place, fix.error_m, fault) for fix in fixes],
        )
    return fix_faults.refresh(connection, [fix.at for fix in fixes])


def marked(connection: psycopg.Connection) -> list[float]:
    """The minutes of the fixes that are marked as jumps."""
    rows = connection.execute("SELECT measured_at FROM reading WHERE fix_fault = 'jump' ORDER BY 1").fetchall()
    return [(at - NOON).total_seconds() / 60 for (at,) in rows]


def test_there_and_back_is_marked(connection: psycopg.Connection) -> None:
    assert keep(connection, [Fix(0, 0), Fix(15, 60), Fix(30, 9_000), Fix(45, 90), Fix(60, 120)]) == 1
    assert marked(connection) == [30]


def test_a_truck_is_not_marked_for_it_keeps_going(connection: psycopg.Connection) -> None:
    assert keep(connection, [Fix(0, 0), Fix(15, 20), Fix(30, 20_000), Fix(45, 40_000), Fix(60, 40_010)]) == 0


def test_the_last_fix_is_judged_when_the_next_one_comes(connection: psycopg.Connection) -> None:
    assert keep(connection, [Fix(0, 0), Fix(15, 0), Fix(30, 9_000)]) == 0
    assert keep(connection, [Fix(60, 0)]) == 1
    assert marked(connection) == [30]


def test_a_late_fix_may_take_a_mark_back(connection: psycopg.Connection) -> None:
    assert keep(connection, [Fix(0, 0), Fix(60, 15_000), Fix(120, 0)]) == 1
    assert keep(connection, [Fix(30, 10_000), Fix(90, 10_000)]) == 1
    assert marked(connection) == []


def test_what_no_vehicle_on_a_road_does_is_marked_once(connection: psycopg.Connection) -> None:
    keep(connection, [Fix(0, 0), Fix(15, 0), Fix(30, 500_000), Fix(45, 500_000), Fix(60, 500_010)])
    assert marked(connection) == [30]


def test_a_good_fix_is_not_blamed_for_the_bad_one_before_it(connection: psycopg.Connection) -> None:
    keep(connection, [Fix(0, 0), Fix(15, 500_000), Fix(30, 0), Fix(45, 10)])
    assert marked(connection) == [15]


@pytest.mark.parametrize("error_m", [30.0, None])
def test_steps_within_the_errors_of_both_fixes_say_nothing(
    connection: psycopg.Connection, error_m: float | None
) -> None:
    assert keep(connection, [Fix(n / 10, 45 * (n % 2), error_m=error_m) for n in range(6)]) == 0


def test_fixes_at_null_island_stay_what_they_are_and_are_nobodys_neighbours(connection: psycopg.Connection) -> None:
    keep(connection, [Fix(15, -SOUTH * METRES_PER_DEGREE)], fault="zero")
    assert keep(connection, [Fix(0, 0), Fix(30, 9_000), Fix(45, 0)]) == 1
    assert marked(connection) == [30]
    assert connection.execute("SELECT count(*) FROM reading WHERE fix_fault = 'zero'").fetchone() == (1,)


def test_fixes_more_than_a_day_apart_are_no_neighbours(connection: psycopg.Connection) -> None:
    day = 24 * 60
    assert keep(connection, [Fix(0, 0), Fix(day + 1, 900_000), Fix(2 * day + 2, 0)]) == 0
    assert keep(connection, [Fix(4 * day, 0), Fix(5 * day, 900_000), Fix(6 * day, 0)]) == 1


def test_looking_twice_changes_nothing(connection: psycopg.Connection) -> None:
    keep(connection, [Fix(0, 0), Fix(15, 9_000), Fix(30, 0)])
    assert fix_faults.refresh(connection, [NOON]) == 0


def faults(fixes: list[Fix]) -> list[float]:
    """The model: which fixes, by their minute, are at fault."""

    def hasty(a: Fix, b: Fix, limit_m_s: float) -> bool:
        metres, seconds = math.hypot(a.north_m - b.north_m, a.east_m - b.east_m), (b.minute - a.minute) * 60
        return seconds <= 86_400 and metres > 10 and metres > limit_m_s * seconds

    trail = sorted(fixes, key=lambda fix: fix.minute)
    back = {
        f.minute
        for (p, f), (_, n) in pairwise(pairwise(trail))
        if hasty(p, f, 3) and hasty(f, n, 3) and math.hypot(p.north_m - n.north_m, p.east_m - n.east_m)
        <= max(10, 3 * (n.minute - p.minute) * 60)
    }  # fmt: skip
    leapt = {f.minute for p, f in pairwise(trail) if hasty(p, f, 70) and p.minute not in back}
    return sorted(back | leapt)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([7, 23, 61, 700, 1500]), st.sampled_from([0, 0, 0, 40, 9_000, 800_000, -9_000])),
        min_size=1, max_size=20,
    ),
    seed=st.randoms(use_true_random=False),
    portions=st.integers(1, 6),
)  # fmt: skip
def test_late_data_in_any_order_lead_to_the_same_marks(
    connection: psycopg.Connection, steps: list[tuple[int, int]], seed: random.Random, portions: int
) -> None:
    connection.execute("TRUNCATE reading")
    fixes = [Fix(sum(pause for pause, _ in steps[: n + 1]), north) for n, (_, north) in enumerate(steps)]
    shuffled = seed.sample(fixes, len(fixes))
    for part in range(portions):
        keep(connection, shuffled[part::portions])
    assert marked(connection) == faults(fixes)


def logged(file: Path) -> Iterator[tuple[datetime, float, float, float | None]]:
    """Time, place and error in metres (the log has centimetres) of every fix of a collar."""
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            error_m = float(row["ehpe"]) / 100 if row["ehpe"] else None
            at = datetime.fromisoformat(row["t"]).replace(tzinfo=UTC)
            yield at, float(row["latitude"]), float(row["longitude"]), error_m


def test_of_real_collars_few_fixes_are_marked(connection: psycopg.Connection, shared_data: Path) -> None:
    folder = shared_data / "sensors" / "animaltracker_cattle_gps"
    files = [*folder.glob("gps_P3_*.csv.gz"), *folder.glob("gps_ani[0-9]*.csv.gz")]
    if not files:
        pytest.skip(f"no collar logs in {folder}")
    for number, file in enumerate(files):
        with connection.cursor() as cursor, cursor.copy(
            "COPY reading (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, latitude, longitude,"
            " fix_error_m, clock_ok) FROM STDIN"
        ) as copy:  # fmt: skip
            for n, (at, *place) in enumerate(logged(file)):
                copy.write_row((f"{number:016x}", n, at, at, at, "gw", *place, True))
    hours = connection.execute("SELECT DISTINCT date_trunc('hour', measured_at) FROM reading").fetchall()
    fix_faults.refresh(connection, [hour for (hour,) in hours])
    shares = connection.execute(
        "SELECT (count(*) FILTER (WHERE fix_fault = 'jump'))::float8 / count(*) FROM reading GROUP BY tag_id"
    ).fetchall()
    # Of the steps in these logs 0.02-0.2 % are faster than 3 m/s; most of them are not there and back.
    assert max(share for (share,) in shares) < 0.002
    assert any(share > 0 for (share,) in shares)
