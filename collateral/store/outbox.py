"""What is to be sent: written in the transaction of its cause, sent until it has arrived or is given up loudly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from collateral.alerting.routing import LastNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for one channel. `attempts` made so far."""

    outbox_id: int
    case_id: int
    channel: str
    reason: str
    payload: dict[str, Any]
    attempts: int


_ADD = """
INSERT INTO outbox (case_id, channel, reason, payload, created_at, next_attempt_at) VALUES (%s, %s, %s, %s, %s, %s)
"""
_DUE = """
SELECT outbox_id, case_id, channel, reason, payload, attempts FROM outbox
WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= %s
ORDER BY next_attempt_at LIMIT %s
FOR UPDATE SKIP LOCKED
"""
_LAST = """
SELECT DISTINCT ON (case_id) case_id, created_at, coalesce((payload->>'animal_count')::int, 0) AS animals
FROM outbox WHERE case_id = ANY(%s)
ORDER BY case_id, created_at DESC
"""


def add(
    connection: psycopg.Connection,
    case_id: int,
    channel: str,
    reason: str,
    payload: dict[str, Any],
    now: datetime,
) -> None:
    """Queue one message."""
    connection.execute(_ADD, (case_id, channel, reason, Jsonb(payload), now, now))


def due(connection: psycopg.Connection, now: datetime, most: int = 20) -> list[Notice]:
    """Messages to try now, locked for this transaction."""
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_DUE, (now, most)).fetchall()


def delivered(connection: psycopg.Connection, notice: Notice, now: datetime) -> None:
    """It has arrived."""
    connection.execute(
        "UPDATE outbox SET delivered_at = %s, attempts = attempts + 1, last_error = NULL WHERE outbox_id = %s",
        (now, notice.outbox_id),
    )


def failed(
    connection: psycopg.Connection, notice: Notice, error: str, again_at: datetime | None, now: datetime
) -> None:
    """It did not arrive: try again at `again_at`, or None to give up."""
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, last_error = %s, next_attempt_at = coalesce(%s, next_attempt_at),"
        " given_up_at = CASE WHEN %s::timestamptz IS NULL THEN %s::timestamptz END WHERE outbox_id = %s",
        (error, again_at, again_at, now, notice.outbox_id),
    )


def last_notices(connection: psycopg.Connection, case_ids: list[int]) -> dict[int, LastNotice]:
    """When each case was last sent out and how many animals it then named."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LAST, (case_ids,))
        return {row["case_id"]: LastNotice(row["created_at"], row["animals"]) for row in rows}
