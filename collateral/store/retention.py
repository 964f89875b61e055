"""What is old goes: whole chunks on TimescaleDB, rows a few at a time on plain PostgreSQL.

Old is what both clocks call old: a reading that came today stays, whatever its device says of the time. And a case
that is not resolved keeps what it rests on, however long it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from collateral.store import timescale
from collateral.store.ages import CLOCKS_AHEAD, RESTS_ON, Ages

BATCH = 20_000
"""Rows of one DELETE: a tenth of a second, so that nothing waits for it."""
TAGS_AT_ONCE = 500
MOST_ROWS = 1_000_000
"""Rows of one run; what is left over goes in the next."""
LARGE_ROWS = 200  # of one DELETE where each row is a picture or a message
_PATIENCE: LiteralString = "SET LOCAL lock_timeout = '2s'"  # whoever waits behind us for a chunk waits no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """`count` chunks or rows (`unit`) of `table` that were older than `before`."""

    table: str
    count: int
    unit: str
    before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What went; `held_until`: an open case keeps readings back to this moment; `more`: the run was not enough."""

    dropped: tuple[Dropped, ...]
    held_until: datetime | None
    more: bool


_HOLD: LiteralString = "SELECT min(event_at) FROM supervision_case WHERE state <> 'resolved'"


def held_until(connection: psycopg.Connection) -> datetime | None:
    """The oldest moment that an unresolved case rests on; None when there is no such case."""
    row = connection.execute(_HOLD).fetchone()
    return row[0] - RESTS_ON if row and row[0] else None


def retain(
    connection: psycopg.Connection,
    now: datetime,
    ages: Ages,
    *,
    dry_run: bool = False,
    most_rows: int = MOST_ROWS,
    stopping: Callable[[], bool] = lambda: False,
) -> Retained:
    """Remove what is older than `ages` allow; `dry_run` only says what would go. `stopping` ends it between steps."""
    run = _Run(connection, now, ages, held_until(connection), most_rows, stopping, dry_run=dry_run)
    found = [dropped for dropped in run.steps() if dropped.count]
    return Retained(dropped=tuple(found), held_until=run.hold if run.holds else None, more=run.busy or run.left <= 0)


class _Run:
    """One run, with how many rows it may still remove."""

    def __init__(
        self, connection: psycopg.Connection, now: datetime, ages: Ages, hold: datetime | None, most_rows: int,
        stopping: Callable[[], bool], *, dry_run: bool,
    ) -> None:  # fmt: skip
        self._connection, self._now, self._ages, self._dry_run = connection, now, ages, dry_run
        self._stopping = stopping
        self.hold, self.left, self.busy = hold, most_rows, False
        oldest = now - ages.readings
        self.holds = hold is not None and hold < oldest
        self._cutoff = min(oldest, hold) if hold else oldest

    def steps(self) -> Iterator[Dropped]:
        """Every table in turn."""
        edition = timescale.edition(self._connection)
        if edition.has_policies and not self._dry_run:
            timescale.set_policies(self._connection, self._ages.compress_after, self._ages.readings, held=self.holds)
        yield self._chunks() if edition.timescale else self._readings()
        yield self._rows("uplink", _OLD_UPLINKS, self._cutoff)
        yield self._rows("gateway_status", _OLD_STATUS, self._cutoff)
        yield self._rows("device_gap", _OLD_GAPS, self._cutoff)
        for table in ("animal_5min", "herd_5min"):
            yield self._rows(table, _OLD_SUMS[table], self._now - self._ages.five_minutes)
        for table in ("animal_hour", "herd_hour", "animal_day", "herd_day"):
            yield self._rows(table, _OLD_SUMS[table], self._now - self._ages.roll_ups)
        if self._ages.evidence is not None:
            yield self._rows("evidence", _OLD_EVIDENCE, self._no_later(self._now - self._ages.evidence))
            yield self._rows("evidence_record", _OLD_RECORDS, self._no_later(self._now - self._ages.evidence))
            yield self._rows("head_count", _OLD_COUNTS, self._no_later(self._now - self._ages.evidence))
        if self._ages.quarantine is not None:
            yield self._rows("quarantine", _OLD_QUARANTINE, self._now - self._ages.quarantine)

    def _no_later(self, cutoff: datetime) -> datetime:
        return min(cutoff, self.hold) if self.hold else cutoff

    def _spans(self) -> tuple[tuple[str, str], ...]:
        """Event times that are old, and those that no clock can rightly say yet."""
        return ("-infinity", self._cutoff.isoformat()), ((self._now + CLOCKS_AHEAD).isoformat(), "infinity")

    def _chunks(self) -> Dropped:
        gone = 0
        for since, before in self._spans():
            for chunk in timescale.chunks(self._connection, "reading", since, before):
                gone += not self._stopping() and self._chunk_went(chunk)
        return Dropped(table="reading", count=gone, unit="chunks", before=self._cutoff)

    def _chunk_went(self, chunk: timescale.Chunk) -> bool:
        try:
            with self._connection.transaction():
                self._connection.execute(_PATIENCE)
                if timescale.received_since(self._connection, chunk, self._cutoff):
                    return False
                if not self._dry_run:
                    timescale.drop(self._connection, "reading", chunk)
        except errors.LockNotAvailable:
            self.busy = True
            return False
        return True

    def _readings(self) -> Dropped:
        tags = [tag for (tag,) in self._connection.execute(_TAGS)]
        count = 0
        for since, before in self._spans():
            for first in range(0, len(tags), TAGS_AT_ONCE):
                bounds = {
                    "tags": tags[first : first + TAGS_AT_ONCE], "since": since, "before": before, "cutoff": self._cutoff,
                }  # fmt: skip
                count += self._batches(_OLD_READINGS, bounds, "reading")
        return Dropped(table="reading", count=count, unit="rows", before=self._cutoff)

    def _rows(self, table: LiteralString, old: LiteralString, cutoff: datetime) -> Dropped:
        count = self._batches(old, {"cutoff": cutoff}, table)
        return Dropped(table=table, count=count, unit="rows", before=cutoff)

    def _batches(self, old: LiteralString, bounds: dict[str, Any], table: LiteralString) -> int:
        """Remove the rows that `old` finds, one transaction a batch; how many there were."""
        if self._dry_run:
            row = self._connection.execute(f"SELECT count(*) FROM ({old}) old", bounds | {"most": None}).fetchone()
            return int(row[0]) if row else 0
        count = 0
        while self.left > 0 and not self._stopping():
            most = min(LARGE_ROWS if table in _LARGE else BATCH, self.left)
            removed = self._connection.execute(
                f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({old}))", bounds | {"most": most}
            ).rowcount
            count, self.left = count + removed, self.left - removed
            if removed < most:
                break
        return count


