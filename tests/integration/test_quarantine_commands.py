"""The quarantine: kept once and counted, listed, shown, and read again after a fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from collateral.contract import codec
from collateral.contract.messages import VERSION, Reading, Readings
from collateral.contract.topics import Kind, Topic
from collateral.store import pool, quarantined
from collateral.store.quarantine import QuarantineRow, put_aside
from collateral.store.readings import Ledger, compare_published
from ingest.__main__ import main
from stack.ports import LOOPBACK, free_port

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UPLINK = "application/a/device/00000000000000AB/event/up"


@pytest.fixture
def connection(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    with pool.connect(database) as opened:
        yield opened


def topic(gateway: str = "gw-1") -> str:
    return str(Topic("farm", gateway, Kind.READINGS))


def row(payload: bytes, reason: str = "malformed", on: str | None = None, minutes: int = 0) -> QuarantineRow:
    return QuarantineRow(
        received_at=NOON + timedelta(minutes=minutes), topic=on or topic(), reason=reason, payload=payload
    )


def batch(number: int, rows: int = 3) -> bytes:
    """A message that is understood."""
    readings = [
        Reading(tag="00000000000000aa", seq=number * rows + n, measured_at=NOON, heard_at=NOON) for n in range(rows)
    ]
    return codec.encode(Readings(v=VERSION, gateway="gw-1", spool="s1", number=number, sent_at=NOON, readings=readings))


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """What a verb prints with --json."""
    assert main(["quarantine", *arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def numbers(connection: psycopg.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT quarantine_id FROM quarantine ORDER BY 1")]


def test_the_same_bytes_on_the_same_topic_are_one_row_and_are_counted(connection: psycopg.Connection) -> None:
    assert put_aside(connection, [row(b"x"), row(b"y"), row(b"x", minutes=1)]) == 2
    assert put_aside(connection, [row(b"x", "worse", minutes=2), row(b"x", on=topic("gw-2"))]) == 1
    assert put_aside(connection, []) == 0
    kept = connection.execute(
        "SELECT device_id, times, received_at, last_received_at, reason FROM quarantine WHERE payload = 'x' ORDER BY 1"
    ).fetchall()
    assert kept == [
        ("gw-1", 3, NOON, NOON + timedelta(minutes=2), "worse"), ("gw-2", 1, NOON, NOON, "malformed"),
    ]  # fmt: skip


def test_thousands_are_put_aside_at_once_and_their_bytes_are_kept(connection: psycopg.Connection) -> None:
    rows = [row(bytes([0, 255]) + str(n % 2500).encode(), f"nul \x00 and half \ud800 {n}") for n in range(5000)]
    assert put_aside(connection, rows) == 2500
    found = connection.execute("SELECT count(*), sum(times), min(length(payload)) FROM quarantine").fetchone()
    assert found == (2500, 5000, 3)


@pytest.mark.parametrize(
    ("on", "device"),
    [
        (topic("gw-7"), "gw-7"),
        (UPLINK, "00000000000000ab"),
        ("v3/app@tenant/devices/cow-1/up", "cow-1"),
        ("frigate/events", None),
        ("application/a/device//event/up", None),
    ],
)
def test_a_message_is_its_senders_as_far_as_the_topic_tells(
    connection: psycopg.Connection, on: str, device: str | None
) -> None:
    put_aside(connection, [row(b"x", on=on)])
    assert connection.execute("SELECT device_id FROM quarantine").fetchone() == (device,)


def test_the_list_is_newest_first_with_counts_per_device_and_reason(
    connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    put_aside(connection, [row(b"a"), row(b"b", "version 9", minutes=5), row(b"c", on=UPLINK, minutes=2), row(b"a")])
    told = said(capsys, "list")
    assert [line["topic"] for line in told["messages"]] == [topic(), UPLINK, topic()]
    assert [(t["of"], t["messages"], t["times"]) for t in told["by_device"]] == [
        ("gw-1", 2, 3), ("00000000000000ab", 1, 1),
    ]  # fmt: skip
    assert [(t["of"], t["messages"]) for t in told["by_reason"]] == [("malformed", 2), ("version 9", 1)]
    assert len(said(capsys, "list", "--device", "gw-1")["messages"]) == 2
    assert len(said(capsys, "list", "--reason", "VERSION")["messages"]) == 1
    assert main(["quarantine", "list", "--most", "1"]) == 0
    assert "version 9" in capsys.readouterr().out.splitlines()[0]


def test_a_message_is_shown_as_text_or_in_hexadecimal(
    connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    put_aside(connection, [row("猪{".encode()), row(b"\xff\xd8"), row(b"\x1b[2Jgone")])
    shown = [said(capsys, "show", str(number)) for number in numbers(connection)]
    assert [(each.get("text"), each.get("hex")) for each in shown if "text" in each] == [("猪{", None)]
    assert {each["hex"] for each in shown if "hex" in each} == {"ffd8", b"\x1b[2Jgone".hex()}
    assert main(["quarantine", "show", "999"]) == 1
    assert "no message 999" in capsys.readouterr().err


def test_what_is_understood_after_a_fix_is_stored_once_and_the_rest_stays_with_its_new_reason(
    connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    put_aside(connection, [row(batch(1), "a fault of ours"), row(batch(2), "a fault of ours"), row(b"{", "old reason")])
    told = said(capsys, "replay", "--all", "--dry-run", status=1)
    assert (len(told["understood"]), len(told["still"]), told["dry_run"]) == (2, 1, True)
    assert quarantined.waiting(connection) == 3

    told = said(capsys, "replay", "--reason", "fault of ours")
    assert (len(told["understood"]), told["rows"]["readings"]) == (2, 6)
    assert said(capsys, "replay", "--all", status=1)["understood"] == []
    kept = connection.execute("SELECT reason FROM quarantine WHERE replayed_at IS NULL").fetchall()
    assert len(kept) == 1
    assert kept[0][0] not in ("old reason", "a fault of ours")
    published = [("00000000000000aa", n, NOON) for n in range(3, 9)]
    assert compare_published(connection, published) == Ledger(published=6, stored=6, lost=0, duplicates=0, surplus=0)
    assert connection.execute("SELECT DISTINCT received_at FROM reading").fetchall() == [(NOON,)]
    assert connection.execute("SELECT committed_up_to FROM receipt").fetchall() == [(2,)]


def test_what_was_understood_is_not_replayed_again_but_waits_once_more_when_it_comes_again(
    connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    put_aside(connection, [row(batch(1))])
    (number,) = numbers(connection)
    said(capsys, "replay", str(number))
    assert said(capsys, "replay", str(number), status=1)["not_waiting"] == [number]
    assert said(capsys, "list")["messages"] == []
    assert len(said(capsys, "list", "--replayed")["messages"]) == 1
    assert put_aside(connection, [row(batch(1))]) == 0
    told = said(capsys, "replay", str(number))
    assert (told["understood"], told["rows"]["readings"]) == ([number], 0)


def test_what_the_database_refuses_stays(connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]) -> None:
    beyond = batch(1, rows=1).replace(b'"measured_at"', b'"steps":7,"measured_at"')
    put_aside(connection, [row(beyond), row(batch(2))])
    connection.execute("ALTER TABLE reading ADD CONSTRAINT no_steps CHECK (steps <> 7)")
    told = said(capsys, "replay", "--all", status=1)
    assert (len(told["understood"]), len(told["still"])) == (1, 1)
    assert main(["quarantine", "list"]) == 0
    assert "no_steps" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["replay"], ["replay", "--all", "7"], ["replay", "0"], ["show"], []])
def test_nothing_chosen_never_means_everything(
    connection: psycopg.Connection, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put_aside(connection, [row(batch(1))])
    with pytest.raises(SystemExit) as refused:
        main(["quarantine", *arguments])
    assert refused.value.code == 2
    assert capsys.readouterr().err
    assert list(quarantined.pages(connection, quarantined.Wanted())) == []
    assert quarantined.waiting(connection) == 1


def test_a_database_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", f"postgresql://someone@{LOOPBACK}:{free_port()}/none")
    assert main(["quarantine", "list"]) == 2
    assert "start it, or correct HERDLIEN_DATABASE_URL" in capsys.readouterr().err


def test_a_database_without_the_schema_is_named(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", empty_database)
    assert main(["quarantine", "list"]) == 2
    assert "monitor_api migrate" in capsys.readouterr().err


def test_simulated_messages_are_understood_where_simulators_are_allowed(
    connection: psycopg.Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_aside(connection, [row(batch(1)[:-1] + b',"simulated":true}')])
    said(capsys, "replay", "--all", status=1)
    monkeypatch.setenv("HERDLIEN_SIMULATED", "perhaps")
    assert main(["quarantine", "replay", "--all"]) == 2
    assert "simulated" in capsys.readouterr().err
    monkeypatch.setenv("HERDLIEN_SIMULATED", "accept")
    assert len(said(capsys, "replay", "--all")["understood"]) == 1
