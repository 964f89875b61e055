"""Roll-ups are what all readings say, however late they came; retention takes what is old and nothing else."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from psycopg.rows import dict_row

from collateral.model.ids import BranchId, FarmId, PersonId
from collateral.model.person import Person, Role
from collateral.ops.clock import Clock
from collateral.store import histories, pool, retention, roll_ups, timescale
from collateral.store.ages import Ages
from collateral.store.counts import FrameRow
from collateral.store.gateways import StatusRow
from collateral.store.quarantine import QuarantineRow
from collateral.store.readings import ReadingRow
from collateral.store.telemetry import Ledgers, Load
from monitor_api import housekeeping
from stack.folders import REPOSITORY

NOW = datetime(2026, 3, 20, 6, 30, tzinfo=UTC)
DAYS = [datetime(2026, 3, 18, tzinfo=UTC), datetime(2026, 3, 19, tzinfo=UTC)]
STEPS = {"5min": timedelta(minutes=5), "hour": timedelta(hours=1), "day": timedelta(days=1)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGES = Ages()
AGES_IN_DAYS = range(0, 130, 3)
STORED = len(AGES_IN_DAYS) + 3
# Tag t2 goes from a2 to a3 in the middle of the first day; nobody wears t4.
WORN = [
    ("t1", "a1", DAYS[0] - timedelta(days=30), None),
    ("t2", "a2", DAYS[0] - timedelta(days=30), DAYS[0] + timedelta(hours=9, minutes=7)),
    ("t2", "a3", DAYS[0] + timedelta(hours=9, minutes=7), None),
    ("t3", "a4", DAYS[0] - timedelta(days=30), None),
]
STANDS = {"a1": ("f1", "p1"), "a2": ("f1", "p1"), "a3": ("f1", "p2"), "a4": ("f2", "p3")}
PILOT = """
INSERT INTO branch VALUES ('b1', '一', 'one'), ('b2', '二', 'two');
INSERT INTO farm VALUES
    ('f1', 'b1', '甲', 'A', 44, 116, 'Asia/Shanghai'), ('f2', 'b2', '乙', 'B', 44, 116, 'Asia/Shanghai');
INSERT INTO pen VALUES
    ('p1', 'f1', 'p', 'cattle', '[]'), ('p2', 'f1', 'p', 'cattle', '[]'), ('p3', 'f2', 'p', 'cattle', '[]');
