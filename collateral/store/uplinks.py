"""LoRaWAN uplinks: each kept once, its frame counter judged. Read and written inside ingest's transaction.

The rows of `uplink_session` are locked, always in the same order, so that two ingesters on one broker agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb

from collateral.store import frame_counter
from collateral.store.device_events import DeviceEventRow, EventSeverity
from collateral.store.frame_counter import Copy, Judged, Standing, Verdict
from collateral.store.readings import ReadingRow

Session = tuple[str, str]
"""A device, and what the network calls its session."""
Contents = tuple[str, str, int, bytes]
"""Device, session, counter, hash of the payload: what makes two deliveries the same uplink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkRow:
    """One row of `uplink`, with the reading and the events that it carries. `at` None: the network told no time."""

    device_id: str
    session: str
    counter: int
    payload_sha256: bytes
    at: datetime | None
    received_at: datetime
    source: str
    reading: ReadingRow
    particulars: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[DeviceEventRow, ...] = ()

    @property
    def when(self) -> datetime:
        return self.at or self.received_at

    @property
    def contents(self) -> Contents:
        return self.device_id, self.session, self.counter, self.payload_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRow:
    """A device has joined a session; the event that says so."""

    session: str
    event: DeviceEventRow

    @property
    def device_id(self) -> str:
        return self.event.device_id

    @property
    def when(self) -> datetime:
        return self.event.at


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be stored of uplinks and joins; `stored` uplinks were new."""

    readings: tuple[ReadingRow, ...] = ()
    events: tuple[DeviceEventRow, ...] = ()
    stored: int = 0


_LOCK: LiteralString = """
SELECT device_id, session, run, nullif(began_at, '-infinity'), counter, counted_at
FROM uplink_session JOIN unnest(%s::text[], %s::text[]) AS wanted (device_id, session) USING (device_id, session)
ORDER BY device_id, session
FOR UPDATE OF uplink_session
"""
_ENSURE: LiteralString = """
INSERT INTO uplink_session (device_id, session)
SELECT * FROM unnest(%s::text[], %s::text[]) AS wanted (device_id, session) ORDER BY device_id, session
ON CONFLICT DO NOTHING
"""
_SAVE: LiteralString = """
UPDATE uplink_session s
SET run = n.run, began_at = coalesce(n.began_at, '-infinity'), counter = n.counter, counted_at = n.counted_at
FROM unnest(%s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::bigint[], %s::timestamptz[])
     AS n (device_id, session, run, began_at, counter, counted_at)
WHERE s.device_id = n.device_id AND s.session = n.session
"""
_COPIES: LiteralString = """
SELECT device_id, session, counter, payload_sha256, run, at
FROM uplink JOIN unnest(%s::text[], %s::text[], %s::bigint[], %s::bytea[])
     AS wanted (device_id, session, counter, payload_sha256) USING (device_id, session, counter, payload_sha256)
"""
_ADD: LiteralString = """
INSERT INTO uplink (device_id, session, counter, payload_sha256, run, at, received_at, source, particulars)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bytea[], %s::int[], %s::timestamptz[],
                     %s::timestamptz[], %s::text[], %s::jsonb[])
