"""What cases turned out to be and how soon they were handled: the ground of precision and of the SLA report."""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from collateral.alerting.precision import Outcome
from collateral.alerting.sla import Handled
from collateral.model.case import Disposition
from collateral.model.finding import Severity

# What was silenced from beginning to end called nobody.
_OUTCOMES = """
SELECT rule, opened_at, disposition FROM supervision_case
WHERE opened_at >= %s AND opened_at < %s AND stage <> 'suppressed' AND (silenced_by IS NULL OR acknowledged_at IS NOT NULL)
ORDER BY opened_at, case_id
"""
_HANDLED = """
SELECT severity, opened_at, coalesce(raised_at, opened_at) AS raised_at, acknowledged_at, closed_at
FROM supervision_case
WHERE opened_at >= %s AND opened_at < %s AND audience = 'bank' AND stage <> 'suppressed'
  AND (silenced_by IS NULL OR acknowledged_at IS NOT NULL)
ORDER BY opened_at, case_id
"""


def outcomes(connection: psycopg.Connection, since: datetime, until: datetime) -> list[Outcome]:
    """Every case opened in [since, until) that the caller may see."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [
            Outcome(
                rule=row["rule"], opened_at=row["opened_at"],
                disposition=Disposition(row["disposition"]) if row["disposition"] else None,
            )
            for row in cursor.execute(_OUTCOMES, (since, until))
        ]  # fmt: skip


def handled(connection: psycopg.Connection, since: datetime, until: datetime) -> list[Handled]:
    """The times of every case for the bank opened in [since, until) that the caller may see."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [
            Handled(
                severity=Severity(row["severity"]), opened_at=row["opened_at"], raised_at=row["raised_at"],
                acknowledged_at=row["acknowledged_at"], closed_at=row["closed_at"],
            )
            for row in cursor.execute(_HANDLED, (since, until))
        ]  # fmt: skip
