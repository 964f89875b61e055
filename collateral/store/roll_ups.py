"""Readings summed up by 5 minutes, hour and day, per animal and per herd (a pen, or a whole farm).

The same on every edition. Each transaction that stores readings leaves the hours it touched in `touched_hour`
(see touched_hours.py); a roll-up takes those rows away and computes exactly these hours anew, and the days they
lie in, in one transaction: whenever data come and however often it runs, the result is that of all data at once.
A tag that nobody wears is nobody's animal and is left out; its readings stay, and count once it is assigned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import LiteralString

import psycopg

from collateral.store import roll_up_queries as queries
from collateral.store.ages import CLOCKS_AHEAD, Ages

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_LOCK = 0x524F_4C4C  # one roll-up at a time: by the scheduler, or by hand

Errand = Callable[[psycopg.Connection, Sequence[datetime], datetime], object]
"""Work on readings of touched hours: (connection, hours, now), in the transaction that sums them up, before it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledUp:
    """`hours` were computed anew, which wrote or removed `rows`. `passed_over` hours are too old or not to be yet."""

    hours: tuple[datetime, ...]
    rows: int
    passed_over: int


_REASSIGNED: LiteralString = """
WITH tag AS (DELETE FROM reassigned_tag RETURNING tag_id, since, until)
INSERT INTO touched_hour (hour)
SELECT DISTINCT date_trunc('hour', r.measured_at, 'UTC')
FROM tag JOIN reading r
    ON r.tag_id = tag.tag_id AND r.measured_at >= tag.since AND r.measured_at < coalesce(tag.until, 'infinity')
WHERE r.measured_at >= %(oldest)s AND r.measured_at < %(newest)s
"""
_WAITING: LiteralString = """
SELECT DISTINCT hour FROM touched_hour WHERE hour >= %(oldest)s AND hour < %(newest)s ORDER BY hour DESC
"""
# Only rows that are committed are seen here; what comes later leaves a row of its own for the next roll-up.
_TAKE: LiteralString = "DELETE FROM touched_hour WHERE hour = ANY(%s)"
# Of hours beyond these bounds the readings are gone already in part, or their date is an error of a device's clock.
_BEYOND: LiteralString = "DELETE FROM touched_hour WHERE hour < %(oldest)s OR hour >= %(newest)s"


def roll_up(
    connection: psycopg.Connection,
    now: datetime,
    ages: Ages,
    *,
    errands: Iterable[Errand] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> RolledUp:
    """Sum up every hour that waits, the newest day first, one transaction a day. `stopping` ends it between days."""
    done: list[datetime] = []
    rows = 0
    connection.execute(_REASSIGNED, _bounds(now, ages))
    passed_over = connection.execute(_BEYOND, _bounds(now, ages)).rowcount
    for day, hours in groupby(waiting(connection, now, ages), key=_day):
        if stopping():
            break
        batch = sorted(hours)
        rows += _one_day(connection, day, batch, now, ages, errands)
        done += batch
    return RolledUp(hours=tuple(sorted(done)), rows=rows, passed_over=passed_over)


def waiting(connection: psycopg.Connection, now: datetime, ages: Ages) -> list[datetime]:
    """The hours that have readings not yet summed up, newest first."""
    return [hour for (hour,) in connection.execute(_WAITING, _bounds(now, ages))]


def _one_day(
    connection: psycopg.Connection, day: datetime, hours: list[datetime], now: datetime, ages: Ages,
    errands: Iterable[Errand],
) -> int:  # fmt: skip
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_TAKE, (hours,))
        for errand in errands:
            errand(connection, hours, now)
        return compute(connection, day, hours, five_minutes=day >= now - ages.five_minutes)


def compute(connection: psycopg.Connection, day: datetime, hours: list[datetime], *, five_minutes: bool) -> int:
    """Compute `hours` of one UTC `day` anew and the day with them; how many rows were written or removed.

    Within a transaction.
    """
    connection.execute("SET LOCAL work_mem = '64MB'")  # a day of 17,000 animals is summed up without temporary files
    within = {"first": hours[0], "end": hours[-1] + HOUR, "hours": hours}
    whole = {"first": day, "end": day + DAY, "hours": [day + n * HOUR for n in range(24)]}
    rows = _run(connection, queries.FIVE_MINUTES, within) if five_minutes else 0
    return rows + _run(connection, queries.HOUR, within) + _run(connection, queries.DAY, whole)


def _run(connection: psycopg.Connection, level: queries.Level, bounds: dict[str, object]) -> int:
    connection.execute(level.stage, bounds)
    connection.execute("ANALYZE fresh_roll_up")
    steps = (level.animals_gone, level.animals, level.herds)
    rows = sum(max(0, connection.execute(step, bounds).rowcount) for step in steps)
    connection.execute("DROP TABLE fresh_roll_up")
    return rows


def _bounds(now: datetime, ages: Ages) -> dict[str, datetime]:
    # Retention may be at work on the oldest day: what it has taken away must not vanish from the sums.
    return {"oldest": _day(now - ages.readings) + 2 * DAY, "newest": now + CLOCKS_AHEAD}


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
