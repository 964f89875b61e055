"""Cases and their events. A case changes only where its version is the one that was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.model.case import Case, CaseState
from collateral.model.finding import Severity
from collateral.model.ids import BranchId, CaseId, FarmId, LoanId

_COLUMNS = """case_id, rule, severity, state, branch_id, farm_id, loan_id, opened_at, event_at, last_seen_at, clear_since,
    occurrences, value_affected_minor, coverage_before, coverage_after, due_at, animals, testimonies, figures, version"""

_UNRESOLVED = "SELECT " + _COLUMNS + " FROM supervision_case WHERE state <> 'resolved' ORDER BY case_id"
_ONE = "SELECT " + _COLUMNS + " FROM supervision_case WHERE case_id = %s"

_INSERT = """
INSERT INTO supervision_case (rule, severity, state, branch_id, farm_id, loan_id, opened_at, event_at, last_seen_at,
    clear_since, occurrences, value_affected_minor, coverage_before, coverage_after, due_at, animals, testimonies, figures)
VALUES (%(rule)s, %(severity)s, %(state)s, %(branch_id)s, %(farm_id)s, %(loan_id)s, %(opened_at)s, %(event_at)s,
    %(last_seen_at)s, %(clear_since)s, %(occurrences)s, %(value_affected_minor)s, %(coverage_before)s,
    %(coverage_after)s, %(due_at)s, %(animals)s, %(testimonies)s, %(figures)s)
ON CONFLICT DO NOTHING
RETURNING case_id
"""

_UPDATE = """
UPDATE supervision_case SET severity = %(severity)s, state = %(state)s, event_at = %(event_at)s,
    last_seen_at = %(last_seen_at)s, clear_since = %(clear_since)s, occurrences = %(occurrences)s,
    value_affected_minor = %(value_affected_minor)s, coverage_after = %(coverage_after)s, due_at = %(due_at)s,
    animals = %(animals)s, testimonies = %(testimonies)s, figures = %(figures)s, version = version + 1
WHERE case_id = %(case_id)s AND version = %(version)s
"""

_EVENT = """
INSERT INTO case_event (case_id, at, actor, event, note, particulars)
VALUES (%s, %s, %s, %s, %s, %s)
"""


def unresolved(connection: psycopg.Connection) -> list[tuple[Case, int]]:
    """Every case that is not resolved, with the version it was read at."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [(case(row), row["version"]) for row in cursor.execute(_UNRESOLVED)]


def one(connection: psycopg.Connection, case_id: int) -> tuple[Case, int] | None:
    """A case and its version; None when there is none that the caller may see."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_ONE, (case_id,)).fetchone()
        return (case(row), row["version"]) if row else None


def add(connection: psycopg.Connection, new: Case) -> CaseId | None:
    """Store a new case; None when one of the same loan and rule has been opened meanwhile."""
    row = connection.execute(_INSERT, _values(new)).fetchone()
    return CaseId(row[0]) if row else None


def replace(connection: psycopg.Connection, changed: Case, version: int) -> bool:
    """Write a changed case where it is still at `version`; False when somebody else was faster."""
    return connection.execute(_UPDATE, _values(changed) | {"version": version}).rowcount == 1


def record(
    connection: psycopg.Connection, case_id: int, at: datetime, actor: str, event: str,
    note: str | None = None, particulars: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append to a case's history."""
    connection.execute(_EVENT, (case_id, at, actor, event, note, Jsonb(particulars or {})))


def case(row: dict[str, Any]) -> Case:
    """A case from its row."""
    return Case(
        case_id=CaseId(row["case_id"]), rule=row["rule"], severity=Severity(row["severity"]), state=CaseState(row["state"]),
        branch_id=BranchId(row["branch_id"]), farm_id=FarmId(row["farm_id"]),
        loan_id=LoanId(row["loan_id"]) if row["loan_id"] else None, opened_at=row["opened_at"], event_at=row["event_at"],
        last_seen_at=row["last_seen_at"], occurrences=row["occurrences"], value_affected_minor=row["value_affected_minor"],
        coverage_before=row["coverage_before"], coverage_after=row["coverage_after"], due_at=row["due_at"],
        animals=tuple(row["animals"]), testimonies=row["testimonies"], figures=row["figures"], clear_since=row["clear_since"],
    )  # fmt: skip


def _values(one_case: Case) -> dict[str, Any]:
    return {
        "case_id": one_case.case_id, "rule": one_case.rule, "severity": int(one_case.severity), "state": str(one_case.state),
        "branch_id": one_case.branch_id, "farm_id": one_case.farm_id, "loan_id": one_case.loan_id,
        "opened_at": one_case.opened_at, "event_at": one_case.event_at, "last_seen_at": one_case.last_seen_at,
        "clear_since": one_case.clear_since, "occurrences": one_case.occurrences,
        "value_affected_minor": one_case.value_affected_minor, "coverage_before": one_case.coverage_before,
        "coverage_after": one_case.coverage_after, "due_at": one_case.due_at, "animals": list(one_case.animals),
        "testimonies": Jsonb(one_case.testimonies), "figures": Jsonb(one_case.figures),
    }  # fmt: skip
