"""Readings into the database at speed, and the ledger that compares what was published with what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import LiteralString

import psycopg
from psycopg.copy import FileWriter
from psycopg.rows import class_row

ReadingRow = tuple[
    str, int, datetime, datetime, datetime, str,
    float | None, float | None, float | None, int | None, float | None,
    float | None, float | None, float | None, float | None, bool | None, bool, str | None,
    float | None,
]  # fmt: skip
"""One row of `reading`, in the order of COLUMNS. A bare tuple: half of ingest's time is spent per row."""

COLUMNS: LiteralString = (
    "tag_id, sequence, measured_at, heard_at, received_at, gateway_id,"
    " latitude, longitude, fix_error_m, steps, activity,"
    " ear_temp_c, battery_pct, rssi_dbm, snr_db, tamper, clock_ok, fix_fault, rumination_min"
)
_TYPES = (
    "text", "int8", "timestamptz", "timestamptz", "timestamptz", "text",
    "float8", "float8", "float4", "int4", "float4",
    "float4", "float4", "float4", "float4", "bool", "bool", "text",
    "float4",
)  # fmt: skip
NO_FIX_BUT_ZERO = "zero"
"""`fix_fault` of a fix at (0, 0): what a receiver says that has none. Kept, for it tells of the device."""

_COPY: LiteralString = f"COPY reading ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
_COPY_STAGED: LiteralString = f"COPY staged_reading ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
_STAGE: LiteralString = "CREATE TEMPORARY TABLE IF NOT EXISTS staged_reading (LIKE reading) ON COMMIT DELETE ROWS"
# Sorted, so that rows of one tag meet the same index page and two writers never wait in a circle.
_FROM_STAGE: LiteralString = (
    f"INSERT INTO reading ({COLUMNS}) SELECT {COLUMNS} FROM staged_reading"
    " ORDER BY tag_id, measured_at, sequence ON CONFLICT DO NOTHING"
)


class Packer:
    """Writes rows as COPY's bytes ahead of time, so that whoever sends them need not wait for Python.

    `connection` says how values are written and is never spoken over.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def pack(self, rows: Sequence[ReadingRow]) -> bytes:
        """The rows in COPY's binary form. Raises for values that the database could not take, see telemetry."""
        packed = BytesIO()
        copy = psycopg.Copy(self._connection.cursor(), binary=True, writer=FileWriter(packed))
        copy.set_types(_TYPES)
        write = copy.write_row
        for row in rows:
            write(row)
        copy.finish(None)
        return packed.getvalue()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def copy_straight(connection: psycopg.Connection, rows: Sequence[ReadingRow], packed: bytes | None = None) -> int:
    """Binary COPY into `reading`, the fastest way. Raises psycopg's UniqueViolation when any row is known.

    `packed`: these rows as `Packer` wrote them, if it did.
    """
    if packed is None:
        _copy(connection, _COPY, rows)
    else:
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(packed)
    return len(rows)


def copy_staged(connection: psycopg.Connection, rows: Sequence[ReadingRow]) -> int:
    """Binary COPY by way of a temporary table, known rows left out; how many were new."""
    connection.execute(_STAGE)
    _copy(connection, _COPY_STAGED, rows)
    return max(0, connection.execute(_FROM_STAGE).rowcount)


def _copy(connection: psycopg.Connection, statement: LiteralString, rows: Sequence[ReadingRow]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(_TYPES)
        write = copy.write_row
        for row in rows:
            write(row)


Published = tuple[str, int, datetime]
"""The natural key of a reading, as its sender remembers it: tag, sequence, measured_at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What became of published readings. `surplus` rows are stored although nobody published them."""

    published: int
    stored: int
    lost: int
    duplicates: int
    surplus: int


_PUBLISHED: LiteralString = (
    "CREATE TEMPORARY TABLE published (tag_id text, sequence bigint, measured_at timestamptz) ON COMMIT DROP"
)
_COMPARE: LiteralString = """
WITH sent AS (SELECT DISTINCT tag_id, sequence, measured_at FROM published),
     kept AS (SELECT tag_id, sequence, measured_at, count(*) AS copies FROM reading GROUP BY 1, 2, 3)
SELECT count(sent.tag_id), coalesce(sum(kept.copies), 0)::bigint, count(*) FILTER (WHERE kept.tag_id IS NULL),
       coalesce(sum(kept.copies - 1), 0)::bigint, count(*) FILTER (WHERE sent.tag_id IS NULL)
FROM sent FULL JOIN kept USING (tag_id, sequence, measured_at)
"""


def compare_published(connection: psycopg.Connection, rows: Iterable[Published]) -> Ledger:
    """Hold what was published (repetitions allowed) against the whole `reading` table."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_PUBLISHED)
        with cursor.copy("COPY published FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("text", "int8", "timestamptz"))
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE published")
        ((published, stored, lost, duplicates, surplus),) = cursor.execute(_COMPARE).fetchall()
    return Ledger(published=published, stored=stored, lost=lost, duplicates=duplicates, surplus=surplus)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagTally:
    """What is stored of one tag: rows, different sequence numbers, and the lowest and highest of them."""

    tag_id: str
    rows: int
    sequences: int
    first: int
    last: int


_TALLY: LiteralString = """
SELECT tag_id, count(*) AS rows, count(DISTINCT sequence) AS sequences, min(sequence) AS first, max(sequence) AS last
FROM reading GROUP BY tag_id
"""


def tallies(connection: psycopg.Connection) -> list[TagTally]:
    """What is stored of each tag, for ledgers whose sequences are known to run from 0 without a gap."""
    with connection.cursor(row_factory=class_row(TagTally)) as cursor:
        return cursor.execute(_TALLY).fetchall()


def forget_all(connection: psycopg.Connection) -> None:
    """Empty the table, between two runs of a benchmark."""
    connection.execute("TRUNCATE reading, receipt")
    connection.execute("CHECKPOINT")
