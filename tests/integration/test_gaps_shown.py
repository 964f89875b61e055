"""What is missing is seen by those whose devices they are, and faulted fixes are heard but are no positions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from collateral.contract.topics import Kind, Topic
from collateral.store import pool
from collateral.store.ages import Ages
from collateral.store.quarantine import QuarantineRow, put_aside
from collateral.store.telemetry import Ledgers, Load
from monitor_api.housekeeping import Housekeeping
from stack.postgres import EmbeddedPostgres
from tests.integration.api import NOW, Bank, open_bank, open_case, read
from tests.integration.enrolments import HEAD, NORTH, tag_of


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        # The small bank numbers its readings by the second; those would be gaps of thousands.
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("TRUNCATE reading, touched_hour")
        yield opened


@pytest.fixture
def field(database: str, bank: Bank) -> Iterator[Ledgers]:
    ledgers = Ledgers(database)
    ledgers.open()
    yield ledgers
    ledgers.close()


def send(field: Ledgers, tag: str, numbers: dict[int, datetime], message: tuple[str, int]) -> None:
    """A message of a gateway with these readings of a tag."""
    gateway, number = message
    rows: list[Any] = [
        (tag, seq, at, at, NOW, gateway, *NORTH, 5.0, *[None] * 7, True, None, None) for seq, at in numbers.items()
    ]
    field.commit(Load(readings=rows, numbers={(gateway, "s1"): [number]}), NOW)


def keep_house(dsn: str) -> None:
    """What the watchkeeper does every five minutes."""
    with pool.connect(dsn) as connection:
        Housekeeping(connection, Ages()).keep(NOW)


def figures(bank: Bank, login: str) -> list[tuple[str, int, int]]:
    """What is missing, per gateway (messages, unreadable ones) and per farm (tags, readings)."""
    devices = bank.get("/devices", login).json()
    return [(g["gateway_id"], g["missing_messages"], g["unreadable_24h"]) for g in devices["gateways"]] + [
        (t["farm"]["id"], t["with_gaps"], t["missing_readings"]) for t in devices["tags"]
    ]


def hours_ago(*hours: float) -> list[datetime]:
    return [NOW - timedelta(hours=each) for each in hours]


def test_gaps_are_noticed_by_housekeeping_and_closed_when_the_missing_data_come(bank: Bank, field: Ledgers) -> None:
    first, second, third = hours_ago(5, 3, 1)
    send(field, tag_of("a", 0), {10: first, 15: third}, ("n-gw", 4))
    keep_house(bank.dsn)
    assert figures(bank, "n-officer") == [("n-gw", 3, 0), ("sunny", 1, 4)]
    send(field, tag_of("a", 0), {12: second}, ("n-gw", 2))
    keep_house(bank.dsn)
    assert figures(bank, "n-officer") == [("n-gw", 2, 0), ("sunny", 1, 3)]
    rest = dict(zip((11, 13, 14), hours_ago(4, 2.5, 2), strict=True))
    send(field, tag_of("a", 0), rest, ("n-gw", 3))
    send(field, tag_of("a", 0), rest, ("n-gw", 1))
    keep_house(bank.dsn)
    assert figures(bank, "n-officer") == [("n-gw", 0, 0), ("sunny", 0, 0)]


def test_gaps_older_than_a_day_are_not_todays(bank: Bank, field: Ledgers) -> None:
    before, after, now = hours_ago(50, 30, 1)
    send(field, tag_of("a", 0), {1: before, 4: after, 5: now}, ("n-gw", 1))
    keep_house(bank.dsn)
    assert figures(bank, "n-officer") == [("n-gw", 0, 0), ("sunny", 0, 0)]


def test_no_branch_learns_what_is_missing_at_another(bank: Bank, field: Ledgers) -> None:
    first, last = hours_ago(2, 1)
    send(field, tag_of("b", 0), {1: first, 9: last}, ("s-gw", 3))
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        on = str(Topic("misty", "s-gw", Kind.READINGS))
        put_aside(connection, [QuarantineRow(received_at=last, topic=on, reason="x", payload=b"x")])
    keep_house(bank.dsn)
    assert figures(bank, "s-officer") == [("s-gw", 2, 1), ("misty", 1, 7)]
    assert figures(bank, "n-officer") == [("n-gw", 0, 0), ("sunny", 0, 0)]
    assert {row for row in figures(bank, "all-risk") if row[1]} == {("s-gw", 2, 1), ("misty", 1, 7)}
    with bank.desk.connections.connection() as connection, connection.transaction():
        connection.execute("SET LOCAL ROLE herdlien_person")
        connection.execute(
            "SELECT set_config('herdlien.branch', 'north', true), set_config('herdlien.farm', '*', true)"
        )
        assert connection.execute("SELECT count(*) FROM device_gap").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT payload FROM quarantine")


def test_what_is_missing_is_measured_and_unknown_while_the_database_is_away(
    postgres_server: EmbeddedPostgres, bank: Bank, field: Ledgers
) -> None:
    first, last = hours_ago(2, 1)
    send(field, tag_of("a", 0), {1: first, 9: last}, ("n-gw", 3))
    keep_house(bank.dsn)
    told = bank.client.get("/metrics").text
    for line in ('gaps_open{kind="tag"} 1.0', 'gaps_missing{kind="gateway"} 2.0', "quarantine_waiting 0.0"):
        assert f"herdlien_{line}" in told
    field.close()
    postgres_server.stop()
    try:
        told = bank.client.get("/metrics").text
    finally:
        postgres_server.start()
    assert "herdlien_quarantine_waiting NaN" in told
    assert "herdlien_gaps_open{" not in told


def test_a_faulted_fix_is_heard_and_is_no_position(bank: Bank) -> None:
    far = (NORTH[0] + 0.02, NORTH[1])
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        for hours, place in ((3, NORTH), (2, far), (1, far)):
            read(connection, tag_of("a", HEAD - 1), "n-gw", NOW - timedelta(hours=hours), place)
        connection.execute("UPDATE reading SET fix_fault = 'jump' WHERE latitude = %s", (far[0],))
        read(connection, tag_of("a", 0), "n-gw", NOW - timedelta(hours=1), (0.0, 0.0))
        connection.execute("UPDATE reading SET fix_fault = 'zero' WHERE latitude = 0")
    unseen = {animal["animal_id"] for animal in bank.get("/loans/n-loan", "n-officer").json()["unseen"]}
    assert f"n-animal-{HEAD - 1}" not in unseen
    assert "n-animal-0" not in unseen
    (placed,) = bank.get("/farms/sunny/map", "n-officer").json()["animals"]
    assert (placed["animal_id"], placed["outside_fence"]) == (f"n-animal-{HEAD - 1}", False)
    assert (placed["latitude"], placed["last_seen_at"]) == (NORTH[0], "2026-06-01T11:00:00Z")
    (named,) = bank.get(f"/alerts/{open_case(bank.dsn)}", "n-officer").json()["animals"]
    assert (named["latitude"], named["last_seen_at"]) == (NORTH[0], "2026-06-01T11:00:00Z")