INSERT INTO tag VALUES ('t1', 'f1', 'm', 3600), ('t2', 'f1', 'm', 3600), ('t3', 'f2', 'm', 3600), ('t4', 'f1', 'm', 3600);
"""


@pytest.fixture
def store(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as connection:
        connection.execute(PILOT)
        for animal, (farm, pen) in STANDS.items():
            connection.execute(
                "INSERT INTO animal (animal_id, farm_id, pen_id, species, scheme, identity)"
                " VALUES (%s, %s, %s, 'cattle', 'cn-tag', %s)", (animal, farm, pen, animal),
            )  # fmt: skip
        for assignment in WORN:
            connection.execute(
                "INSERT INTO tag_assignment (tag_id, animal_id, since, until) VALUES (%s, %s, %s, %s)", assignment
            )
        yield connection


@pytest.fixture
def ledgers(database: str, store: psycopg.Connection) -> Iterator[Ledgers]:
    made = Ledgers(database)
    made.open()
    yield made
    made.close()


def some(chance: random.Random, value: float) -> float | None:
    return value if chance.random() < 0.8 else None


def reading(chance: random.Random, sequence: int, tag: str, at: datetime, received: datetime = NOW) -> ReadingRow:
    faulty = chance.random() < 0.1
    placed = chance.random() < 0.7
    return (
        tag, sequence, at, at, received, "g1",
        44 + chance.random() if placed else None, 116 + chance.random() if placed else None, 5.0,
        chance.randrange(100) if chance.random() < 0.8 else None, some(chance, chance.randrange(100)),
        some(chance, chance.randrange(30, 40)), some(chance, chance.randrange(100)), some(chance, -90.0), 7.0,
        chance.choice([None, False, True]), True, "jump" if placed and faulty else None,
        some(chance, chance.randrange(60)),
    )  # fmt: skip


def made_up(seed: int, count: int = 600) -> list[ReadingRow]:
    """Readings over two days, many in the same period and some at its very edges, in no order."""
    chance = random.Random(seed)
    rows = []
    for sequence in range(count):
        at = chance.choice(DAYS) + timedelta(seconds=chance.randrange(86_400))
        if chance.random() < 0.3:
            at = at.replace(minute=at.minute // 5 * 5, second=0)
        rows.append(reading(chance, sequence, chance.choice(["t1", "t2", "t3", "t4"]), at))
    return rows


def start(at: datetime, step: timedelta) -> datetime:
    return at - (at - EPOCH) % step


def wearer(tag: str, at: datetime) -> str | None:
    return next((a for t, a, since, until in WORN if t == tag and since <= at and (until is None or at < until)), None)


def sums(rows: list[ReadingRow]) -> dict[str, Any]:
    activity = [r[10] for r in rows if r[10] is not None]
    warmth = [r[11] for r in rows if r[11] is not None]
    walked = [r[9] for r in rows if r[9] is not None]
    heard = [r[13] for r in rows if r[13] is not None]
    told = [r[15] for r in rows if r[15] is not None]
    chewed = [r[18] for r in rows if r[18] is not None]
    return {
        "readings": len(rows),
        "activity_readings": len(activity),
        "activity_mean": pytest.approx(sum(activity) / len(activity)) if activity else None,
        "steps": sum(walked) if walked else None,
        "ear_temp_readings": len(warmth),
        "ear_temp_mean_c": pytest.approx(sum(warmth) / len(warmth)) if warmth else None,
        "ear_temp_min_c": min(warmth, default=None),
        "ear_temp_max_c": max(warmth, default=None),
        "battery_min_pct": min((r[12] for r in rows if r[12] is not None), default=None),
        "last_heard_at": max(r[2] for r in rows),
        "rumination_min": sum(chewed) if chewed else None,
        "tampered": any(told) if told else None,
        "rssi_readings": len(heard),
        "rssi_mean_dbm": pytest.approx(sum(heard) / len(heard)) if heard else None,
    }


def of_an_animal(rows: list[ReadingRow]) -> dict[str, Any]:
    fixed = [r for r in rows if r[6] is not None and r[17] is None]
    newest = max(fixed, key=lambda r: (r[2], r[1])) if fixed else None
    place = (newest[2], newest[6], newest[7]) if newest else (None, None, None)
    return sums(rows) | dict(zip(("fix_at", "latitude", "longitude"), place, strict=True))


def heard_by_animal(rows: list[ReadingRow], step: timedelta) -> dict[tuple[datetime, str], list[ReadingRow]]:
    heard: dict[tuple[datetime, str], list[ReadingRow]] = {}
    for row in rows:
        if animal := wearer(row[0], row[2]):
            heard.setdefault((start(row[2], step), animal), []).append(row)
    return heard


def animals_by_hand(rows: list[ReadingRow], step: timedelta) -> dict[tuple[datetime, str], dict[str, Any]]:
    return {key: of_an_animal(found) for key, found in heard_by_animal(rows, step).items()}


def herds_by_hand(rows: list[ReadingRow], step: timedelta) -> dict[tuple[datetime, str, str | None], dict[str, Any]]:
    heard: dict[tuple[datetime, str, str | None], list[ReadingRow]] = {}
    for row in rows:
        if animal := wearer(row[0], row[2]):
            farm, pen = STANDS[animal]
            for which in (pen, None):
                heard.setdefault((start(row[2], step), farm, which), []).append(row)
    return {
        key: sums(found) | {"animals_heard": len({wearer(r[0], r[2]) for r in found})} for key, found in heard.items()
    }


def stored(connection: psycopg.Connection, table: str, *key: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"SELECT * FROM {table}").fetchall()  # type: ignore[arg-type]
    return {
        tuple(row[name] for name in key): {
            n: v for n, v in row.items() if n not in ("since", "animal_id", "farm_id", "pen_id")
        }
        for row in rows
    }


def assert_rolled_up(connection: psycopg.Connection, rows: list[ReadingRow]) -> None:
    for name, step in STEPS.items():
        assert stored(connection, f"animal_{name}", "since", "animal_id") == animals_by_hand(rows, step), name
        assert stored(connection, f"herd_{name}", "since", "farm_id", "pen_id") == herds_by_hand(rows, step), name


@pytest.mark.parametrize("seed", range(4))
def test_roll_ups_are_what_all_readings_say_though_some_came_late(
    store: psycopg.Connection, ledgers: Ledgers, seed: int
) -> None:
    rows = made_up(seed)
    sent: list[ReadingRow] = []
    for batch in (rows[:200], rows[200:220], rows[150:600]):
        ledgers.commit(Load(readings=batch), NOW)
        sent = list(dict.fromkeys(sent + batch))
        roll_ups.roll_up(store, NOW, AGES)
        assert_rolled_up(store, sent)
    assert len(sent) == len(rows)


def test_only_touched_hours_are_computed_and_a_second_run_changes_nothing(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    ledgers.commit(Load(readings=made_up(1)), NOW)
    assert len(roll_ups.roll_up(store, NOW, AGES).hours) == 48
    late = reading(random.Random(1), 9999, "t1", DAYS[0] + timedelta(hours=3))
    ledgers.commit(Load(readings=[late]), NOW)
    assert roll_ups.roll_up(store, NOW, AGES).hours == (DAYS[0] + timedelta(hours=3),)
    before = [stored(store, f"animal_{name}", "since", "animal_id") for name in STEPS]
    work = housekeeping.Housekeeping(store, AGES)
    assert work.roll_up(NOW) == roll_ups.RolledUp(hours=(), rows=0, passed_over=0)
    assert work.retain(NOW).dropped == work.retain(NOW).dropped == ()
    assert before == [stored(store, f"animal_{name}", "since", "animal_id") for name in STEPS]


def test_known_rows_that_come_again_touch_no_hour(store: psycopg.Connection, ledgers: Ledgers) -> None:
    rows = made_up(2, 50)
    ledgers.commit(Load(readings=rows), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    assert ledgers.commit(Load(readings=rows), NOW).duplicates == len(rows)
    assert roll_ups.waiting(store, NOW, AGES) == []


def test_rows_that_commit_while_a_roll_up_works_are_left_to_the_next(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    rows = made_up(3, 100)
    ledgers.commit(Load(readings=rows[:50]), NOW)

    def meanwhile(connection: psycopg.Connection, hours: object, now: datetime) -> None:
        ledgers.commit(Load(readings=rows[50:]), now)

    done = roll_ups.roll_up(store, NOW, AGES, errands=[meanwhile], stopping=iter([False, True]).__next__)
    assert done.hours
    roll_ups.roll_up(store, NOW, AGES)
    assert_rolled_up(store, rows)


def test_an_errand_that_fails_leaves_its_hours_for_the_next_run(store: psycopg.Connection, ledgers: Ledgers) -> None:
    rows = made_up(3, 20)
    ledgers.commit(Load(readings=rows), NOW)
    told: list[datetime] = []

    def fail(connection: psycopg.Connection, hours: list[datetime], now: datetime) -> None:
        told.extend(hours)
        raise RuntimeError("broken")

    waiting = roll_ups.waiting(store, NOW, AGES)
    with pytest.raises(RuntimeError):
        roll_ups.roll_up(store, NOW, AGES, errands=[fail])
    assert set(told) <= set(waiting)
    assert roll_ups.waiting(store, NOW, AGES) == waiting


def test_a_tag_assigned_after_its_readings_came_counts_from_then_on(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    rows = [reading(random.Random(n), n, "t4", DAYS[0] + timedelta(hours=n)) for n in range(6)]
    ledgers.commit(Load(readings=rows), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    assert stored(store, "animal_hour", "since") == {}
    store.execute(
        "INSERT INTO animal (animal_id, farm_id, pen_id, species, scheme, identity) VALUES ('a9', 'f1', 'p1', 'cattle', 'cn-tag', '9')"
    )
    store.execute("INSERT INTO tag_assignment VALUES ('t4', 'a9', %s)", (DAYS[0],))
    roll_ups.roll_up(store, NOW, AGES)
    assert len(stored(store, "animal_hour", "since", "animal_id")) == 6
    store.execute("DELETE FROM tag_assignment WHERE tag_id = 't4'")
    roll_ups.roll_up(store, NOW, AGES)
    for name in STEPS:
        assert stored(store, f"animal_{name}", "since") == stored(store, f"herd_{name}", "since") == {}


def test_dates_that_no_clock_can_rightly_say_are_kept_and_counted_but_not_summed_up(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    chance = random.Random(1)
    years = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2200, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ]
    rows = [reading(chance, n, "t1", at) for n, at in enumerate([*years, DAYS[0]])]
    ledgers.commit(Load(readings=rows), NOW)
    done = roll_ups.roll_up(store, NOW, AGES)
    assert (done.hours, done.passed_over) == ((DAYS[0],), 3)
    assert store.execute("SELECT count(*) FROM reading").fetchone() == (4,)
    assert store.execute("SELECT count(*) FROM touched_hour").fetchone() == (0,)


def test_an_animal_that_moves_keeps_its_past_in_its_old_pen(store: psycopg.Connection, ledgers: Ledgers) -> None:
    rows = [reading(random.Random(n), n, "t1", DAYS[0] + timedelta(minutes=n)) for n in range(4)]
    ledgers.commit(Load(readings=rows[:3]), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    store.execute("UPDATE animal SET pen_id = 'p2' WHERE animal_id = 'a1'")
    ledgers.commit(Load(readings=rows[3:]), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    assert set(stored(store, "herd_hour", "farm_id", "pen_id")) == {("f1", "p1"), ("f1", None)}


def test_a_branch_sees_its_own_sums_and_nothing_of_the_other(store: psycopg.Connection, ledgers: Ledgers) -> None:
    ledgers.commit(Load(readings=made_up(1)), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    officer = Person(
        person_id=PersonId("x"), login="x", name="x", role=Role.OFFICER, branch_id=BranchId("b2"), farm_id=None
    )
    with pool.acting_as(store, officer):
        for name in STEPS:
            assert {key[0] for key in stored(store, f"animal_{name}", "animal_id")} == {"a4"}
            assert {key[0] for key in stored(store, f"herd_{name}", "farm_id")} == {FarmId("f2")}


def test_the_history_of_an_animal_is_what_its_tags_said_while_it_wore_them(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    rows = made_up(5)
    ledgers.commit(Load(readings=rows), NOW)
    for animal in ("a2", "a3"):
        mine = sorted((r for r in rows if wearer(r[0], r[2]) == animal), key=lambda r: (r[2], r[1]))
        found = histories.readings(store, animal, DAYS[0], NOW)
        assert [(p.measured_at, p.steps, p.latitude) for p in found] == [
            (r[2], r[9], r[6] if r[17] is None else None) for r in mine
        ]
    roll_ups.roll_up(store, NOW, AGES)
    day = histories.animals_on(store, DAYS[1], farm_id="f1")
    assert {line.animal_id: line.readings for line in day} == {
        animal: sum(wearer(r[0], r[2]) == animal and r[2] >= DAYS[1] for r in rows) for animal in ("a1", "a3")
    }


# What is old ------------------------------------------------------------------------------------------------------


def old_and_young(ledgers: Ledgers) -> None:
    """A reading of t1 every third day, received at once; and three whose clock is wrong, two of them long ago."""
    chance = random.Random(1)
    rows = [reading(chance, n, "t1", NOW - timedelta(days=n), NOW - timedelta(days=n)) for n in AGES_IN_DAYS]
    long_ago = NOW - timedelta(days=100)
    rows.append(reading(chance, 1001, "t1", datetime(2200, 1, 1, tzinfo=UTC), long_ago))
    rows.append(reading(chance, 1002, "t2", datetime(1, 1, 1, tzinfo=UTC), long_ago))
    rows.append(reading(chance, 1003, "t2", datetime(1, 3, 1, tzinfo=UTC), NOW))
    ledgers.commit(Load(readings=rows), NOW)


def left(connection: psycopg.Connection) -> set[int]:
    return {number for (number,) in connection.execute("SELECT sequence FROM reading")}


def assert_kept_days(connection: psycopg.Connection, days: int) -> None:
    """All younger than `days`, nothing that is older by more than a chunk, and what came today whatever its clock says."""
    found = left(connection)
    assert {*(n for n in AGES_IN_DAYS if n < days), 1003} <= found
    assert not found & {*(n for n in AGES_IN_DAYS if n > days + 8), 1001, 1002}


def test_what_both_clocks_call_old_is_dropped_and_nothing_else(store: psycopg.Connection, ledgers: Ledgers) -> None:
    old_and_young(ledgers)
    would = retention.retain(store, NOW, AGES, dry_run=True)
    assert len(left(store)) == STORED
    done = retention.retain(store, NOW, AGES)
    assert done.dropped == would.dropped
    assert not done.more
    assert_kept_days(store, 90)
    assert retention.retain(store, NOW, AGES).dropped == ()


def test_an_open_case_keeps_what_it_rests_on_and_a_resolved_one_does_not(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    old_and_young(ledgers)
    event = NOW - timedelta(days=96)
    store.execute(
        "INSERT INTO supervision_case (rule, severity, stage, branch_id, farm_id, opened_at, event_at, last_seen_at,"
        " occurrences, value_affected_minor, due_at, animals, testimonies, figures)"
        " VALUES ('silence', 2, 'acknowledged', 'b1', 'f1', %(at)s, %(at)s, %(at)s, 1, 1, %(at)s, '{}', '[]', '{}')",
        {"at": event},
    )
    done = retention.retain(store, NOW, AGES)
    assert done.held_until == event - timedelta(days=14)
    assert {n for n in AGES_IN_DAYS if n < 110} <= left(store)
    assert not left(store) & {n for n in AGES_IN_DAYS if n > 118}
    store.execute("UPDATE supervision_case SET stage = 'closed'")
    assert retention.retain(store, NOW, AGES).held_until is None
    assert_kept_days(store, 90)


def test_a_run_takes_no_more_than_it_may_and_the_next_goes_on(
    database: str, store: psycopg.Connection, ledgers: Ledgers
) -> None:
    if timescale.edition(store).timescale:
        pytest.skip("whole chunks are dropped there, which takes no time")
    old_and_young(ledgers)
    old = sum(n >= 90 for n in AGES_IN_DAYS) + 2
    assert retention.retain(store, NOW, AGES, most_rows=old - 5).more
    assert len(left(store)) == STORED - old + 5
    assert not retention.retain(store, NOW, AGES, most_rows=old).more
    assert_kept_days(store, 90)


def test_evidence_and_quarantine_go_only_when_told_and_a_gateways_last_word_stays(
    store: psycopg.Connection, ledgers: Ledgers
) -> None:
    long_ago = NOW - timedelta(days=400)
    frame = FrameRow(sha256="a" * 64, camera_id="c", captured_at=long_ago, received_at=long_ago, jpeg=b"x")
    poison = QuarantineRow(received_at=long_ago, topic="t", reason="r", payload=b"x")
    words = [
        StatusRow(gateway_id=g, received_at=long_ago + timedelta(days=n), state="online", reported_at=long_ago + timedelta(days=n), unsent=0, oldest_unsent_at=None, software="1")
        for g in ("g1", "g2") for n in range(3)
    ]  # fmt: skip
    ledgers.commit(Load(frames=[frame], quarantined=[poison], statuses=words), NOW)
    for number, received in enumerate((long_ago, NOW)):
        store.execute(
            "INSERT INTO uplink (device_id, session, counter, payload_sha256, run, received_at, source)"
            " VALUES ('t1', 's', %s, %s, 0, %s, 'n')", (number, bytes(32), received),
        )  # fmt: skip
    assert {d.table: d.count for d in retention.retain(store, NOW, AGES).dropped} == {"uplink": 1, "gateway_status": 4}
    told = Ages(evidence=timedelta(days=365), quarantine=timedelta(days=365))
    assert {d.table: d.count for d in retention.retain(store, NOW, told).dropped} == {"evidence": 1, "quarantine": 1}


def test_sums_outlive_readings_and_late_data_do_not_spoil_them(store: psycopg.Connection, ledgers: Ledgers) -> None:
    rows = [reading(random.Random(n), n, "t1", DAYS[0] + timedelta(minutes=n)) for n in range(10)]
    ledgers.commit(Load(readings=rows[:9]), NOW)
    roll_ups.roll_up(store, NOW, AGES)
    later = NOW + timedelta(days=100)
    retention.retain(store, later, AGES)
    ledgers.commit(Load(readings=rows[9:]), later)
    assert roll_ups.roll_up(store, later, AGES) == roll_ups.RolledUp(hours=(), rows=0, passed_over=1)
    assert [s["readings"] for s in stored(store, "animal_day", "since").values()] == [9]
    assert stored(store, "animal_5min", "since") == {}
    much_later = NOW + timedelta(days=800)
    retention.retain(store, much_later, AGES)
    assert stored(store, "animal_day", "since") == stored(store, "herd_hour", "since", "pen_id") == {}


@pytest.mark.timescale
def test_the_apache_edition_is_never_asked_for_what_it_refuses(store: psycopg.Connection, ledgers: Ledgers) -> None:
    edition = timescale.edition(store)
    if edition.has_policies:
        pytest.skip("this is the Community edition")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        timescale.set_policies(store, AGES.compress_after, AGES.readings, held=False)
    old_and_young(ledgers)
    retention.retain(store, NOW, AGES)  # would raise the same, had it asked
    assert store.execute(
        "SELECT count(*) FROM timescaledb_information.jobs WHERE hypertable_name = 'reading'"
    ).fetchone() == (0,)


@pytest.mark.timescale
def test_a_chunk_that_is_being_read_is_left_for_the_next_run_and_holds_nobody_up(
    database: str, store: psycopg.Connection, ledgers: Ledgers
) -> None:
    old_and_young(ledgers)
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM reading WHERE measured_at < %s", (NOW - timedelta(days=120),))
        done = retention.retain(store, NOW, AGES)
        assert done.more
        ledgers.commit(Load(readings=[reading(random.Random(1), 5000, "t1", NOW)]), NOW)
    assert not retention.retain(store, NOW, AGES).more
    assert_kept_days(store, 90)


def housekeep(database: str, *arguments: str) -> str:
    frozen = Clock(0, NOW.timestamp(), 1e-9).setting()
    environment = os.environ | {"HERDLIEN_DATABASE_URL": database, "HERDLIEN_CLOCK": frozen}
    command = [sys.executable, "-m", "monitor_api", "housekeep", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_housekeeping_by_hand_says_what_it_did_and_the_second_time_nothing(
    database: str, store: psycopg.Connection, ledgers: Ledgers
) -> None:
    old_and_young(ledgers)
    assert "would drop" in housekeep(database, "--dry-run")
    assert len(left(store)) == STORED
    first = housekeep(database)
    assert "summed up 30 hours" in first
    assert "of reading before 2025-12-20" in first
    assert (
        housekeep(database)
        == "summed up 0 hours: 0 rows changed, 0 touches passed over\nnothing is old enough to drop\n"
    )


def test_roll_ups_come_every_time_and_retention_once_a_day(store: psycopg.Connection, ledgers: Ledgers) -> None:
    work = housekeeping.Housekeeping(store, AGES)
    work.keep(NOW)
    old_and_young(ledgers)
    work.keep(NOW + timedelta(hours=23))
    assert len(left(store)) == STORED
    assert roll_ups.waiting(store, NOW, AGES) == []
    work.keep(NOW + timedelta(hours=25))
    assert_kept_days(store, 89)


def test_the_watchkeepers_scheduler_keeps_house_every_five_minutes(
    store: psycopg.Connection, ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collateral.ops.clock.now", lambda: NOW)
    rows = made_up(4, 40)
    ledgers.commit(Load(readings=rows), NOW)
    scheduler = BackgroundScheduler(timezone=UTC)
    housekeeping.schedule(scheduler, housekeeping.Housekeeping(store, AGES))
    (job,) = scheduler.get_jobs()
    assert job.trigger.interval == timedelta(minutes=5)
    job.func()
    by_hand = {key: len(found) for key, found in heard_by_animal(rows, STEPS["hour"]).items()}
    assert {
        key: found["readings"] for key, found in stored(store, "animal_hour", "since", "animal_id").items()
    } == by_hand


def test_a_stop_ends_the_work_between_days(store: psycopg.Connection, ledgers: Ledgers) -> None:
    ledgers.commit(Load(readings=made_up(4)), NOW)
    stops = iter([False, True, True, True])
    done = roll_ups.roll_up(store, NOW, AGES, stopping=lambda: next(stops))
    assert {hour.date() for hour in done.hours} == {DAYS[1].date()}
    assert roll_ups.roll_up(store, NOW, AGES).hours[0].date() == DAYS[0].date()
