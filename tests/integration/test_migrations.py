"""The schema: applied once, the same on both servers, append-only where it must be, and blind across branches."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from collateral.model.ids import BranchId, FarmId, PersonId
from collateral.model.person import Person, Role
from collateral.store import migrate, pool, timescale

PILOT: LiteralString = """
INSERT INTO branch VALUES ('b1', '一', 'one'), ('b2', '二', 'two');
INSERT INTO farm VALUES
    ('f1', 'b1', '甲', 'A', 44, 116, 'Asia/Shanghai'), ('f2', 'b2', '乙', 'B', 44, 116, 'Asia/Shanghai');
INSERT INTO pen VALUES ('p1', 'f1', 'p', 'cattle', '[]'), ('p2', 'f2', 'p', 'cattle', '[]');
INSERT INTO animal (animal_id, farm_id, pen_id, species, scheme, identity)
    VALUES ('a1', 'f1', 'p1', 'cattle', 'cn-tag', '1'), ('a2', 'f2', 'p2', 'cattle', 'cn-tag', '2');
INSERT INTO loan VALUES
    ('l1', 'b1', 'c1', '甲', 'A', 100, 100, 'CNY', 0.5, '2026-01-01', '2027-01-01'),
    ('l2', 'b2', 'c2', '乙', 'B', 100, 100, 'CNY', 0.5, '2026-01-01', '2027-01-01');
INSERT INTO pledge (loan_id, animal_id, head, value_per_head_minor, since)
    VALUES ('l1', 'a1', 1, 1, '2026-01-01Z'), ('l2', 'a2', 1, 1, '2026-01-01Z');
INSERT INTO supervision_case (rule, severity, stage, branch_id, farm_id, loan_id, opened_at, event_at, last_seen_at,
        occurrences, value_affected_minor, due_at, animals, testimonies, figures)
    SELECT 'silence', 2, 'new', 'b' || n, 'f' || n, 'l' || n, now(), now(), now(), 1, 1, now(), '{}', '[]', '{}'
    FROM generate_series(1, 2) AS n;
INSERT INTO case_event (case_id, at, actor, event) SELECT case_id, now(), 'rule', 'opened' FROM supervision_case;
"""
SCOPED = ("farm", "pen", "animal", "loan", "pledge", "supervision_case", "case_event")


@pytest.fixture
def pilot(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as connection:
        connection.execute(PILOT)
        yield connection


def person(role: Role, branch: str | None = None, farm: str | None = None) -> Person:
    return Person(
        person_id=PersonId("x"),
        login="x",
        name="x",
        role=role,
        branch_id=BranchId(branch) if branch else None,
        farm_id=FarmId(farm) if farm else None,
    )


def seen(connection: psycopg.Connection, who: Person) -> dict[str, int]:
    """How many rows of each scoped table this person sees; each has one row a branch."""
    counts: dict[str, int] = {}
    with pool.acting_as(connection, who):
        for table in SCOPED:
            (counts[table],) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)  # type: ignore[arg-type]
    return counts


def test_applying_twice_changes_nothing(empty_database: str) -> None:
    first = migrate.migrate(empty_database)
    again = migrate.migrate(empty_database)
    assert list(first.applied) == [name for name, _ in migrate.scripts()]
    assert again.applied == ()
    assert again.database == first.database
    with pool.connect(empty_database) as connection:
        assert migrate.is_current(connection)


def test_an_empty_database_is_not_current(empty_database: str) -> None:
    with pool.connect(empty_database) as connection:
        assert not migrate.is_current(connection)


@pytest.mark.timescale
def test_readings_are_a_hypertable_without_the_costly_time_index(database: str) -> None:
    with pool.connect(database) as connection:
        names = connection.execute("SELECT hypertable_name FROM timescaledb_information.hypertables").fetchall()
        # One that holds nearly no rows costs nearly nothing.
        indexes = connection.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'reading' AND indexdef NOT LIKE '%WHERE tamper'"
        ).fetchall()
        assert timescale.edition(connection).timescale
    assert ("reading",) in names
    assert indexes == [("reading_key",)]


def test_case_events_can_be_added_but_never_changed(pilot: psycopg.Connection) -> None:
    for statement in ("UPDATE case_event SET actor = 'me'", "DELETE FROM case_event"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            pilot.execute(statement)


def test_a_branch_sees_its_own_and_nothing_of_the_other(pilot: psycopg.Connection) -> None:
    assert seen(pilot, person(Role.OFFICER, "b1")) == dict.fromkeys(SCOPED, 1)
    with pool.acting_as(pilot, person(Role.OFFICER, "b1")):
        assert pilot.execute("SELECT loan_id FROM loan").fetchall() == [("l1",)]
        assert pilot.execute("SELECT farm_id FROM animal").fetchall() == [("f1",)]


def test_the_head_office_sees_every_branch(pilot: psycopg.Connection) -> None:
    assert seen(pilot, person(Role.RISK)) == dict.fromkeys(SCOPED, 2)


def test_a_farm_hand_sees_the_own_farm_and_no_loan(pilot: psycopg.Connection) -> None:
    found = seen(pilot, person(Role.FARM, "b1", "f1"))
    assert (found["farm"], found["animal"], found["supervision_case"]) == (1, 1, 1)
    assert (found["loan"], found["pledge"]) == (0, 0)


def test_a_person_cannot_touch_another_branchs_case(pilot: psycopg.Connection) -> None:
    with pool.acting_as(pilot, person(Role.OFFICER, "b1")):
        changed = pilot.execute("UPDATE supervision_case SET stage = 'acknowledged' WHERE branch_id = 'b2'")
        assert changed.rowcount == 0


def test_without_a_scope_a_person_sees_nothing(pilot: psycopg.Connection) -> None:
    with pilot.transaction():
        pilot.execute("SET LOCAL ROLE herdlien_person")
        assert pilot.execute("SELECT count(*) FROM loan").fetchone() == (0,)
