"""Head counts and the pictures they were made from, through a camera the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.contract.http import Count, CountRecord

# Per camera first, by its key; then the newest of all.
_COUNTS = """
SELECT c.camera_id, c.pen_id, pen.name AS pen_name, stock.book, h.captured_at, h.counted_at, h.received_at,
       h.low, h.best, h.high, h.unknown_because, h.method, h.model_version, h.frame_sha256, h.boxes
FROM camera c
JOIN pen ON pen.pen_id = c.pen_id
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM animal a WHERE a.pen_id = c.pen_id AND a.status = 'present')
         + (SELECT coalesce(sum(g.head), 0) FROM animal_group g WHERE g.pen_id = c.pen_id) AS book
) stock
JOIN LATERAL (
    SELECT * FROM head_count
    WHERE camera_id = c.camera_id AND captured_at <= %(now)s
      AND (%(since)s::timestamptz IS NULL OR captured_at >= %(since)s)
    ORDER BY captured_at DESC, sequence DESC LIMIT %(limit)s
) h ON true
WHERE (%(camera)s::text IS NULL OR c.camera_id = %(camera)s)
  AND (%(pen)s::text IS NULL OR c.pen_id = %(pen)s)
ORDER BY h.captured_at DESC, c.camera_id
LIMIT %(limit)s
"""

# The only way to a picture is a camera that has a policy.
_PICTURE = """
SELECT e.media_type, e.content
FROM evidence e JOIN camera c ON c.camera_id = e.source
WHERE e.sha256 = %s
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """The stored bytes of one frame."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsWanted:
    """Which head counts to list. None: any."""

    camera_id: str | None = None
    pen_id: str | None = None
    since: datetime | None = None
    limit: int = 100


def counts(connection: psycopg.Connection, wanted: CountsWanted, now: datetime) -> list[CountRecord]:
    """The newest head counts the caller may see, newest first."""
    chosen = {
        "camera": wanted.camera_id, "pen": wanted.pen_id, "since": wanted.since, "limit": wanted.limit, "now": now,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_record(row) for row in cursor.execute(_COUNTS, chosen)]


def picture(connection: psycopg.Connection, sha256: str) -> Picture | None:
    """The frame with this hash; None when there is none that the caller may see."""
    with connection.cursor(row_factory=class_row(Picture)) as cursor:
        return cursor.execute(_PICTURE, (sha256,)).fetchone()


def _record(row: dict[str, Any]) -> CountRecord:
    count = Count(
        low=row["low"], best=row["best"], high=row["high"], as_of=row["captured_at"],
        unknown_because=row["unknown_because"],
    )  # fmt: skip
    return CountRecord.model_validate({**row, "count": count})
