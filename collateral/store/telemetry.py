"""One batch of what devices sent, committed as a whole: rows, evidence, quarantine and receipts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg import errors

from collateral.store import (
    counts,
    device_events,
    gateways,
    migrate,
    pool,
    quarantine,
    readings,
    receipts,
    timescale,
    touched_hours,
    uplinks,
)
from collateral.store.progress import Progress


class Refused(ValueError):
    """The database will never take one of these rows; the message is its reason."""


class Away(ConnectionError):
    """The database cannot take anything now; the same batch may go through later."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Readings as COPY's bytes, and the hours that they fall into: worked out before it is their turn."""

    content: bytes
    hours: list[int]


@dataclass(slots=True)
class Load:
    """What one transaction shall store."""

    readings: list[readings.ReadingRow] = field(default_factory=list)
    frames: list[counts.FrameRow] = field(default_factory=list)
    evidence: list[counts.EvidenceRow] = field(default_factory=list)
    counts: list[counts.HeadCountRow] = field(default_factory=list)  # last of its kind: it hides the module
    statuses: list[gateways.StatusRow] = field(default_factory=list)
    quarantined: list[quarantine.QuarantineRow] = field(default_factory=list)
    joins: list[uplinks.JoinRow] = field(default_factory=list)
    uplinks: list[uplinks.UplinkRow] = field(default_factory=list)
    events: list[device_events.DeviceEventRow] = field(default_factory=list)
    numbers: dict[receipts.Spool, list[int]] = field(default_factory=dict)
    packed: Packed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What the transaction stored, by table; `duplicates` were known before. `staged`: COPY met a known row."""

    stored: dict[str, int]
    duplicates: int
    staged: bool
    progress: dict[receipts.Spool, Progress]


class Ledgers:
    """The telemetry tables behind one connection, which is opened again after `Away`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection | None = None
        self._packer: readings.Packer | None = None
        self.edition = ""

    def open(self) -> None:
        """Connect. Raises pool.DatabaseUnavailable, also when the schema is not the present one."""
        self._opened()
        self._packer = readings.Packer(pool.connect(self._dsn))

    def _opened(self) -> psycopg.Connection:
        self._hang_up()
        connection = pool.connect(self._dsn)
        try:
            self.edition = str(timescale.edition(connection))
            current = migrate.is_current(connection)
        except psycopg.Error as error:
            connection.close()
            raise pool.DatabaseUnavailable(pool.explain(self._dsn, error)) from error
        if not current:
            connection.close()
            raise pool.DatabaseUnavailable(_NOT_MIGRATED)
        self._connection = connection
        return connection

    def close(self) -> None:
        """Let go of the connections; what was not committed is rolled back."""
        self._hang_up()
        if self._packer is not None:
            self._packer.close()
            self._packer = None

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def pack(self, load: Load) -> None:
        """Write the readings of `load` as COPY's bytes, on any one thread, while another commits."""
        if self._packer is not None and load.readings:
            # What cannot be written is refused by `commit`, which finds out which row it is.
            with suppress(*_NEVER):
                load.packed = Packed(self._packer.pack(load.readings), touched_hours.of_rows(load.readings))

    def commit(self, load: Load, now: datetime, *, staged: bool = False) -> Committed:
        """Store `load` in one transaction. Raises Refused (it will never go through) or Away (try it again).

        `staged` skips the straight COPY, which is worth it while known rows keep coming.
        """
        try:
            return _commit(self._connection or self._opened(), load, now, staged=staged)
        except pool.DatabaseUnavailable as error:
            raise Away(str(error)) from error
        except _NEVER as error:
            raise Refused(_one_line(error)) from error
        except psycopg.Error as error:
            self._hang_up()
            raise Away(pool.explain(self._dsn, error)) from error


_NEVER = (errors.DataError, errors.IntegrityError, OverflowError, UnicodeError)
"""What the database, or its driver, says of values that it will never take."""
_NOT_MIGRATED = (
    "the database's schema is not the present one; run `./run python -m monitor_api migrate`, "
    "or correct HERDLIEN_DATABASE_URL"
)

Write = Callable[[psycopg.Connection, Sequence[readings.ReadingRow], bytes | None], int]


def _commit(connection: psycopg.Connection, load: Load, now: datetime, *, staged: bool) -> Committed:
    if not staged and (load.readings or load.uplinks):
        try:
            return _transaction(connection, load, now, readings.copy_straight)
        except (errors.UniqueViolation, errors.DeadlockDetected):
            # Some rows are known, twice in this batch, or just being written by another worker in another order:
            # the slower form leaves them out, and writes in one order.
            pass
    return _transaction(connection, load, now, _staged)


def _staged(connection: psycopg.Connection, rows: Sequence[readings.ReadingRow], _: bytes | None) -> int:
    return readings.copy_staged(connection, rows)


def _transaction(connection: psycopg.Connection, load: Load, now: datetime, write: Write) -> Committed:
    with connection.transaction():
        settled = uplinks.settle(connection, load.uplinks, load.joins)
        rows, packed = load.readings, load.packed
        if settled.readings:
            rows, packed = [*rows, *settled.readings], None
        events = [*load.events, *settled.events]
        stored = {
            "readings": write(connection, rows, packed.content if packed else None) if rows else 0,
            "frames": counts.add_frames(connection, load.frames) if load.frames else 0,
            "evidence": counts.add_evidence(connection, load.evidence) if load.evidence else 0,
            "counts": counts.add_counts(connection, load.counts) if load.counts else 0,
            "statuses": gateways.add_statuses(connection, load.statuses) if load.statuses else 0,
            "quarantined": quarantine.put_aside(connection, load.quarantined) if load.quarantined else 0,
            "uplinks": settled.stored,
            "events": device_events.add_events(connection, events) if events else 0,
        }
        if stored["readings"]:
            touched_hours.note(connection, packed.hours if packed else touched_hours.of_rows(rows))
        progress = receipts.advance(connection, load.numbers, now)
    sent = sum(
        len(each)
        for each in (
            rows, load.frames, load.evidence, load.counts, load.statuses, load.quarantined, load.uplinks, events,
        )
    )  # fmt: skip
    staged = write is _staged and bool(rows)
    return Committed(stored=stored, duplicates=sent - sum(stored.values()), staged=staged, progress=progress)


def _one_line(error: Exception) -> str:
    """PostgreSQL's first line says what; the following ones quote the whole row."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
