"""Numbers that an ear tag has used and that are not stored, looked for around the hours that have just changed.

Readings of one tag stand in event time. Where a number is higher by more than one than its predecessor's, what lies
between is missing, save what is stored within an hour of it: a tag's clock may be set back a little. A smaller number
means that the tag began anew (it joined again, its battery was changed, its counter rolled over), a leap of more than
10,000 likewise; neither is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg

from collateral.store.stretches import Stretch

LARGEST = 10_000
"""Numbers. A tag that reports every five minutes needs five weeks for that many; more means that it began anew."""
CLOCK_SLACK = timedelta(hours=1)

# Who was heard and how far this look reaches for each, what it finds missing there, and what is open there.
_TABLES: tuple[LiteralString, ...] = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS looked_at (tag_id text, until timestamptz) ON COMMIT DELETE ROWS",
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS found_gap (tag_id text, after_at timestamptz, before_at timestamptz,
        first_missing bigint, last_missing bigint) ON COMMIT DELETE ROWS
    """,
    "CREATE INDEX IF NOT EXISTS found_gap_of_tag ON found_gap (tag_id)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS standing_gap (LIKE device_gap) ON COMMIT DELETE ROWS",
    "TRUNCATE looked_at, found_gap, standing_gap",
)

_LOOKED_AT: LiteralString = """
INSERT INTO looked_at
SELECT heard.tag_id, coalesce(following.measured_at, 'infinity')
FROM (SELECT DISTINCT tag_id FROM reading
      WHERE measured_at >= %(first)s AND measured_at < %(last)s + interval '1 hour') heard
LEFT JOIN LATERAL (
    SELECT measured_at FROM reading
    WHERE tag_id = heard.tag_id AND measured_at >= %(last)s + interval '1 hour' + %(slack)s
    ORDER BY measured_at LIMIT 1
) following ON true
"""

# The stretch with its slack, the reading before it, and the first one after it.
_FOUND: LiteralString = """
INSERT INTO found_gap
WITH stretch AS (
    SELECT r.tag_id, r.sequence, r.measured_at FROM reading r JOIN looked_at USING (tag_id)
    WHERE r.measured_at >= %(first)s - %(slack)s AND r.measured_at < %(last)s + interval '1 hour' + %(slack)s
    UNION ALL
    SELECT l.tag_id, r.sequence, r.measured_at FROM looked_at l
    JOIN LATERAL (SELECT sequence, measured_at FROM reading
                  WHERE tag_id = l.tag_id AND measured_at = l.until AND l.until < 'infinity') r ON true
    UNION ALL
    SELECT l.tag_id, r.sequence, r.measured_at FROM looked_at l
    JOIN LATERAL (SELECT sequence, measured_at FROM reading
                  WHERE tag_id = l.tag_id AND measured_at < %(first)s - %(slack)s
                  ORDER BY measured_at DESC, sequence DESC LIMIT 1) r ON true
), step AS (
    SELECT tag_id, sequence, measured_at, lag(sequence) OVER past AS base, lag(measured_at) OVER past AS after_at
    FROM stretch WINDOW past AS (PARTITION BY tag_id ORDER BY measured_at, sequence)
), leap AS MATERIALIZED (
    SELECT tag_id, after_at, measured_at AS before_at, sequence, greatest(base, (
        SELECT max(r.sequence) FROM reading r
        WHERE r.tag_id = step.tag_id AND r.sequence < step.sequence
          AND r.measured_at > step.measured_at - %(slack)s AND r.measured_at <= step.measured_at)) AS base
    FROM step WHERE sequence - base BETWEEN 2 AND %(largest)s + 1
)
SELECT tag_id, after_at, before_at, lower(piece), upper(piece) - 1
FROM leap CROSS JOIN LATERAL unnest(
    int8multirange(int8range(base + 1, sequence)) - coalesce((
        SELECT range_agg(int8range(r.sequence, r.sequence + 1)) FROM reading r
        WHERE r.tag_id = leap.tag_id AND r.sequence > leap.base AND r.sequence < leap.sequence
          AND r.measured_at >= leap.before_at AND r.measured_at < leap.before_at + %(slack)s), '{}')) AS piece
"""

_STANDING: LiteralString = """
INSERT INTO standing_gap
SELECT g.* FROM device_gap g JOIN looked_at l ON l.tag_id = g.device_id
WHERE g.kind = 'tag' AND g.closed_at IS NULL AND g.before_at >= %(first)s - %(slack)s AND g.before_at <= l.until
"""

_CLOSE: LiteralString = """
UPDATE device_gap g SET closed_at = %(now)s, closed_by = CASE
    WHEN EXISTS (SELECT FROM found_gap f WHERE f.tag_id = g.device_id
                   AND f.first_missing <= g.last_missing AND f.last_missing >= g.first_missing
                   AND f.after_at <= g.before_at AND f.before_at >= g.after_at) THEN 'split'
    WHEN g.last_missing - g.first_missing + 1 = (
        SELECT count(DISTINCT r.sequence) FROM reading r WHERE r.tag_id = g.device_id
           AND r.measured_at >= g.after_at - %(slack)s AND r.measured_at <= g.before_at + %(slack)s
           AND r.sequence BETWEEN g.first_missing AND g.last_missing) THEN 'filled'
    ELSE 'restarted' END
FROM standing_gap s
WHERE g.device_gap_id = s.device_gap_id
  AND NOT EXISTS (SELECT FROM found_gap f
                  WHERE f.tag_id = s.device_id AND f.after_at = s.after_at AND f.before_at = s.before_at
                    AND f.first_missing = s.first_missing AND f.last_missing = s.last_missing)
"""

# What is left of a gap keeps the moment at which the whole was noticed.
_OPEN: LiteralString = """
INSERT INTO device_gap (kind, device_id, first_missing, last_missing, after_at, before_at, noticed_at)
SELECT 'tag', f.tag_id, f.first_missing, f.last_missing, f.after_at, f.before_at, coalesce(min(s.noticed_at), %(now)s)
FROM found_gap f
LEFT JOIN standing_gap s ON s.device_id = f.tag_id
     AND s.first_missing <= f.last_missing AND s.last_missing >= f.first_missing
     AND s.after_at <= f.before_at AND s.before_at >= f.after_at
GROUP BY f.tag_id, f.first_missing, f.last_missing, f.after_at, f.before_at
HAVING NOT coalesce(bool_or(f.after_at = s.after_at AND f.before_at = s.before_at
                            AND f.first_missing = s.first_missing AND f.last_missing = s.last_missing), false)
"""


# Without statistics the planner takes a fresh table for tiny, and loops.
_STAGES: tuple[tuple[LiteralString, LiteralString], ...] = (
    (_LOOKED_AT, "ANALYZE looked_at"),
    (_FOUND, "ANALYZE found_gap"),
    (_STANDING, "ANALYZE standing_gap"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look has changed."""

    noticed: int
    closed: int


def look(connection: psycopg.Connection, stretch: Stretch, now: datetime) -> Looked:
    """Bring the open gaps around `stretch` in line with what is stored. `now` is when they are noticed and closed."""
    bounds = {"first": stretch[0], "last": stretch[1], "slack": CLOCK_SLACK, "largest": LARGEST, "now": now}
    with connection.transaction(), connection.cursor() as cursor:
        for statement in _TABLES:
            cursor.execute(statement)
        for fill, analyse in _STAGES:
            cursor.execute(fill, bounds)
            cursor.execute(analyse)
        closed = cursor.execute(_CLOSE, bounds).rowcount
        return Looked(noticed=cursor.execute(_OPEN, bounds).rowcount, closed=closed)
