"""Head counts and the pictures they were made from, through a camera the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.contract.http import Count, CountPoint, CountRecord, CountSeries

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
SELECT e.media_type, e.picture AS content, e.sha256 AS frame_sha256, e.picture_sha256
FROM evidence e JOIN camera c ON c.camera_id = e.source
WHERE (e.sha256 = %(hash)s OR e.picture_sha256 = %(hash)s) AND e.picture IS NOT NULL
ORDER BY e.received_at LIMIT 1
"""
# Its own name, or its frame's or its picture's; of several, the one whose picture is kept.
_RECORD = """
SELECT r.record_sha256, r.content
FROM evidence_record r JOIN camera c ON c.camera_id = r.camera_id
LEFT JOIN evidence e ON e.sha256 = r.frame_sha256
WHERE r.record_sha256 = %(hash)s OR r.frame_sha256 = %(hash)s
   OR r.frame_sha256 IN (SELECT sha256 FROM evidence WHERE picture_sha256 = %(hash)s)
ORDER BY r.record_sha256 = %(hash)s DESC, r.content::json ->> 'picture_sha256' = e.picture_sha256 DESC, r.received_at
LIMIT 1
"""
_CAMERA = """
SELECT c.camera_id, c.pen_id, pen.name AS pen_name,
       (SELECT count(*) FROM animal a WHERE a.pen_id = c.pen_id AND a.status = 'present')
     + (SELECT coalesce(sum(g.head), 0) FROM animal_group g WHERE g.pen_id = c.pen_id) AS book
FROM camera c JOIN pen ON pen.pen_id = c.pen_id
WHERE c.camera_id = %s
"""
# From the newest back, so that a limit leaves the past out and not the present.
_POINTS = """
SELECT captured_at AS at, low, best, high, unknown_because FROM head_count
WHERE camera_id = %s AND captured_at > %s AND captured_at <= %s
ORDER BY captured_at DESC, sequence DESC LIMIT %s
"""
MOST_POINTS = 5000


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of one frame, without recognisable people; both hashes."""

    media_type: str
    content: bytes
    frame_sha256: str
    picture_sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a count rests on, in canonical JSON, under its name."""

    record_sha256: str
    content: str


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
    """The picture of the frame with this hash, or with this hash itself; None when the caller may see none."""
    with connection.cursor(row_factory=class_row(Picture)) as cursor:
        return cursor.execute(_PICTURE, {"hash": sha256}).fetchone()


def record(connection: psycopg.Connection, sha256: str) -> Record | None:
    """The record of this name, or of the frame or picture with this hash; None when the caller may see none."""
    with connection.cursor(row_factory=class_row(Record)) as cursor:
        return cursor.execute(_RECORD, {"hash": sha256}).fetchone()


def count_series(connection: psycopg.Connection, camera_id: str, now: datetime, back: timedelta) -> CountSeries | None:
    """How one camera's counts went, oldest first; None when the caller may not see the camera."""
    with connection.cursor(row_factory=dict_row) as cursor:
        camera = cursor.execute(_CAMERA, (camera_id,)).fetchone()
        if camera is None:
            return None
        rows = cursor.execute(_POINTS, (camera_id, now - back, now, MOST_POINTS)).fetchall()
    points = [CountPoint.model_validate(row) for row in reversed(rows)]
    return CountSeries.model_validate({**camera, "points": points})


def _record(row: dict[str, Any]) -> CountRecord:
    count = Count(
        low=row["low"], best=row["best"], high=row["high"], as_of=row["captured_at"],
        unknown_because=row["unknown_because"],
    )  # fmt: skip
    return CountRecord.model_validate({**row, "count": count})