"""


def settle(connection: psycopg.Connection, uplinks: Sequence[UplinkRow], joins: Sequence[JoinRow]) -> Settled:
    """Store which uplinks are new and where each counter stands; what is to be stored of them besides."""
    rows: list[JoinRow | UplinkRow] = [*joins, *uplinks]
    if not rows:
        return Settled()
    sessions = sorted({(row.device_id, row.session) for row in rows})
    ledger = _Ledger(_locked(connection, sessions), _copies(connection, uplinks))
    # By the network's time, whatever order they came in; a join before the uplink that told of it.
    for row in sorted(rows, key=lambda row: row.when):
        if isinstance(row, JoinRow):
            ledger.join(row)
        else:
            ledger.take(row)
    _save(connection, ledger)
    return Settled(tuple(row.reading for row, _ in ledger.kept), tuple(ledger.events), len(ledger.kept))


class _Ledger:
    """Judges one load, with what is stored before it."""

    def __init__(self, standings: dict[Session, Standing], copies: defaultdict[Contents, list[Copy]]) -> None:
        self.before, self.standings, self._copies = dict(standings), standings, copies
        self.kept: list[tuple[UplinkRow, int]] = []
        self.events: list[DeviceEventRow] = []

    def join(self, row: JoinRow) -> None:
        session = (row.device_id, row.session)
        self.standings[session] = frame_counter.joined(self.standings[session], row.when)
        self.events.append(row.event)

    def take(self, row: UplinkRow) -> None:
        session, copies = (row.device_id, row.session), self._copies[row.contents]
        before = self.standings[session]
        judged = frame_counter.judge(before, row.counter, row.when, copies)
        if judged.verdict is Verdict.REPEATED and row.at is None:
            return  # without a time, a redelivery and a replay cannot be told apart
        self.standings[session] = judged.after
        if judged.verdict.is_kept:
            copies.append(Copy(judged.run, row.at))
            self.kept.append((row, judged.run))
            self.events.extend(row.events)
        if judged.verdict in (Verdict.REGRESSED, Verdict.REPEATED):
            self.events.append(_alarm(row, judged, before))


def _alarm(row: UplinkRow, judged: Judged, before: Standing) -> DeviceEventRow:
    """The security event for a counter that has run back; its key makes the same uplink the same event."""
    digest = row.payload_sha256.hex()[:16]
    return DeviceEventRow(
        device_id=row.device_id,
        kind="counter_" + judged.verdict.value,
        at=row.when,
        received_at=row.received_at,
        severity=EventSeverity.SECURITY,
        source=row.source,
        event_key=f"{row.session}:{row.counter}:{digest}:{row.when.isoformat()}",
        particulars={
            "session": row.session,
            "counter": row.counter,
            "last_counter": before.counter,
            "last_at": before.at.isoformat() if before.at else None,
            "data_kept": judged.verdict.is_kept,
        },
    )


def _locked(connection: psycopg.Connection, sessions: Sequence[Session]) -> dict[Session, Standing]:
    named = ([device for device, _ in sessions], [session for _, session in sessions])
    rows = connection.execute(_LOCK, named).fetchall()
    if len(rows) < len(sessions):
        connection.execute(_ENSURE, named)
        rows = connection.execute(_LOCK, named).fetchall()
    return {(device, session): Standing(*standing) for device, session, *standing in rows}


def _copies(connection: psycopg.Connection, uplinks: Sequence[UplinkRow]) -> defaultdict[Contents, list[Copy]]:
    found: defaultdict[Contents, list[Copy]] = defaultdict(list)
    wanted = {row.contents for row in uplinks}
    columns = [list(column) for column in zip(*wanted, strict=True)] or [[], [], [], []]
    for device, session, counter, digest, run, at in connection.execute(_COPIES, columns):
        found[device, session, counter, bytes(digest)].append(Copy(run, at))
    return found


def _save(connection: psycopg.Connection, ledger: _Ledger) -> None:
    changed = {key: each for key, each in ledger.standings.items() if each != ledger.before[key]}
    if changed:
        connection.execute(
            _SAVE,
            (
                [device for device, _ in changed],
                [session for _, session in changed],
                [each.run for each in changed.values()],
                [each.began_at for each in changed.values()],
                [each.counter for each in changed.values()],
                [each.at for each in changed.values()],
            ),
        )
    if ledger.kept:
        connection.execute(_ADD, _columns(ledger.kept))


def _columns(kept: Sequence[tuple[UplinkRow, int]]) -> Sequence[list[Any]]:
    rows = [row for row, _ in kept]
    return (
        [row.device_id for row in rows],
        [row.session for row in rows],
        [row.counter for row in rows],
        [row.payload_sha256 for row in rows],
        [run for _, run in kept],
        [row.at for row in rows],
        [row.received_at for row in rows],
        [row.source for row in rows],
        [Jsonb(dict(row.particulars)) for row in rows],
    )
