"""The telemetry tables: one transaction, known rows left out, refusals told from absences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from collateral.store import pool, receipts
from collateral.store.counts import HeadCountRow
from collateral.store.gateways import StatusRow
from collateral.store.progress import Progress
from collateral.store.quarantine import QuarantineRow
from collateral.store.readings import Ledger, ReadingRow, compare_published
from collateral.store.telemetry import Away, Ledgers, Load, Refused
from stack.ports import LOOPBACK, free_port

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPOOL = ("gw", "s1")
STATUS = StatusRow(
    gateway_id="gw", received_at=NOON, state="online", reported_at=NOON, unsent=0, oldest_unsent_at=None, software="1"
)


def row(sequence: int, at: datetime = NOON) -> ReadingRow:
    return ("00000000000000aa", sequence, at, NOON, NOON, "gw", 44.0, 116.0, 5.0, 3, *[None] * 6, True, None, None)  # type: ignore[return-value]


@pytest.fixture
def ledgers(database: str) -> Iterator[Ledgers]:
    made = Ledgers(database)
    made.open()
    yield made
    made.close()


def one(database: str, query: str) -> object:
    with psycopg.connect(database) as connection:
        found = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return found[0] if found else None


def test_new_rows_go_straight_in_and_known_ones_are_left_out(ledgers: Ledgers, database: str) -> None:
    first = ledgers.commit(Load(readings=[row(n) for n in range(10)]), NOON)
    again = ledgers.commit(Load(readings=[row(n) for n in range(5, 15)]), NOON)
    assert (first.stored["readings"], first.duplicates, first.staged) == (10, 0, False)
    assert (again.stored["readings"], again.duplicates, again.staged) == (5, 5, True)
    assert one(database, "SELECT count(*) FROM reading") == 15


def test_the_same_row_twice_in_one_batch_is_stored_once(ledgers: Ledgers, database: str) -> None:
    assert ledgers.commit(Load(readings=[row(1), row(1)]), NOON).duplicates == 1
    assert one(database, "SELECT count(*) FROM reading") == 1


def test_readings_years_apart_are_stored_alike(ledgers: Ledgers, database: str) -> None:
    far = [row(1, datetime(1, 1, 1, tzinfo=UTC)), row(2, datetime(2200, 1, 1, tzinfo=UTC))]
    ledgers.commit(Load(readings=far), NOON)
    assert one(database, "SELECT count(*) FROM reading") == 2


def test_receipts_are_committed_with_their_rows_or_not_at_all(ledgers: Ledgers, database: str) -> None:
    bad = HeadCountRow(
        camera_id="cam", sequence=1, captured_at=NOON, counted_at=NOON, received_at=NOON, gateway_id="gw",
        low=1, best=2, high=2**40, unknown_because=None, method="m", model_version="1", frame_sha256="0" * 64,
        boxes=[], took_ms=None,
    )  # fmt: skip
    load = Load(readings=[row(1)], counts=[bad], numbers={SPOOL: [1]})
    with pytest.raises(Refused, match="out of range"):
        ledgers.commit(load, NOON)
    assert one(database, "SELECT count(*) FROM reading") == 0
    assert one(database, "SELECT count(*) FROM receipt") == 0
    load.counts = [replace(bad, high=3)]
    assert ledgers.commit(load, NOON).progress == {SPOOL: Progress(1)}


def test_text_that_the_database_cannot_hold_is_refused(ledgers: Ledgers) -> None:
    with pytest.raises(Refused, match="NUL"):
        ledgers.commit(Load(statuses=[replace(STATUS, software="a\x00b")]), NOON)


def test_a_server_that_does_not_answer_is_away_and_not_a_refusal() -> None:
    with pytest.raises(Away, match="HERDLIEN_DATABASE_URL"):
        Ledgers(f"postgresql://u@{LOOPBACK}:{free_port()}/d").commit(Load(readings=[row(1)]), NOON)


def test_a_cut_connection_is_away_once_and_then_opened_again(ledgers: Ledgers, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    with pytest.raises(Away):
        ledgers.commit(Load(readings=[row(1)]), NOON)
    assert ledgers.commit(Load(readings=[row(1)]), NOON).stored["readings"] == 1


def test_two_ingesters_add_up_in_one_receipt(database: str) -> None:
    with pool.connect(database) as one_ingester, pool.connect(database) as another:
        with one_ingester.transaction():
            assert receipts.advance(one_ingester, {SPOOL: [1, 4]}, NOON) == {SPOOL: Progress(1, (4,))}
        with another.transaction():
            assert receipts.advance(another, {SPOOL: [2, 3]}, NOON) == {SPOOL: Progress(4)}


def test_a_heartbeat_that_comes_twice_is_one_and_every_will_counts(ledgers: Ledgers, database: str) -> None:
    later = NOON + timedelta(seconds=9)
    will = replace(STATUS, state="offline", reported_at=None)
    wills = [replace(will, received_at=at) for at in (NOON + timedelta(seconds=1), later)]
    outcome = ledgers.commit(Load(statuses=[STATUS, replace(STATUS, received_at=later), *wills]), NOON)
    assert (outcome.stored["statuses"], outcome.duplicates) == (3, 1)


def test_the_same_bytes_are_put_aside_once(ledgers: Ledgers, database: str) -> None:
    poison = QuarantineRow(received_at=NOON, topic="t", reason="\x00\ud800 bad", payload=b"\x00\xff")
    assert ledgers.commit(Load(quarantined=[poison, poison]), NOON).stored["quarantined"] == 1
    assert one(database, "SELECT payload FROM quarantine") == b"\x00\xff"


def test_the_ledger_tells_lost_from_surplus(ledgers: Ledgers, database: str) -> None:
    ledgers.commit(Load(readings=[row(n) for n in range(10)]), NOON)
    with pool.connect(database) as connection:
        sent = [("00000000000000aa", n, NOON) for n in (*range(2, 12), 3, 4)]
        found = compare_published(connection, sent)
        assert compare_published(connection, []) == Ledger(published=0, stored=10, lost=0, duplicates=0, surplus=10)
    assert found == Ledger(published=10, stored=10, lost=2, duplicates=0, surplus=2)
