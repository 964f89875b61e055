"""Snapshots of book x tags x camera, one per loan and moment."""

from __future__ import annotations

from datetime import datetime

import psycopg

from collateral.book.reconcile import Reconciled

_ADD = """
INSERT INTO reconciliation (loan_id, as_of, book, tags_seen, camera_low, camera_best, camera_high,
    estimate_low, estimate_best, estimate_high, coverage, value_minor, balance_minor)
SELECT %(loan)s, %(as_of)s, %(book)s, %(tags_seen)s, %(camera_low)s, %(camera_best)s, %(camera_high)s,
    %(low)s, %(best)s, %(high)s, %(coverage)s, %(value)s, balance_minor
FROM loan WHERE loan_id = %(loan)s
ON CONFLICT (loan_id, as_of) DO UPDATE SET book = excluded.book, tags_seen = excluded.tags_seen,
    camera_low = excluded.camera_low, camera_best = excluded.camera_best, camera_high = excluded.camera_high,
    estimate_low = excluded.estimate_low, estimate_best = excluded.estimate_best,
    estimate_high = excluded.estimate_high, coverage = excluded.coverage, value_minor = excluded.value_minor
"""


def add(connection: psycopg.Connection, result: Reconciled) -> None:
    """Keep one snapshot; the same loan and moment again is replaced."""
    connection.execute(
        _ADD,
        {
            "loan": result.loan_id, "as_of": result.as_of, "book": result.book, "tags_seen": result.tags_seen,
            "camera_low": result.camera.low if result.camera else None,
            "camera_best": result.camera.best if result.camera else None,
            "camera_high": result.camera.high if result.camera else None,
            "low": result.estimate.low, "best": result.estimate.best, "high": result.estimate.high,
            "coverage": result.coverage, "value": result.value_minor,
        },
    )  # fmt: skip


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
