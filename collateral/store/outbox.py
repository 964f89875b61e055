"""What is to be sent: written in the transaction of its cause, sent until it has arrived or is given up loudly.

A message by a way that has recipients (e-mail) is first addressed: its row becomes one row a recipient, each of which
arrives, fails and is tried again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from collateral.alerting.recipients import Recipient
from collateral.alerting.routing import ESCALATIONS, GATHER_FOR, LastNotice, gather_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for one channel. `attempts` made so far.

    `person_id` or `address`: its recipient; neither where the channel has none or it has not been addressed yet.
    """

    outbox_id: int
    case_id: int
    channel: str
    reason: str
    payload: dict[str, Any]
    attempts: int
    person_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaddressed:
    """A message that has no recipient yet, and whose matter it is."""

    outbox_id: int
    case_id: int
    channel: str
    reason: str
    payload: dict[str, Any]
    branch_id: str
    farm_id: str
    officer_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """How many messages were given up, and how many went to a level's address for want of a person."""

    given_up: int
    to_addresses: int


_ADD = """
INSERT INTO outbox (case_id, channel, reason, payload, created_at, next_attempt_at) VALUES (%s, %s, %s, %s, %s, %s)
"""
_COLUMNS: LiteralString = (
    "SELECT outbox_id, case_id, channel, reason, payload, attempts, person_id, address FROM outbox"
)
_PENDING: LiteralString = " WHERE delivered_at IS NULL AND given_up_at IS NULL"
_NO_RECIPIENT: LiteralString = "person_id IS NULL AND address IS NULL AND channel = ANY(%(addressed)s)"
_DUE = (
    _COLUMNS + _PENDING + " AND next_attempt_at <= %(now)s AND channel <> ALL(%(resting)s)"
    " AND NOT (" + _NO_RECIPIENT + ") ORDER BY next_attempt_at, outbox_id LIMIT %(most)s FOR UPDATE SKIP LOCKED"
)  # fmt: skip
# Of one farm, for the same people, not yet tried more often: they go out as one message.
_MATES = (
    _COLUMNS + _PENDING + """
  AND outbox_id <> %(one)s AND channel = %(channel)s
  AND person_id IS NOT DISTINCT FROM %(person)s AND address IS NOT DISTINCT FROM %(address)s
  AND payload->>'farm_id' = %(farm)s AND coalesce(payload->>'level', '') = %(level)s AND next_attempt_at <= %(until)s
ORDER BY outbox_id LIMIT %(most)s
FOR UPDATE SKIP LOCKED
""")  # fmt: skip
_UNADDRESSED = """
SELECT o.outbox_id, o.case_id, o.channel, o.reason, o.payload, c.branch_id, c.farm_id, l.officer_id
FROM outbox o
JOIN supervision_case c ON c.case_id = o.case_id
LEFT JOIN loan l ON l.loan_id = c.loan_id
WHERE o.delivered_at IS NULL AND o.given_up_at IS NULL AND o.person_id IS NULL AND o.address IS NULL
  AND o.channel = ANY(%s)
ORDER BY o.outbox_id
FOR UPDATE OF o SKIP LOCKED
"""
_ADDRESS = "UPDATE outbox SET person_id = %(person)s, address = %(address)s WHERE outbox_id = %(one)s"
_COPY = """
INSERT INTO outbox (case_id, channel, reason, payload, created_at, next_attempt_at, person_id, address)
SELECT case_id, channel, reason, payload, created_at, next_attempt_at, %(person)s, %(address)s
FROM outbox WHERE outbox_id = %(one)s
"""
_UNDELIVERED = """
SELECT (SELECT count(*) FROM outbox WHERE given_up_at IS NOT NULL) AS given_up,
       (SELECT count(*) FROM outbox WHERE address IS NOT NULL) AS to_addresses
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


def due(
    connection: psycopg.Connection, now: datetime, most: int = 20, *,
    addressed: Sequence[str] = (), resting: Sequence[str] = (),
) -> list[Notice]:  # fmt: skip
    """Messages to try now, locked for this transaction.

    Of the channels in `addressed` only those that have a recipient; of those in `resting` none.
    """
    asked = {"now": now, "most": most, "addressed": list(addressed), "resting": list(resting)}
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_DUE, asked).fetchall()


def unaddressed(connection: psycopg.Connection, channels: Sequence[str]) -> list[Unaddressed]:
    """Messages of these channels that have no recipient yet, locked for this transaction."""
    with connection.cursor(row_factory=class_row(Unaddressed)) as cursor:
        return cursor.execute(_UNADDRESSED, (list(channels),)).fetchall()


def address(connection: psycopg.Connection, outbox_id: int, recipients: Sequence[Recipient]) -> None:
    """Let a message go to these (at least one), a row each. Where a person is behind an address, theirs counts."""
    rows = [
        {"one": outbox_id, "person": r.person_id, "address": None if r.person_id else r.address} for r in recipients
    ]
    connection.execute(_ADDRESS, rows[0])
    for row in rows[1:]:
        connection.execute(_COPY, row)


def undelivered(connection: psycopg.Connection) -> Undelivered:
    """What has not reached a person, ever since."""
    with connection.cursor(row_factory=class_row(Undelivered)) as cursor:
        found = cursor.execute(_UNDELIVERED).fetchone()
        return found or Undelivered(given_up=0, to_addresses=0)


def mates(connection: psycopg.Connection, notice: Notice, now: datetime, most: int = 50) -> list[Notice]:
    """Messages of the same farm by the same channel to the same people that may go with `notice`, locked."""
    asked = {
        "one": notice.outbox_id, "channel": notice.channel, "farm": notice.payload.get("farm_id"),
        "person": notice.person_id, "address": notice.address, "level": notice.payload.get("level") or "",
        "until": now + GATHER_FOR, "most": most,
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
    connection: psycopg.Connection, notice: Notice | Unaddressed, error: str, again_at: datetime | None, now: datetime
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
