"""What the rules see comes out of the database as it went in: columns by the hour, the air, strays, checks, patrols."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from collateral.facts.herd import HerdFacts
from collateral.facts.series import HOURS
from collateral.store import facts, pool, roll_ups
from collateral.store.ages import Ages
from collateral.store.gathering import Gatherer
from collateral.store.readings import ReadingRow
from collateral.store.telemetry import Ledgers, Load

NOW = datetime(2026, 3, 20, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
HOUR = timedelta(hours=1)
WEEKS = 17 * 24
TAGS = {"t1": "a1", "t2": "a2"}
PILOT = """
INSERT INTO branch VALUES ('b1', '一', 'one');
INSERT INTO person VALUES ('p', 'p', 'p', 'officer', 'b1', NULL, 'x', 'zh');
INSERT INTO farm VALUES
    ('f1', 'b1', '甲', 'A', 44, 116, 'Asia/Shanghai'), ('f2', 'b1', '乙', 'B', 44, 117, 'Asia/Shanghai');
INSERT INTO pen VALUES ('p1', 'f1', 'p', 'cattle', '[[116,44],[116.01,44],[116.01,44.01],[116,44.01]]');
INSERT INTO gateway VALUES ('g1', 'f1', 44, 116, 300), ('g2', 'f2', 44, 117, 300);
INSERT INTO tag VALUES ('t1', 'f1', 'm', 3600), ('t2', 'f1', 'm', 3600);
INSERT INTO animal (animal_id, farm_id, pen_id, species, scheme, identity) VALUES
    ('a1', 'f1', 'p1', 'cattle', 'cn-tag', '1'), ('a2', 'f1', 'p1', 'cattle', 'cn-tag', '2');
INSERT INTO tag_assignment VALUES ('t1', 'a1', '2026-01-01Z', NULL), ('t2', 'a2', '2026-01-01Z', NULL);
INSERT INTO loan VALUES ('L1', 'b1', 'c1', '甲', 'A', 100, 50, 'CNY', .6, '2026-01-01', '2027-01-01');
"""


def reading(
    tag: str, sequence: int, at: datetime, *, gateway: str = "g1", activity: float | None = 40.0, tamper: bool = False
) -> ReadingRow:
    return (
        tag, sequence, at, at, at, gateway, None, None, None, 100, activity, 33.5, 80.0, -90.0, 7.0, tamper, True, None,
        21.0,
    )  # fmt: skip


@pytest.fixture
def store(database: str) -> Iterator[psycopg.Connection]:
    """Seventeen days of hourly readings, a quarter past; a2 says nothing for the last day."""
    with pool.connect(database) as connection:
        connection.execute(PILOT)
        ledgers = Ledgers(database)
        try:
            ledgers.commit(Load(readings=list(weeks())), NOW)
        finally:
            ledgers.close()
        yield connection


def weeks() -> Iterator[ReadingRow]:
    first = NOW.replace(minute=15) - WEEKS * HOUR
    for number in range(WEEKS):
        at = first + number * HOUR
        local = (at.hour + 8) % 24
        yield reading("t1", number, at, activity=30.0 + local)
        if at < NOW - timedelta(days=1):
            yield reading("t2", number, at, activity=10.0 + local)


def late(database: str, *rows: ReadingRow) -> None:
    ledgers = Ledgers(database)
    try:
        ledgers.commit(Load(readings=list(rows)), NOW)
    finally:
        ledgers.close()


def gathered(connection: psycopg.Connection, at: datetime = NOW, gatherer: Gatherer | None = None) -> HerdFacts:
    roll_ups.roll_up(connection, at, Ages())
    farm = facts.farms(connection)[0]
    return (gatherer or Gatherer()).gather(connection, farm, at)


def test_the_columns_hold_three_days_by_the_hour_and_silence_is_not_zero(store: psycopg.Connection) -> None:
    series = gathered(store).series
    assert series is not None
    assert series.ends_at == NOW.replace(minute=0)
    assert series.activity.values.shape == (2, HOURS)
    assert series.activity.values[0].tolist() == [30.0 + hour for hour in series.local_hours]
    assert np.isnan(series.activity.values[1, -23:]).all()
    assert np.nanmax(series.steps.values) == 100
    assert np.nanmax(series.rumination_min.values) == 21
    assert series.battery_pct.tolist() == [80.0, 80.0]
    assert series.rssi_dbm[0] == -90.0


def test_the_usual_day_is_the_animals_own_and_rests_on_the_time_before_the_window(store: psycopg.Connection) -> None:
    series = gathered(store).series
    assert series is not None
    assert series.activity.usual[0].tolist() == [30.0 + hour for hour in range(24)]
    assert series.activity.usual[1].tolist() == [10.0 + hour for hour in range(24)]
    assert series.activity.spread.tolist() == [0.0, 0.0]


def test_a_tag_taken_off_in_the_running_hour_is_seen_without_waiting_for_the_roll_up(
    store: psycopg.Connection, database: str
) -> None:
    gatherer = Gatherer()
    assert not gathered(store, gatherer=gatherer).series.tamper.any()  # type: ignore[union-attr]
    late(database, reading("t1", 9_000, NOW + timedelta(minutes=1), tamper=True))
    farm = facts.farms(store)[0]
    series = gatherer.gather(store, farm, NOW + timedelta(minutes=2)).series
    assert series is not None
    assert series.tamper[:, -1].tolist() == [True, False]


def test_a_tag_heard_at_another_farm_is_told_with_all_that_was_heard_of_it(
    store: psycopg.Connection, database: str
) -> None:
    assert gathered(store).sightings == ()
    late(database, reading("t1", 9_001, NOW - timedelta(minutes=5), gateway="g2"))
    found = gathered(store).sightings
    assert {s.farm_id for s in found} == {"f1", "f2"}
    assert {s.tag_id for s in found} == {"t1"}


def test_the_air_checks_and_patrols_come_as_they_were_known_then(store: psycopg.Connection) -> None:
    store.execute("INSERT INTO weather VALUES ('f1', %s, 31.5, 0.6, 'station')", (NOW.replace(minute=0) - 2 * HOUR,))
    store.execute(
        "INSERT INTO identity_check (animal_id, checked_at, matched, method, checked_by) VALUES ('a1', %s, false, 'muzzle', 'p')",
        (NOW - HOUR,),
    )
    store.execute(
        "INSERT INTO patrol VALUES ('v1', 'f1', 'L1', 'Li', %s, %s, 44, 116, 2, 2, '{aa}')",
        (NOW - 5 * HOUR, NOW - HOUR),
    )
    now, before = gathered(store), gathered(store, NOW - 2 * HOUR)
    assert now.climate is not None
    assert now.climate.temp_c[-2] == pytest.approx(31.5)
    assert np.isnan(now.climate.temp_c[-1])
    assert [c.matched for c in now.checks] == [False]
    assert [(v.counted, v.photos) for v in now.patrols] == [(2, ("aa",))]
    assert before.checks == ()
    assert [(v.done_at, v.counted, v.photos) for v in before.patrols] == [(None, None, ())]
