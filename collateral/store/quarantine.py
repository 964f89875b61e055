"""What could not be understood or stored, kept with its bytes and the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """One row of `quarantine`."""

    received_at: datetime
    topic: str
    reason: str
    payload: bytes


_QUARANTINE: LiteralString = """
INSERT INTO quarantine (received_at, topic, reason, payload, payload_sha256)
VALUES (%s, %s, %s, %b, %s)
ON CONFLICT DO NOTHING
"""


def put_aside(connection: psycopg.Connection, rows: Sequence[QuarantineRow]) -> int:
    """Keep messages aside; how many were new (the same bytes on the same topic are kept once)."""
    values = [
        (row.received_at, row.topic, storable(row.reason), row.payload, hashlib.sha256(row.payload).hexdigest())
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_QUARANTINE, values)
        return max(0, cursor.rowcount)


def storable(reason: str) -> str:
    """A reason may quote the very bytes that PostgreSQL's text cannot hold."""
    return reason.replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode()[:LONGEST_REASON]
