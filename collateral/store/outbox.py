"""What is to be sent: written in the transaction of its cause, sent until it has arrived or is given up loudly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from collateral.alerting.routing import ESCALATIONS, GATHER_FOR, LastNotice, gather_for


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
# Of one farm, for the same people, not yet tried more often: they go out as one message.
_MATES = """
SELECT outbox_id, case_id, channel, reason, payload, attempts FROM outbox
WHERE delivered_at IS NULL AND given_up_at IS NULL AND outbox_id <> %(one)s AND channel = %(channel)s
  AND payload->>'farm_id' = %(farm)s AND coalesce(payload->>'level', '') = %(level)s AND next_attempt_at <= %(until)s
ORDER BY outbox_id LIMIT %(most)s
FOR UPDATE SKIP LOCKED
"""
_LAST = """
SELECT DISTINCT ON (case_id) case_id, created_at, coalesce((payload->>'animal_count')::int, 0) AS animals,
       max(created_at) FILTER (WHERE reason = ANY(%s)) OVER (PARTITION BY case_id) AS escalated_at
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
    """Queue one message; what is not urgent waits a little for others of the same farm."""
    urgent_at = now + gather_for(str(payload.get("severity", "")), reason)
    connection.execute(_ADD, (case_id, channel, reason, Jsonb(payload), now, urgent_at))


def due(connection: psycopg.Connection, now: datetime, most: int = 20) -> list[Notice]:
    """Messages to try now, locked for this transaction."""
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_DUE, (now, most)).fetchall()


def mates(connection: psycopg.Connection, notice: Notice, now: datetime, most: int = 50) -> list[Notice]:
    """Messages of the same farm by the same channel to the same people that may go with `notice`, locked."""
    asked = {
        "one": notice.outbox_id, "channel": notice.channel, "farm": notice.payload.get("farm_id"),
        "level": notice.payload.get("level") or "", "until": now + GATHER_FOR, "most": most,
    }  # fmt: skip
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_MATES, asked).fetchall()


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
    """When each case was last sent out, how many animals it then named, and when it last went up the ladder."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LAST, ([str(reason) for reason in ESCALATIONS], case_ids))
        return {row["case_id"]: LastNotice(row["created_at"], row["animals"], row["escalated_at"]) for row in rows}
