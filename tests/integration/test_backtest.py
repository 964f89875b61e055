"""Stored history played again: the cases that would have been opened, and nothing written."""

import json
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from collateral.store import past_cases, pool
from monitor_api import backtest
from monitor_api.__main__ import main
from monitor_api.watchkeeper import Watch
from tests.integration.test_watchkeeper import HERD, NIGHT, STOLEN, beat, before_the_night, theft

STEP = timedelta(minutes=1)


@pytest.fixture
def night(database: str) -> Iterator[psycopg.Connection]:
    """A night theft that nobody watched."""
    with pool.connect(database) as connection:
        before_the_night(connection)
        beat(connection, NIGHT - timedelta(minutes=1))
        for minute in range(40):
            theft(connection, minute)
        yield connection


def play(connection: psycopg.Connection) -> backtest.Backtest:
    return backtest.run(connection, NIGHT, NIGHT + timedelta(minutes=39), STEP)


def rows(connection: psycopg.Connection) -> tuple[int, ...]:
    tables = ("supervision_case", "case_event", "outbox", "reconciliation")
    return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


def test_the_night_is_told_as_one_red_case(night: psycopg.Connection) -> None:
    done = play(night)
    (theft_,) = [w for w in done.cases if w.case.rule == "group_removal"]
    assert (theft_.case.severity.word, len(theft_.case.animals), theft_.stored) == ("red", STOLEN, None)
    assert (done.ticks, done.animals) == (40, HERD)


def test_nothing_is_written_and_the_database_sees_to_it(night: psycopg.Connection) -> None:
    before = rows(night)
    play(night)
    assert rows(night) == before
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        night.execute("DELETE FROM outbox")


def test_the_same_history_says_the_same_twice(night: psycopg.Connection) -> None:
    assert play(night).as_json() == play(night).as_json()


def test_what_people_said_of_the_stored_case_stands_beside_it(database: str, night: psycopg.Connection) -> None:
    watch = Watch(night, frozenset())
    for minute in range(40):
        watch.look(NIGHT + timedelta(minutes=minute, seconds=30))
    night.execute("UPDATE supervision_case SET disposition = 'confirmed' WHERE rule = 'group_removal'")
    with pool.connect(database) as reading:
        done = play(reading)
        stored = past_cases.between(reading, NIGHT, NIGHT + timedelta(hours=1))
    assert done.as_json()["rules"]["group_removal"] == {
        "opened": 1, "stored_too": 1, "confirmed": 1, "false_alarm": 0, "explained": 0, "stored_but_not_opened": 0,
    }  # fmt: skip
    assert {w.stored.case_id for w in done.cases if w.stored} | {p.case_id for p in done.untold} == {
        p.case_id for p in stored
    }


def test_the_command_prints_one_object_last(
    database: str, night: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    until = NIGHT + timedelta(minutes=39)
    words = ["backtest", "--from", NIGHT.isoformat(), "--to", until.isoformat(), "--step-min", "3", "--json"]
    assert main(words) == 0
    captured = capsys.readouterr()
    said = json.loads(captured.out.splitlines()[-1])
    assert said["ticks"] == 14
    assert "group_removal" in said["rules"]
    assert "14 of 14 looks" in captured.err


@pytest.mark.parametrize(("text", "why"), [("2026-03-01T18:00", "time zone"), ("yesterday", "is no time")])
def test_a_time_without_a_zone_or_none_at_all_is_refused(
    text: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["backtest", "--from", text, "--to", "2026-03-02T00:00Z"])
    assert why in capsys.readouterr().err


def test_a_stretch_that_ends_before_it_begins_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "--from", "2026-03-02T00:00Z", "--to", "2026-03-01T00:00Z"]) == 2
    assert "later than" in capsys.readouterr().err
