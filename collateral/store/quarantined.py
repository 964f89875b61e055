"""The quarantine as support reads it: what waits, whose it is, why, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row

from collateral.store.quarantine import storable

PAGE = 50
"""Messages read at a time: each may be a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages: all that is given must hold. Nothing given means nothing, unless `everything` is said.

    `reason`: a part of it, in any case. `waiting` leaves out what has been understood since.
    """

    ids: Sequence[int] = ()
    device: str | None = None
    reason: str | None = None
    everything: bool = False
    waiting: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was asked for."""
        return not (self.ids or self.device or self.reason or self.everything)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message without its bytes. Times are event-clock UTC; `size` in bytes; `times`: how often it came."""

    quarantine_id: int
    device_id: str | None
    topic: str
    reason: str
    size: int
    times: int
    received_at: datetime
    last_received_at: datetime
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Line):
    """One message with its bytes."""

    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many messages wait that have one device, or one reason, in common; None: the topic names no device."""

    of: str | None
    messages: int
    times: int


_LINE: LiteralString = "quarantine_id, device_id, topic, reason, length(payload) AS size, times, received_at, last_received_at, replayed_at"
_WANTED: LiteralString = """
FROM quarantine
WHERE (%(everything)s OR %(named)s)
  AND (NOT %(waiting)s OR replayed_at IS NULL)
  AND (cardinality(%(ids)s::bigint[]) = 0 OR quarantine_id = ANY (%(ids)s::bigint[]))
  AND (%(device)s::text IS NULL OR device_id = %(device)s)
  AND (%(reason)s::text IS NULL OR strpos(lower(reason), lower(%(reason)s)) > 0)
"""
_LINES: LiteralString = f"SELECT {_LINE} {_WANTED} ORDER BY last_received_at DESC, quarantine_id DESC LIMIT %(most)s"
_PAGE: LiteralString = f"""
SELECT {_LINE}, payload {_WANTED} AND quarantine_id > %(after)s ORDER BY quarantine_id LIMIT %(most)s
"""
_BY_DEVICE: LiteralString = f"""
SELECT device_id AS of, count(*) AS messages, sum(times)::bigint AS times {_WANTED}
GROUP BY 1 ORDER BY messages DESC, 1 LIMIT %(most)s
"""
_BY_REASON: LiteralString = f"""
SELECT reason AS of, count(*) AS messages, sum(times)::bigint AS times {_WANTED}
GROUP BY 1 ORDER BY messages DESC, 1 LIMIT %(most)s
"""
_WAITING: LiteralString = "SELECT count(*) FROM quarantine WHERE replayed_at IS NULL"
_REPLAYED: LiteralString = "UPDATE quarantine SET replayed_at = %s WHERE quarantine_id = ANY (%s)"
_STILL: LiteralString = "UPDATE quarantine SET reason = %s WHERE quarantine_id = %s AND reason <> %s"


def lines(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[Line]:
    """The newest `most` messages, newest first."""
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(_LINES, _chosen(wanted, most)).fetchall()


def by_device(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[Tally]:
    """The devices with the most messages."""
    with connection.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(_BY_DEVICE, _chosen(wanted, most)).fetchall()


def by_reason(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[Tally]:
    """The reasons with the most messages."""
    with connection.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(_BY_REASON, _chosen(wanted, most)).fetchall()


def pages(connection: psycopg.Connection, wanted: Wanted, size: int = PAGE) -> Iterator[list[Kept]]:
    """The messages with their bytes, oldest first, page by page: what is changed meanwhile is not met twice."""
    after = 0
    while True:
        with connection.cursor(row_factory=class_row(Kept)) as cursor:
            page = cursor.execute(_PAGE, _chosen(wanted, size) | {"after": after}).fetchall()
        if not page:
            return
        yield page
        after = page[-1].quarantine_id


def waiting(connection: psycopg.Connection) -> int:
    """How many messages have not been understood so far."""
    ((count,),) = connection.execute(_WAITING).fetchall()
    return int(count)


def mark_replayed(connection: psycopg.Connection, ids: Sequence[int], at: datetime) -> None:
    """These have been understood and stored."""
    connection.execute(_REPLAYED, (at, list(ids)))


def keep_with(connection: psycopg.Connection, quarantine_id: int, reason: str) -> None:
    """This one is still not understood, and why."""
    connection.execute(_STILL, (storable(reason), quarantine_id, storable(reason)))


def _chosen(wanted: Wanted, most: int) -> dict[str, Any]:
    return {
        "ids": list(wanted.ids), "device": wanted.device, "reason": wanted.reason, "everything": wanted.everything,
        "named": not wanted.is_empty, "waiting": wanted.waiting, "most": most,
    }  # fmt: skip
