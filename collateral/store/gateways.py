"""What gateways say about themselves: births, heartbeats, wills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One row of `gateway_status`; `reported_at` None: a will, written before its time was known."""

    gateway_id: str
    received_at: datetime
    state: str
    reported_at: datetime | None
    unsent: int
    oldest_unsent_at: datetime | None
    software: str


# A broker may deliver a heartbeat twice; by its own time it is recognised, while a will has none.
_STATUS: LiteralString = """
INSERT INTO gateway_status (gateway_id, received_at, state, reported_at, unsent, oldest_unsent_at, software)
SELECT %(gateway_id)s, %(received_at)s, %(state)s, %(reported_at)s, %(unsent)s, %(oldest_unsent_at)s, %(software)s
WHERE NOT EXISTS (
    SELECT FROM gateway_status
    WHERE gateway_id = %(gateway_id)s AND reported_at = %(reported_at)s AND state = %(state)s
      AND received_at > %(received_at)s - interval '1 day')
ON CONFLICT DO NOTHING
"""


def add_statuses(connection: psycopg.Connection, rows: Sequence[StatusRow]) -> int:
    """Store what gateways said; how many were new."""
    values = [{name: getattr(row, name) for name in StatusRow.__slots__} for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(_STATUS, values)
        return max(0, cursor.rowcount)
