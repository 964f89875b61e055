"""Fixes that no animal can have walked to, marked around the hours that have just changed, never dropped.

A fix is at fault (`jump`) when
* it is there and back: reached and left faster than 3 m/s, while its neighbours agree with one another. A truck is
  not marked: it keeps going, and transport is evidence of theft;
* or it is reached faster than 70 m/s, which no vehicle on a road does, from a fix that is not itself there and back.

Distances within the two fixes' own errors say nothing, nor do neighbours more than a day apart. Fixes at (0, 0)
are marked at ingest and are nobody's neighbours. Late data change who is whose neighbour: marks come and go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg

from collateral.facts.fix_faults import ANIMAL_M_S, APART_S, ROAD_M_S, USUAL_ERROR_M
from collateral.store import stretches
from collateral.store.stretches import Stretch

APART = timedelta(seconds=APART_S)

# A mark rests on two fixes before and one after, so a new fix can change the marks of one before it and two after it;
# to judge those, three on either side are needed. Inside a day of the hours for the one, two days for the two: what
# is farther is nobody's neighbour here, and might lack its own.
_REFRESH: LiteralString = """
WITH near AS MATERIALIZED (
    SELECT tag_id, sequence, measured_at, latitude, longitude, fix_error_m, fix_fault FROM reading
    WHERE measured_at >= %(first)s AND measured_at < %(last)s + interval '1 hour'
      AND latitude IS NOT NULL AND longitude IS NOT NULL AND fix_fault IS DISTINCT FROM 'zero'
), touched AS MATERIALIZED (
    SELECT DISTINCT tag_id FROM near
), fix AS (
    SELECT *, true AS is_touched FROM near
    UNION ALL
    SELECT tag_id, r.* FROM touched CROSS JOIN LATERAL (
        SELECT sequence, measured_at, latitude, longitude, fix_error_m, fix_fault, false
        FROM reading
        WHERE tag_id = touched.tag_id AND measured_at < %(first)s AND measured_at >= %(first)s - 3 * %(apart)s
          AND latitude IS NOT NULL AND longitude IS NOT NULL AND fix_fault IS DISTINCT FROM 'zero'
        ORDER BY measured_at DESC, sequence DESC LIMIT 3) r
    UNION ALL
    SELECT tag_id, r.* FROM touched CROSS JOIN LATERAL (
        SELECT sequence, measured_at, latitude, longitude, fix_error_m, fix_fault, false
        FROM reading
        WHERE tag_id = touched.tag_id AND measured_at >= %(last)s + interval '1 hour'
          AND measured_at < %(last)s + interval '1 hour' + 3 * %(apart)s
          AND latitude IS NOT NULL AND longitude IS NOT NULL AND fix_fault IS DISTINCT FROM 'zero'
        ORDER BY measured_at, sequence LIMIT 3) r
), paired AS (
    SELECT *, coalesce(fix_error_m, %(usual)s) AS error_m, extract(epoch FROM measured_at)::float8 AS at_s,
           lag(latitude) OVER trail AS lat_0, lag(longitude) OVER trail AS lon_0,
           lag(coalesce(fix_error_m, %(usual)s)) OVER trail AS error_0,
           lag(extract(epoch FROM measured_at)::float8) OVER trail AS at_0,
           lead(latitude) OVER trail AS lat_2, lead(longitude) OVER trail AS lon_2,
           lead(coalesce(fix_error_m, %(usual)s)) OVER trail AS error_2,
           lead(extract(epoch FROM measured_at)::float8) OVER trail AS at_2
    FROM fix WINDOW trail AS (PARTITION BY tag_id ORDER BY measured_at, sequence)
), reached AS (
    SELECT *, ground_m(lat_0, lon_0, latitude, longitude) AS metres, at_s - at_0 AS seconds
    FROM paired
), hasty AS (
    SELECT *, coalesce(metres > error_0 + error_m AND seconds <= %(apart_s)s
                       AND metres > %(animal)s * seconds, false) AS is_hasty
    FROM reached
), spike AS (
    SELECT *, CASE WHEN is_hasty AND lead(is_hasty) OVER trail
                   THEN ground_m(lat_0, lon_0, lat_2, lon_2) <= greatest(error_0 + error_2, %(animal)s * (at_2 - at_0))
                   ELSE false END AS is_spike
    FROM hasty WINDOW trail AS (PARTITION BY tag_id ORDER BY measured_at, sequence)
), told AS (
    SELECT tag_id, measured_at, sequence, fix_fault, CASE
               WHEN is_spike THEN 'jump'
               WHEN is_hasty AND metres > %(road)s * seconds AND NOT lag(is_spike) OVER trail THEN 'jump'
           END AS fault,
           is_touched OR lead(is_touched) OVER trail OR lag(is_touched) OVER trail OR lag(is_touched, 2) OVER trail
               AS is_judged
    FROM spike WINDOW trail AS (PARTITION BY tag_id ORDER BY measured_at, sequence)
), changed AS MATERIALIZED (
    SELECT * FROM told
    WHERE is_judged AND fault IS DISTINCT FROM fix_fault AND measured_at >= %(first)s - %(apart)s
      AND measured_at < %(last)s + interval '1 hour' + 2 * %(apart)s
), marked AS (
    UPDATE reading r SET fix_fault = changed.fault
    FROM changed
    WHERE r.tag_id = changed.tag_id AND r.measured_at = changed.measured_at AND r.sequence = changed.sequence
      AND r.measured_at >= %(first)s - %(apart)s AND r.measured_at < %(last)s + interval '1 hour' + 2 * %(apart)s
    RETURNING r.measured_at
), elsewhere AS (
    INSERT INTO touched_hour (hour)
    SELECT DISTINCT date_trunc('hour', measured_at, 'UTC') FROM marked
    WHERE measured_at < %(first)s OR measured_at >= %(last)s + interval '1 hour'
)
SELECT count(*) FROM marked
"""


def refresh(connection: psycopg.Connection, hours: Iterable[datetime]) -> int:
    """Set and take back marks where fixes of these hours (event time) touch them; how many rows have changed.

    Where a mark changes in another hour, that hour is touched in its turn: roll-ups leave faulted fixes out.
    """
    return sum(_refresh(connection, stretch) for stretch in stretches.of(hours))


def _refresh(connection: psycopg.Connection, stretch: Stretch) -> int:
    limits = {
        "first": stretch[0], "last": stretch[1], "apart": APART, "apart_s": APART.total_seconds(),
        "animal": ANIMAL_M_S, "road": ROAD_M_S, "usual": USUAL_ERROR_M,
    }  # fmt: skip
    ((changed,),) = connection.execute(_REFRESH, limits).fetchall()
    return int(changed)
