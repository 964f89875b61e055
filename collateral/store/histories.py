"""What one animal's tags said over time, and what the animals of a herd did on one day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from psycopg.rows import args_row

# A fix with a fault is no place where the animal was.
_READINGS = """
SELECT r.measured_at, CASE WHEN r.fix_fault IS NULL THEN r.latitude END AS latitude,
       CASE WHEN r.fix_fault IS NULL THEN r.longitude END AS longitude,
       r.steps, r.activity, r.ear_temp_c, r.battery_pct
FROM tag_assignment w
JOIN reading r ON r.tag_id = w.tag_id AND r.measured_at >= w.since AND r.measured_at < coalesce(w.until, 'infinity')
WHERE w.animal_id = %(animal)s AND r.measured_at >= %(since)s AND r.measured_at <= %(until)s
ORDER BY r.measured_at, r.sequence
"""

_ON_DAY = """
SELECT animal_id, pen_id, readings, activity_mean, steps, ear_temp_mean_c, ear_temp_max_c, battery_min_pct,
       last_heard_at, latitude, longitude
FROM animal_day
WHERE since = %(day)s AND (%(farm)s::text IS NULL OR farm_id = %(farm)s)
ORDER BY animal_id
"""


# Tuples, and read in binary: thousands of rows are made for one screen, and making them takes longer than finding them.


class Point(NamedTuple):
    """One reading of a history; degrees WGS-84, steps since the reading before, degrees Celsius, percent."""

    measured_at: datetime
    latitude: float | None
    longitude: float | None
    steps: int | None
    activity: float | None
    ear_temp_c: float | None
    battery_pct: float | None


class AnimalDay(NamedTuple):
    """One animal on one UTC day."""

    animal_id: str
    pen_id: str
    readings: int
    activity_mean: float | None
    steps: int | None
    ear_temp_mean_c: float | None
    ear_temp_max_c: float | None
    battery_min_pct: float | None
    last_heard_at: datetime
    latitude: float | None
    longitude: float | None


def readings(connection: psycopg.Connection, animal_id: str, since: datetime, until: datetime) -> list[Point]:
    """Everything that the tags of an animal said while it wore them, oldest first."""
    bounds = {"animal": animal_id, "since": since, "until": until}
    with connection.cursor(row_factory=args_row(Point), binary=True) as cursor:
        return cursor.execute(_READINGS, bounds).fetchall()


def animals_on(connection: psycopg.Connection, day: datetime, farm_id: str | None = None) -> list[AnimalDay]:
    """The animals heard on the UTC day of `day`, of one farm or of every farm the caller may see."""
    midnight = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor(row_factory=args_row(AnimalDay), binary=True) as cursor:
        return cursor.execute(_ON_DAY, {"day": midnight, "farm": farm_id}).fetchall()
