"""Snapshots of book x tags x camera x physical count, one per loan and moment; their pens and unseen once an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb

from collateral.book.reconcile import PenReconciled, Reconciled
from collateral.book.unseen import UnseenPledge
from collateral.facts.herd import CameraState
from collateral.model.herd import HeadCount
from collateral.model.ids import FarmId

MOST_UNSEEN = 500
LEARN_BACK, LEARN_UNTIL = timedelta(days=15), timedelta(days=1)  # a removal of today is not learnt as a habit
LEARN_POINTS = 24

_ADD: LiteralString = """
INSERT INTO reconciliation (loan_id, as_of, book, tags_seen, camera_low, camera_best, camera_high,
    estimate_low, estimate_best, estimate_high, coverage, value_minor, balance_minor, excused, chance_short,
    physical, physical_sigma, physical_at)
SELECT %(loan)s, %(as_of)s, %(book)s, %(tags_seen)s, %(camera_low)s, %(camera_best)s, %(camera_high)s,
    %(low)s, %(best)s, %(high)s, %(coverage)s, %(value)s, balance_minor, %(excused)s, %(chance_short)s,
    %(physical)s, %(physical_sigma)s, %(physical_at)s
FROM loan WHERE loan_id = %(loan)s
ON CONFLICT (loan_id, as_of) DO UPDATE SET book = excluded.book, tags_seen = excluded.tags_seen,
    camera_low = excluded.camera_low, camera_best = excluded.camera_best, camera_high = excluded.camera_high,
    estimate_low = excluded.estimate_low, estimate_best = excluded.estimate_best,
    estimate_high = excluded.estimate_high, coverage = excluded.coverage, value_minor = excluded.value_minor,
    excused = excluded.excused, chance_short = excluded.chance_short, physical = excluded.physical,
    physical_sigma = excluded.physical_sigma, physical_at = excluded.physical_at
"""
# The hour's earlier lines give way; an older snapshot that comes late does not displace a newer one's.
_NEWER: LiteralString = """
SELECT FROM reconciliation_unseen
WHERE loan_id = %(loan)s AND as_of > %(as_of)s AND as_of < date_trunc('hour', %(as_of)s::timestamptz) + interval '1 hour'
"""
_FORGET_PENS: LiteralString = """
DELETE FROM reconciliation_pen
WHERE loan_id = %(loan)s AND as_of >= date_trunc('hour', %(as_of)s::timestamptz) AND as_of <= %(as_of)s
"""
_FORGET_UNSEEN: LiteralString = """
DELETE FROM reconciliation_unseen
WHERE loan_id = %(loan)s AND as_of >= date_trunc('hour', %(as_of)s::timestamptz) AND as_of <= %(as_of)s
"""
_ADD_PEN: LiteralString = """
INSERT INTO reconciliation_pen (loan_id, as_of, pen_id, book, tagged, tags_seen, evidenced, excused, camera_low,
    camera_best, camera_high, camera_share, physical, estimate_low, estimate_best, estimate_high, value_minor)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_UNSEEN: LiteralString = "INSERT INTO reconciliation_unseen VALUES (%s, %s, %s, %s)"
_USUAL: LiteralString = """
SELECT c.camera_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.camera_share)
FROM camera c JOIN reconciliation_pen p ON p.pen_id = c.pen_id
WHERE c.farm_id = %(farm)s AND p.camera_share IS NOT NULL AND p.as_of > %(since)s AND p.as_of <= %(until)s
GROUP BY c.camera_id HAVING count(*) >= %(least)s
"""


def add(connection: psycopg.Connection, result: Reconciled) -> None:
    """Keep one snapshot; the same loan and moment again is replaced. Inside a transaction."""
    physical = result.physical
    connection.execute(
        _ADD,
        {
            "loan": result.loan_id, "as_of": result.as_of, "book": result.book, "tags_seen": result.tags_seen,
            **dict(zip(("camera_low", "camera_best", "camera_high"), _three(result.camera), strict=True)),
            "low": result.estimate.low, "best": result.estimate.best, "high": result.estimate.high,
            "coverage": result.coverage, "value": result.value_minor, "excused": result.excused,
            "chance_short": result.chance_short, "physical": physical.found if physical else None,
            "physical_sigma": physical.sigma if physical else None,
            "physical_at": physical.counted_at if physical else None,
        },
    )  # fmt: skip
    which = {"loan": result.loan_id, "as_of": result.as_of}
    if connection.execute(_NEWER, which).fetchone() is not None:
        return
    connection.execute(_FORGET_PENS, which)
    connection.execute(_FORGET_UNSEEN, which)
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_PEN, [_pen_row(result, pen) for pen in result.pens])
    unseen = Jsonb([_unseen_row(line) for line in result.unseen[:MOST_UNSEEN]])
    connection.execute(_ADD_UNSEEN, (result.loan_id, result.as_of, len(result.unseen), unseen))


def moments(connection: psycopg.Connection, since: datetime) -> set[datetime]:
    """The moments after `since` that have been reconciled."""
    return {
        row[0] for row in connection.execute("SELECT DISTINCT as_of FROM reconciliation WHERE as_of > %s", (since,))
    }


def first_reading(connection: psycopg.Connection, since: datetime) -> datetime | None:
    """When the oldest stored reading after `since` was measured."""
    row = connection.execute("SELECT min(measured_at) FROM reading WHERE measured_at > %s", (since,)).fetchone()
    return row[0] if row else None


def coverage_before(connection: psycopg.Connection, loan_id: str, moment: datetime) -> float | None:
    """The coverage of a loan by the newest snapshot before `moment`."""
    row = connection.execute(
        "SELECT coverage FROM reconciliation WHERE loan_id = %s AND as_of < %s ORDER BY as_of DESC LIMIT 1",
        (loan_id, moment),
    ).fetchone()
    return row[0] if row else None


def with_usual_shares(
    connection: psycopg.Connection, cameras: tuple[CameraState, ...], farm: FarmId, as_of: datetime
) -> tuple[CameraState, ...]:
    """The cameras with what they usually count of each head evidenced: the median of the two weeks before yesterday.
    A camera with less than a day of such counts stays unlearnt."""
    at = {"farm": farm, "since": as_of - LEARN_BACK, "until": as_of - LEARN_UNTIL, "least": LEARN_POINTS}
    usual = {camera: float(share) for camera, share in connection.execute(_USUAL, at)}
    return tuple(replace(camera, usual_share=usual.get(camera.camera_id)) for camera in cameras)


def _three(count: HeadCount | None) -> tuple[int | None, int | None, int | None]:
    return (count.low, count.best, count.high) if count else (None, None, None)


def _pen_row(result: Reconciled, pen: PenReconciled) -> tuple[object, ...]:
    return (
        result.loan_id, result.as_of, pen.pen_id, pen.book, pen.tagged, pen.tags_seen, pen.evidenced, pen.excused,
        *_three(pen.camera), pen.camera_share, pen.physical, *_three(pen.estimate), pen.value_minor,
    )  # fmt: skip


def _unseen_row(line: UnseenPledge) -> dict[str, object]:
    return {
        "animal_id": line.animal_id, "identity": line.identity, "tag_id": line.tag_id, "pen_id": line.pen_id,
        "last_seen_at": line.last_seen_at.isoformat() if line.last_seen_at else None, "state": str(line.state),
        "value_minor": line.value_minor,
    }  # fmt: skip
