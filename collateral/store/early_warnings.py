"""The early-warning grades of loans over time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.contract.early_warning import EarlyWarningPoint, ReasonShape
from collateral.model.ids import LoanId
from collateral.scoring.score import EarlyWarning

MOST_POINTS = 400

_ADD: LiteralString = """
INSERT INTO early_warning (loan_id, as_of, score, grade, models, reasons)
VALUES (%(loan)s, %(as_of)s, %(score)s, %(grade)s, %(models)s, %(reasons)s)
ON CONFLICT (loan_id, as_of) DO UPDATE SET score = excluded.score, grade = excluded.grade, models = excluded.models,
    reasons = excluded.reasons
"""
_LAST: LiteralString = """
SELECT DISTINCT ON (loan_id) loan_id, as_of, grade FROM early_warning WHERE as_of <= %s ORDER BY loan_id, as_of DESC
"""
# The gravest of each of at most MOST_POINTS equal stretches, and always the newest: a peak must not fall between.
_COURSE: LiteralString = """
SELECT as_of, score, grade, models, reasons FROM (
    SELECT *, row_number() OVER (
                PARTITION BY floor(extract(epoch FROM as_of) / %(stretch_s)s) ORDER BY score DESC, as_of DESC) AS place,
           row_number() OVER (ORDER BY as_of DESC) AS age
    FROM early_warning WHERE loan_id = %(loan)s AND as_of > %(since)s AND as_of <= %(now)s
) ranked WHERE place = 1 OR age = 1 ORDER BY as_of
"""


def add(connection: psycopg.Connection, warning: EarlyWarning) -> None:
    """Keep one grade; the same loan and moment again is replaced."""
    connection.execute(
        _ADD,
        {
            "loan": warning.loan_id, "as_of": warning.as_of, "score": warning.score, "grade": warning.word,
            "models": Jsonb(warning.models),
            "reasons": Jsonb({"reasons": [asdict(r) for r in warning.reasons], "unknown": list(warning.unknown)}),
        },
    )  # fmt: skip


def last(connection: psycopg.Connection, as_of: datetime) -> dict[LoanId, tuple[datetime, str]]:
    """When each loan was last graded before `as_of`, and how."""
    return {LoanId(loan): (at, grade) for loan, at, grade in connection.execute(_LAST, (as_of,))}


def course(connection: psycopg.Connection, loan_id: str, now: datetime, back: timedelta) -> list[EarlyWarningPoint]:
    """A loan's grades over the time `back` until now, oldest first, with their reasons."""
    bounds = {"loan": loan_id, "now": now, "since": now - back, "stretch_s": back.total_seconds() / MOST_POINTS}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [
            EarlyWarningPoint(
                as_of=row["as_of"], score=row["score"], grade=row["grade"], models=row["models"],
                reasons=[ReasonShape(**reason) for reason in row["reasons"]["reasons"]],
                unknown=row["reasons"]["unknown"],
            )
            for row in cursor.execute(_COURSE, bounds)
        ]  # fmt: skip
