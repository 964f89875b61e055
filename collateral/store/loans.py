"""Loans as an officer reads them: the contract, its newest reconciliation, its open cases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from collateral.contract.http import Count, CoveragePoint, LoanSummary, Named, SeverityTally

NO_RECONCILIATION = "no reconciliation yet"
NO_FRESH_COUNT = "no fresh camera count"
MOST_LOANS = 500
MOST_POINTS = 400

_SUMMARIES = """
SELECT l.*, b.name_zh AS branch_zh, b.name_en AS branch_en,
       pledged.head, pledged.value AS pledged_value, standing.farms,
       r.as_of, r.book, r.tags_seen, r.camera_low, r.camera_best, r.camera_high, r.estimate_low, r.estimate_best,
       r.estimate_high, r.coverage, r.value_minor, tally.red, tally.orange, tally.yellow, tally.blue
FROM loan l
JOIN branch b ON b.branch_id = l.branch_id
LEFT JOIN LATERAL (
    SELECT * FROM reconciliation WHERE loan_id = l.loan_id AND as_of <= %(now)s ORDER BY as_of DESC LIMIT 1
) r ON true
CROSS JOIN LATERAL (
    SELECT coalesce(sum(head), 0) AS head, coalesce(sum(head * value_per_head_minor), 0)::bigint AS value
    FROM pledge WHERE loan_id = l.loan_id AND since <= %(now)s AND coalesce(until > %(now)s, true)
) pledged
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.farm_id, 'name_zh', f.name_zh, 'name_en', f.name_en)
                              ORDER BY f.farm_id), '[]') AS farms
    FROM farm f
    WHERE f.farm_id IN (
        SELECT coalesce(a.farm_id, g.farm_id)
        FROM pledge p LEFT JOIN animal a ON a.animal_id = p.animal_id LEFT JOIN animal_group g ON g.group_id = p.group_id
        WHERE p.loan_id = l.loan_id AND p.since <= %(now)s AND coalesce(p.until > %(now)s, true))
) standing
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE severity = 4) AS red, count(*) FILTER (WHERE severity = 3) AS orange,
           count(*) FILTER (WHERE severity = 2) AS yellow, count(*) FILTER (WHERE severity = 1) AS blue
    FROM supervision_case WHERE loan_id = l.loan_id AND state IN ('open', 'acknowledged') AND audience = 'bank'
) tally
WHERE (%(loan)s::text IS NULL OR l.loan_id = %(loan)s)
ORDER BY l.loan_id
LIMIT %(most)s
"""

# The last snapshot of each of at most MOST_POINTS equal stretches of time.
_COVERAGE = """
SELECT * FROM (
    SELECT DISTINCT ON (floor(extract(epoch FROM as_of) / %(stretch_s)s)) *
    FROM reconciliation
    WHERE loan_id = %(loan)s AND as_of > %(since)s AND as_of <= %(now)s
    ORDER BY floor(extract(epoch FROM as_of) / %(stretch_s)s), as_of DESC
) newest ORDER BY as_of
"""


def summaries(connection: psycopg.Connection, now: datetime) -> list[LoanSummary]:
    """Every loan the caller may see."""
    return _read(connection, None, now)


def one(connection: psycopg.Connection, loan_id: str, now: datetime) -> LoanSummary | None:
    """A loan; None when there is none that the caller may see."""
    found = _read(connection, loan_id, now)
    return found[0] if found else None


def drawn_on(connection: psycopg.Connection, loan_id: str) -> date:
    """When a loan was paid out."""
    row = connection.execute("SELECT drawn_on FROM loan WHERE loan_id = %s", (loan_id,)).fetchone()
    if row is None:
        raise LookupError(f"no loan {loan_id}")
    found: date = row[0]
    return found


def coverage(connection: psycopg.Connection, loan_id: str, now: datetime, back: timedelta) -> list[CoveragePoint]:
    """How a loan's figures went over the time `back` until now, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _COVERAGE,
            {"loan": loan_id, "now": now, "since": now - back, "stretch_s": back.total_seconds() / MOST_POINTS},
        )
        return [_point(row) for row in rows]


def _read(connection: psycopg.Connection, loan_id: str | None, now: datetime) -> list[LoanSummary]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SUMMARIES, {"now": now, "loan": loan_id, "most": MOST_LOANS})
        return [_summary(row, now) for row in rows]


def _summary(row: dict[str, Any], now: datetime) -> LoanSummary:
    known = row["as_of"] is not None
    value = row["value_minor"] if known else row["pledged_value"]
    return LoanSummary(
        loan_id=row["loan_id"], contract_no=row["contract_no"], borrower_zh=row["borrower_zh"],
        borrower_en=row["borrower_en"],
        branch=Named(id=row["branch_id"], name_zh=row["branch_zh"], name_en=row["branch_en"]),
        farms=[Named(**farm) for farm in row["farms"]], principal_minor=row["principal_minor"],
        balance_minor=row["balance_minor"], currency=row["currency"], value_minor=value,
        # Without any value left, the ratio has no end; a very large number still sorts and shows as what it is.
        ltv=row["balance_minor"] / max(value, 1), ltv_ceiling=row["ltv_ceiling"], matures_on=row["matures_on"],
        book=row["book"] if known else row["head"], tags_seen=row["tags_seen"] or 0, camera=_camera(row),
        estimate=_estimate(row), coverage=row["coverage"] or 0.0, as_of=row["as_of"] or now,
        open_cases=SeverityTally(red=row["red"], orange=row["orange"], yellow=row["yellow"], blue=row["blue"]),
    )  # fmt: skip


def _point(row: dict[str, Any]) -> CoveragePoint:
    return CoveragePoint(
        as_of=row["as_of"], book=row["book"], tags_seen=row["tags_seen"], camera=_camera(row), estimate=_estimate(row),
        coverage=row["coverage"], value_minor=row["value_minor"], balance_minor=row["balance_minor"],
    )  # fmt: skip


def _camera(row: dict[str, Any]) -> Count:
    reason = None if row["camera_best"] is not None else NO_FRESH_COUNT if row["as_of"] else NO_RECONCILIATION
    return Count(
        low=row["camera_low"], best=row["camera_best"], high=row["camera_high"], as_of=row["as_of"],
        unknown_because=reason,
    )  # fmt: skip


def _estimate(row: dict[str, Any]) -> Count:
    return Count(
        low=row["estimate_low"], best=row["estimate_best"], high=row["estimate_high"], as_of=row["as_of"],
        unknown_because=None if row["as_of"] else NO_RECONCILIATION,
    )  # fmt: skip
