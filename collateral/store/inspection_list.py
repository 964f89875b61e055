"""Count sessions (盘点) in a list: how far each has come, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.book.session import SessionPlan
from collateral.model.ids import FarmId, LoanId, PenId

MOST_SESSIONS = 200

_NEWEST: LiteralString = """
SELECT s.session_id, s.loan_id, s.farm_id, s.pens, s.opened_at, s.opened_by, s.freeze_from, s.freeze_until,
       d.session_id IS NOT NULL AS is_sampled, r.passed, r.gross, r.unique_tags
FROM count_session s
LEFT JOIN count_session_sample d ON d.session_id = s.session_id
LEFT JOIN count_session_result r ON r.session_id = s.session_id
WHERE (%(loan)s::text IS NULL OR s.loan_id = %(loan)s) AND (%(farm)s::text IS NULL OR s.farm_id = %(farm)s)
ORDER BY s.opened_at DESC, s.session_id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A session, whether its sample is drawn, and its result; `passed`, `gross`, `unique_tags` None: not closed."""

    plan: SessionPlan
    is_sampled: bool
    passed: bool | None
    gross: int | None
    unique_tags: int | None


def newest(connection: psycopg.Connection, loan_id: str | None = None, farm_id: str | None = None) -> list[Progress]:
    """The newest sessions that the caller may see, newest first; of one loan or farm where it is named."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_NEWEST, {"loan": loan_id, "farm": farm_id, "most": MOST_SESSIONS})
        return [_progress(row) for row in rows]


def _progress(row: dict[str, Any]) -> Progress:
    plan = SessionPlan(
        session_id=row["session_id"], loan_id=LoanId(row["loan_id"]), farm_id=FarmId(row["farm_id"]),
        pens=tuple(PenId(pen) for pen in row["pens"]), opened_at=row["opened_at"], opened_by=row["opened_by"],
        freeze_from=row["freeze_from"], freeze_until=row["freeze_until"],
    )  # fmt: skip
    return Progress(
        plan=plan, is_sampled=row["is_sampled"], passed=row["passed"], gross=row["gross"],
        unique_tags=row["unique_tags"],
    )  # fmt: skip
