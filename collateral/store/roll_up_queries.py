"""The SQL of the roll-ups: one pattern, filled in for each period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

_MEASURES: LiteralString = (
    "readings, activity_readings, activity_mean, steps, ear_temp_readings, ear_temp_mean_c, ear_temp_min_c,"
    " ear_temp_max_c, battery_min_pct, last_heard_at, rumination_min, tampered, rssi_readings, rssi_mean_dbm"
)
_FIX: LiteralString = "fix_at, latitude, longitude"
_SUMS: LiteralString = """
    sum(readings)::bigint AS readings, sum(activity_readings)::bigint AS activity_readings,
    sum(activity_mean * activity_readings) / nullif(sum(activity_readings), 0) AS activity_mean,
    sum(steps)::bigint AS steps, sum(ear_temp_readings)::bigint AS ear_temp_readings,
    sum(ear_temp_mean_c * ear_temp_readings) / nullif(sum(ear_temp_readings), 0) AS ear_temp_mean_c,
    min(ear_temp_min_c) AS ear_temp_min_c, max(ear_temp_max_c) AS ear_temp_max_c,
    min(battery_min_pct) AS battery_min_pct, max(last_heard_at) AS last_heard_at,
    sum(rumination_min) AS rumination_min, bool_or(tampered) AS tampered,
    sum(rssi_readings)::bigint AS rssi_readings,
    sum(rssi_mean_dbm * rssi_readings) / nullif(sum(rssi_readings), 0) AS rssi_mean_dbm
"""

# The newest fix with nothing against it: the greatest array is the one with the greatest first element.
_NEWEST_FIX: LiteralString = """
    max(ARRAY[extract(epoch FROM r.measured_at)::float8, r.sequence::float8, r.latitude, r.longitude])
        FILTER (WHERE r.latitude IS NOT NULL AND r.longitude IS NOT NULL AND r.fix_fault IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Level:
    """The statements for one period; bounds are `first`, `end` (exclusive) and the `hours` between them."""

    stage: LiteralString
    animals_gone: LiteralString
    animals: LiteralString
    herds: LiteralString


def _from_readings(step: LiteralString) -> LiteralString:
    return f"""
CREATE TEMPORARY TABLE fresh_roll_up AS
SELECT since, animal_id, farm_id, pen_id, {_MEASURES},
       to_timestamp(fix[1]) AS fix_at, fix[3] AS latitude, fix[4] AS longitude
FROM (
    SELECT date_bin('{step}', r.measured_at, 'epoch') AS since, a.animal_id, a.farm_id, a.pen_id,
           count(*) AS readings, count(r.activity) AS activity_readings, avg(r.activity) AS activity_mean,
           sum(r.steps) AS steps, count(r.ear_temp_c) AS ear_temp_readings, avg(r.ear_temp_c) AS ear_temp_mean_c,
           min(r.ear_temp_c) AS ear_temp_min_c, max(r.ear_temp_c) AS ear_temp_max_c,
           min(r.battery_pct) AS battery_min_pct, max(r.measured_at) AS last_heard_at,
           sum(r.rumination_min::float8) AS rumination_min, bool_or(r.tamper) AS tampered,
           count(r.rssi_dbm) AS rssi_readings, avg(r.rssi_dbm) AS rssi_mean_dbm, {_NEWEST_FIX} AS fix
    FROM tag_assignment w
    JOIN animal a ON a.animal_id = w.animal_id
    JOIN reading r ON r.tag_id = w.tag_id AND r.measured_at >= w.since AND r.measured_at < coalesce(w.until, 'infinity')
    WHERE r.measured_at >= %(first)s AND r.measured_at < %(end)s AND w.since < %(end)s
      AND date_trunc('hour', r.measured_at, 'UTC') = ANY(%(hours)s)
    GROUP BY 1, 2, 3, 4
) summed
"""


def _from_hours() -> LiteralString:
    return f"""
CREATE TEMPORARY TABLE fresh_roll_up AS
SELECT since, animal_id, stood[1] AS farm_id, stood[2] AS pen_id, {_MEASURES},
       to_timestamp(fix[1]) AS fix_at, fix[2] AS latitude, fix[3] AS longitude
FROM (
    SELECT date_trunc('day', since, 'UTC') AS since, animal_id, {_SUMS},
           (max(ARRAY[to_char(since, 'HH24'), farm_id, pen_id]))[2:3] AS stood,
           max(ARRAY[extract(epoch FROM fix_at)::float8, latitude, longitude])
               FILTER (WHERE fix_at IS NOT NULL) AS fix
    FROM animal_hour
    WHERE since >= %(first)s AND since < %(end)s
    GROUP BY 1, 2
) summed
"""


_TOUCHED: LiteralString = (
    "old.since >= %(first)s AND old.since < %(end)s AND date_trunc('hour', old.since, 'UTC') = ANY(%(hours)s)"
)


def _excluded(columns: LiteralString) -> LiteralString:
    return ", ".join(f"excluded.{name}" for name in columns.split(", "))


def _kept(table: LiteralString, columns: LiteralString) -> LiteralString:
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def _upsert(table: LiteralString, key: LiteralString, columns: LiteralString) -> LiteralString:
    """Rows that would not change are not written: most of a touched day is as it was."""
    return f"""
ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ROW ({_excluded(columns)})
WHERE ({_kept(table, columns)}) IS DISTINCT FROM ({_excluded(columns)})
"""


def _level(name: LiteralString, stage: LiteralString) -> Level:
    animals, herds = f"animal_{name}", f"herd_{name}"
    seen = f"animals_heard, {_MEASURES}"
    fresh_herds = f"""
    SELECT since, farm_id, pen_id, count(*) AS animals_heard, {_SUMS}
    FROM {animals} old WHERE {_TOUCHED}
    GROUP BY GROUPING SETS ((since, farm_id, pen_id), (since, farm_id))
    """
    return Level(
        stage=stage,
        animals_gone=f"""
        DELETE FROM {animals} old WHERE {_TOUCHED} AND NOT EXISTS
            (SELECT FROM fresh_roll_up f WHERE f.since = old.since AND f.animal_id = old.animal_id)
        """,
        animals=f"""
        INSERT INTO {animals} (since, animal_id, farm_id, pen_id, {_MEASURES}, {_FIX})
        SELECT since, animal_id, farm_id, pen_id, {_MEASURES}, {_FIX} FROM fresh_roll_up ORDER BY since, animal_id
        {_upsert(animals, "since, animal_id", f"{_MEASURES}, {_FIX}")}
        """,
        herds=f"""
        WITH fresh AS ({fresh_herds}), gone AS (
            DELETE FROM {herds} old WHERE {_TOUCHED} AND NOT EXISTS (SELECT FROM fresh f
                WHERE f.since = old.since AND f.farm_id = old.farm_id AND f.pen_id IS NOT DISTINCT FROM old.pen_id)
        )
        INSERT INTO {herds} (since, farm_id, pen_id, {seen}) SELECT since, farm_id, pen_id, {seen} FROM fresh
        {_upsert(herds, "since, farm_id, pen_id", seen)}
        """,
    )


FIVE_MINUTES = _level("5min", _from_readings("5 minutes"))
HOUR = _level("hour", _from_readings("1 hour"))
DAY = _level("day", _from_hours())
