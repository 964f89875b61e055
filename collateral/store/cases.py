"""Cases and their events. A case changes only where its version is the one that was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.alerting.cases import key_of
from collateral.alerting.hysteresis import Key
from collateral.alerting.reopening import ANSWERED_FOR, REOPEN_WITHIN
from collateral.model.case import Case, Disposition, Stage
from collateral.model.finding import Audience, Severity
from collateral.model.ids import BranchId, CaseId, FarmId, LoanId

_COLUMNS: LiteralString = """case_id, rule, severity, stage, branch_id, farm_id, loan_id, opened_at,
    coalesce(raised_at, opened_at) AS raised_at, event_at, last_seen_at, clear_since, occurrences, value_affected_minor,
    coverage_before, coverage_after, due_at, animals, testimonies, figures, audience, acknowledged_at, closed_at,
    disposition, cause, decided_by, withdrawn_because, silenced_by, course, flapping, version"""

_UNRESOLVED = "SELECT " + _COLUMNS + " FROM supervision_case WHERE state <> 'resolved' ORDER BY case_id"
_ONE = "SELECT " + _COLUMNS + " FROM supervision_case WHERE case_id = %s"
# A case that was closed long ago and is still seen is one that a person has answered.
_OVER = (
    "SELECT DISTINCT ON (coalesce(loan_id, farm_id), rule) " + _COLUMNS + " FROM supervision_case"
    " WHERE state = 'resolved' AND (closed_at > %(since)s OR (last_seen_at > %(since)s AND closed_at > %(answered)s))"
    " ORDER BY coalesce(loan_id, farm_id), rule, closed_at DESC, case_id DESC"
)

_INSERT = """
INSERT INTO supervision_case (rule, severity, stage, branch_id, farm_id, loan_id, opened_at, raised_at, event_at,
    last_seen_at, clear_since, occurrences, value_affected_minor, coverage_before, coverage_after, due_at, animals,
    testimonies, figures, audience, silenced_by, course, flapping)
VALUES (%(rule)s, %(severity)s, %(stage)s, %(branch_id)s, %(farm_id)s, %(loan_id)s, %(opened_at)s, %(raised_at)s,
    %(event_at)s, %(last_seen_at)s, %(clear_since)s, %(occurrences)s, %(value_affected_minor)s, %(coverage_before)s,
    %(coverage_after)s, %(due_at)s, %(animals)s, %(testimonies)s, %(figures)s, %(audience)s, %(silenced_by)s,
    %(course)s, %(flapping)s)
ON CONFLICT DO NOTHING
RETURNING case_id
"""

_UPDATE = """
UPDATE supervision_case SET severity = %(severity)s, stage = %(stage)s, raised_at = %(raised_at)s,
    event_at = %(event_at)s, last_seen_at = %(last_seen_at)s, clear_since = %(clear_since)s,
    occurrences = %(occurrences)s, value_affected_minor = %(value_affected_minor)s,
    coverage_after = %(coverage_after)s, due_at = %(due_at)s, animals = %(animals)s, testimonies = %(testimonies)s,
    figures = %(figures)s, acknowledged_at = %(acknowledged_at)s, closed_at = %(closed_at)s,
    disposition = %(disposition)s, cause = %(cause)s, decided_by = %(decided_by)s,
    withdrawn_because = %(withdrawn_because)s, silenced_by = %(silenced_by)s, course = %(course)s,
    flapping = %(flapping)s, version = version + 1
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


def over(connection: psycopg.Connection, now: datetime) -> dict[Key, tuple[Case, int]]:
    """The last case of each key that is over, where a finding may still take it up, with the version it was read at."""
    times = {"since": now - REOPEN_WITHIN, "answered": now - ANSWERED_FOR}
    with connection.cursor(row_factory=dict_row) as cursor:
        found = [(case(row), row["version"]) for row in cursor.execute(_OVER, times)]
    return {key_of(read): (read, version) for read, version in found}


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
        case_id=CaseId(row["case_id"]), rule=row["rule"], severity=Severity(row["severity"]), stage=Stage(row["stage"]),
        branch_id=BranchId(row["branch_id"]), farm_id=FarmId(row["farm_id"]),
        loan_id=LoanId(row["loan_id"]) if row["loan_id"] else None, opened_at=row["opened_at"], raised_at=row["raised_at"],
        event_at=row["event_at"], last_seen_at=row["last_seen_at"], occurrences=row["occurrences"],
        value_affected_minor=row["value_affected_minor"], coverage_before=row["coverage_before"],
        coverage_after=row["coverage_after"], due_at=row["due_at"], animals=tuple(row["animals"]),
        testimonies=row["testimonies"], figures=row["figures"], clear_since=row["clear_since"],
        audience=Audience(row["audience"]), acknowledged_at=row["acknowledged_at"], closed_at=row["closed_at"],
        disposition=Disposition(row["disposition"]) if row["disposition"] else None, cause=row["cause"],
        decided_by=row["decided_by"], withdrawn_because=row["withdrawn_because"], silenced_by=row["silenced_by"],
        course=row["course"], flapping=row["flapping"],
    )  # fmt: skip


def _values(one_case: Case) -> dict[str, Any]:
    return {
        "case_id": one_case.case_id, "rule": one_case.rule, "severity": int(one_case.severity), "stage": str(one_case.stage),
        "branch_id": one_case.branch_id, "farm_id": one_case.farm_id, "loan_id": one_case.loan_id,
        "opened_at": one_case.opened_at, "raised_at": one_case.raised_at, "event_at": one_case.event_at,
        "last_seen_at": one_case.last_seen_at, "clear_since": one_case.clear_since, "occurrences": one_case.occurrences,
        "value_affected_minor": one_case.value_affected_minor, "coverage_before": one_case.coverage_before,
        "coverage_after": one_case.coverage_after, "due_at": one_case.due_at, "animals": list(one_case.animals),
        "testimonies": Jsonb(one_case.testimonies), "figures": Jsonb(one_case.figures), "audience": str(one_case.audience),
        "acknowledged_at": one_case.acknowledged_at, "closed_at": one_case.closed_at,
        "disposition": one_case.disposition and str(one_case.disposition), "cause": one_case.cause,
        "decided_by": one_case.decided_by, "withdrawn_because": one_case.withdrawn_because,
        "silenced_by": one_case.silenced_by, "course": one_case.course, "flapping": one_case.flapping,
    }  # fmt: skip
