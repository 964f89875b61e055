"""What could not be understood or stored, kept with its bytes and the reason. Reading it is in `quarantined`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg

from collateral.contract.origin import device_of

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """One message for `quarantine`."""

    received_at: datetime
    topic: str
    reason: str
    payload: bytes


@dataclass(slots=True)
class _Repeated:
    """Messages of one call that are the same bytes on the same topic."""

    first: QuarantineRow
    last: QuarantineRow
    times: int = 1


# What comes again is one row; should it have been understood in between, it waits once more.
_PUT_ASIDE: LiteralString = """
INSERT INTO quarantine (topic, payload_sha256, device_id, reason, payload, received_at, last_received_at, times)
SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::timestamptz[],
                     %b::timestamptz[], %b::int4[])
ON CONFLICT (topic, payload_sha256) DO UPDATE SET
    times = quarantine.times + excluded.times, reason = excluded.reason, replayed_at = NULL,
    last_received_at = greatest(quarantine.last_received_at, excluded.last_received_at)
RETURNING (xmax = 0) AS is_new
"""


def put_aside(connection: psycopg.Connection, rows: Sequence[QuarantineRow]) -> int:
    """Keep messages aside; how many were new (the same bytes on the same topic are kept once, and counted)."""
    if not rows:
        return 0
    # In order of the key, so that two writers never wait in a circle.
    values = [
        (topic, digest, device_of(topic), storable(same.last.reason), same.first.payload, same.first.received_at,
         same.last.received_at, same.times)
        for (topic, digest), same in sorted(_repetitions(rows).items())
    ]  # fmt: skip
    columns = [list(column) for column in zip(*values, strict=True)]
    return sum(is_new for (is_new,) in connection.execute(_PUT_ASIDE, columns))


def _repetitions(rows: Sequence[QuarantineRow]) -> dict[tuple[str, str], _Repeated]:
    found: dict[tuple[str, str], _Repeated] = {}
    for row in rows:
        key = (row.topic, hashlib.sha256(row.payload).hexdigest())
        if key in found:
            found[key].last, found[key].times = row, found[key].times + 1
        else:
            found[key] = _Repeated(row, row)
    return found


def storable(reason: str) -> str:
    """A reason may quote the very bytes that PostgreSQL's text cannot hold."""
    return reason.replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode()[:LONGEST_REASON]
