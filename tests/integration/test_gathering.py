"""What the rules see comes out of the database as it went in: columns by the hour, the air, strays, checks, patrols."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from collateral.facts.herd import HerdFacts
from collateral.facts.series import HOURS
from collateral.store import facts, pool, roll_ups, valuations
from collateral.store.ages import Ages
from collateral.store.gathering import Gatherer
from collateral.store.readings import ReadingRow
from collateral.store.telemetry import Ledgers, Load
from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import read

NOW = datetime(2026, 3, 20, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
HOUR = timedelta(hours=1)
WEEKS = 17 * 24
PHOTO = "ab" * 32
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


def feed(connection: psycopg.Connection, kind: str, text: str) -> None:
    sheet = read(SHEETS[kind], text.encode(), NOW.date())
    done, again = valuations.feed(connection, kind, sheet), valuations.feed(connection, kind, sheet)
    assert (done.new, again.same, done.faults) == (1, 1, ())


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
    hour = NOW.replace(minute=0) - 2 * HOUR
    feed(store, "weather", f"farm_id,at,temp_c,humidity_pct,source\nf1,{hour.isoformat()},31.5,60,station\n")
    feed(
        store,
        "identity-checks",
        f"animal_id,checked_at,matched,method,checked_by\na1,{(NOW - HOUR).isoformat()},no,muzzle,Li\n",
    )
    due, done = (NOW - 5 * HOUR).isoformat(), (NOW - HOUR).isoformat()
    feed(
        store,
        "patrols",
        "patrol_id,farm_id,loan_id,supervisor,due_at,done_at,latitude,longitude,counted,book,photos\n"
        f"v1,f1,L1,Li,{due},{done},44,116,2,2,{PHOTO}\n",
    )
    now, before = gathered(store), gathered(store, NOW - 2 * HOUR)
    assert now.climate is not None
    assert now.climate.temp_c[-2] == pytest.approx(31.5)
    assert np.isnan(now.climate.temp_c[-1])
    assert [c.matched for c in now.checks] == [False]
    assert [(v.counted, v.photos) for v in now.patrols] == [(2, (PHOTO,))]
    assert before.checks == ()
    assert [(v.done_at, v.counted, v.photos) for v in before.patrols] == [(None, None, ())]


def beat(connection: psycopg.Connection, at: datetime) -> None:
    connection.execute(
        "INSERT INTO gateway_status VALUES ('g1', %s, 'online', %s, 0, NULL, 'x') ON CONFLICT DO NOTHING", (at, at)
    )


def test_a_gateway_that_was_dark_and_is_back_tells_of_its_outage_with_the_count_before(
    store: psycopg.Connection, database: str
) -> None:
    store.execute("DELETE FROM reading WHERE measured_at > %s", (NOW - 6 * HOUR,))
    store.execute("INSERT INTO camera VALUES ('c1', 'f1', 'p1', 'g1', 300)")
    store.execute(
        "INSERT INTO head_count (camera_id, sequence, captured_at, counted_at, received_at, gateway_id, low, best, high,"
        " method, model_version, frame_sha256) VALUES ('c1', 1, %(at)s, %(at)s, %(at)s, 'g1', 1, 2, 3, 'm', 'v', 'aa')",
        {"at": NOW - 5 * HOUR - timedelta(minutes=5)},
    )
    for hours in (6.0, 5.5, 5.0, 1.0, 0.5):
        beat(store, NOW - hours * HOUR)
    (outage,) = gathered(store).outages
    assert (outage.gateway_id, outage.lasted) == ("g1", 4 * HOUR)
    assert [c.count and c.count.best for c in outage.counts_before] == [2]


def test_a_gateway_that_only_lost_its_link_had_no_outage_once_its_readings_have_come(
    store: psycopg.Connection, database: str
) -> None:
    store.execute("DELETE FROM reading WHERE measured_at > %s", (NOW - 6 * HOUR,))
    for hours in (6.0, 5.5, 1.0, 0.5):
        beat(store, NOW - hours * HOUR)
    assert len(gathered(store).outages) == 1
    late(database, reading("t1", 9_100, NOW - 3 * HOUR))
    assert gathered(store).outages == ()