# Tag after tag along the key: there is no index by time alone, and a scan of the whole table would come each batch.
_TAGS: LiteralString = """
WITH RECURSIVE known AS (
    (SELECT tag_id FROM reading ORDER BY tag_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tag_id FROM reading r WHERE r.tag_id > known.tag_id ORDER BY r.tag_id LIMIT 1)
    FROM known WHERE known.tag_id IS NOT NULL
)
SELECT tag_id FROM known WHERE tag_id IS NOT NULL
"""
_OLD_READINGS: LiteralString = """
SELECT old.ctid FROM unnest(%(tags)s::text[]) AS t (tag_id)
CROSS JOIN LATERAL (
    SELECT ctid FROM reading r
    WHERE r.tag_id = t.tag_id AND r.measured_at >= %(since)s::timestamptz AND r.measured_at < %(before)s::timestamptz
      AND r.received_at < %(cutoff)s
    LIMIT %(most)s
) old
LIMIT %(most)s
"""
_OLD_UPLINKS: LiteralString = "SELECT ctid FROM uplink WHERE received_at < %(cutoff)s LIMIT %(most)s"
# The last that a gateway said stays, however old.
_OLD_STATUS: LiteralString = """
SELECT s.ctid FROM gateway_status s
WHERE s.received_at < %(cutoff)s AND EXISTS (
    SELECT FROM gateway_status later WHERE later.gateway_id = s.gateway_id AND later.received_at > s.received_at)
LIMIT %(most)s
"""
# Gaps that have closed, and those that lie where readings themselves are no longer kept.
_OLD_GAPS: LiteralString = """
SELECT ctid FROM device_gap
WHERE closed_at < %(cutoff)s OR (closed_at IS NULL AND before_at < %(cutoff)s)
LIMIT %(most)s
"""
_OLD_SUMS: dict[str, LiteralString] = {
    table: f"SELECT ctid FROM {table} WHERE since < %(cutoff)s ORDER BY since LIMIT %(most)s"
    for table in ("animal_5min", "herd_5min", "animal_hour", "herd_hour", "animal_day", "herd_day")
}
_LARGE = ("evidence", "quarantine")
_OLD_EVIDENCE: LiteralString = (
    "SELECT ctid FROM evidence WHERE captured_at < %(cutoff)s AND received_at < %(cutoff)s LIMIT %(most)s"
)
_OLD_RECORDS: LiteralString = (
    "SELECT ctid FROM evidence_record WHERE captured_at < %(cutoff)s AND received_at < %(cutoff)s LIMIT %(most)s"
)
_OLD_COUNTS: LiteralString = (
    "SELECT ctid FROM head_count WHERE captured_at < %(cutoff)s AND received_at < %(cutoff)s LIMIT %(most)s"
)
_OLD_QUARANTINE: LiteralString = "SELECT ctid FROM quarantine WHERE last_received_at < %(cutoff)s LIMIT %(most)s"
