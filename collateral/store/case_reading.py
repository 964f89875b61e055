"""Cases as the inbox and the case page show them. Moving them is in `cases`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.alerting.deadlines import NEXT_STEP
from collateral.contract.http import CaseEvent, CaseSummary, Named, NamedAnimal, Notice
from collateral.model.finding import Audience, Severity

MOST_ANIMALS = 500
MOST_EVENTS = 500
HOME_CURRENCY = "CNY"  # of a case that touches no loan

_SUMMARIES = """
SELECT c.case_id, c.rule, c.severity, c.state, c.stage, c.audience, c.disposition, c.cause, c.decided_by, c.closed_at,
       c.flapping, c.silenced_by, c.withdrawn_because, c.farm_id, f.name_zh, f.name_en, l.loan_id, l.contract_no,
       l.borrower_zh, l.borrower_en, l.currency, c.opened_at, c.event_at, c.last_seen_at, c.due_at, c.occurrences,
       cardinality(c.animals) AS animals, c.value_affected_minor, c.coverage_before, c.coverage_after
FROM supervision_case c
JOIN farm f ON f.farm_id = c.farm_id
LEFT JOIN loan l ON l.loan_id = c.loan_id
WHERE (%(case)s::bigint IS NULL OR c.case_id = %(case)s)
  AND (%(state)s::text IS NULL OR c.state = %(state)s)
  AND (%(severity)s::smallint IS NULL OR c.severity = %(severity)s)
  AND (%(loan)s::text IS NULL OR l.loan_id = %(loan)s)
  AND (%(audience)s::text IS NULL OR c.audience = %(audience)s)
  AND (NOT %(unresolved)s OR c.state IN ('open', 'acknowledged'))
ORDER BY (c.state = 'resolved'), (c.state = 'suppressed'), c.severity DESC, c.last_seen_at DESC, c.case_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

_ANIMALS = """
SELECT a.animal_id, a.identity, w.tag_id, a.species, a.pen_id, heard.last_seen_at, heard.latitude,
       heard.longitude, coalesce(p.value_per_head_minor, 0) AS value_minor
FROM unnest(%(animals)s::text[]) WITH ORDINALITY AS named(animal_id, place)
JOIN animal a ON a.animal_id = named.animal_id
LEFT JOIN tag_assignment w ON w.animal_id = a.animal_id AND w.until IS NULL
LEFT JOIN pledge p ON p.animal_id = a.animal_id AND p.until IS NULL
LEFT JOIN LATERAL (
    SELECT max(r.measured_at) AS last_seen_at,
           (array_agg(r.latitude) FILTER (WHERE r.latitude IS NOT NULL AND r.fix_fault IS NULL))[1] AS latitude,
           (array_agg(r.longitude) FILTER (WHERE r.latitude IS NOT NULL AND r.fix_fault IS NULL))[1] AS longitude
    FROM (
        SELECT measured_at, latitude, longitude, fix_fault FROM reading
        WHERE tag_id = w.tag_id AND measured_at > %(now)s - interval '14 days' AND measured_at <= %(now)s
        ORDER BY measured_at DESC, sequence DESC LIMIT 10
    ) r
) heard ON true
ORDER BY named.place
LIMIT %(most)s
"""

_EVENTS = """
SELECT at, actor, event, note FROM case_event WHERE case_id = %s ORDER BY at, case_event_id LIMIT %s
"""
_NOTICES = """
SELECT channel, person_id AS told, reason, created_at, delivered_at, given_up_at, attempts, last_error FROM outbox
WHERE case_id = %s ORDER BY created_at, outbox_id LIMIT %s
"""
# What stands in a history without having moved the case.
NO_MOVES = [
    "notice_delivered",
    "notice_failed",
    "seen",
    "grew",
    "graver",
    "clearing",
    "flapping",
    "opened",
    "ground_gone",
]
_LAST_MOVE = """
SELECT at, actor, event, note FROM case_event
WHERE case_id = %s AND event <> ALL(%s) ORDER BY case_event_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases to list. None: any. `unresolved`: what still needs somebody; what is silenced needs nobody."""

    state: str | None = None
    severity: Severity | None = None
    loan_id: str | None = None
    audience: Audience | None = None
    unresolved: bool = False
    limit: int = 100
    offset: int = 0


def summaries(connection: psycopg.Connection, wanted: Wanted, now: datetime) -> list[CaseSummary]:
    """The cases asked for that the caller may see: unresolved first, then the gravest."""
    chosen = {
        "case": None, "state": wanted.state, "severity": wanted.severity and int(wanted.severity), "loan": wanted.loan_id,
        "audience": wanted.audience and str(wanted.audience), "unresolved": wanted.unresolved, "limit": wanted.limit, "offset": wanted.offset,
    }  # fmt: skip
    return _read(connection, chosen, now)


def one(connection: psycopg.Connection, case_id: int, now: datetime) -> CaseSummary | None:
    """A case; None when there is none that the caller may see."""
    chosen = {
        "case": case_id, "state": None, "severity": None, "loan": None, "audience": None, "unresolved": False, "limit": 1,
        "offset": 0,
    }  # fmt: skip
    found = _read(connection, chosen, now)
    return found[0] if found else None


def animals(connection: psycopg.Connection, named: tuple[str, ...], now: datetime) -> list[NamedAnimal]:
    """The animals a case names, with the last that was heard of each."""
    with connection.cursor(row_factory=class_row(NamedAnimal)) as cursor:
        return cursor.execute(_ANIMALS, {"animals": list(named), "now": now, "most": MOST_ANIMALS}).fetchall()


def events(connection: psycopg.Connection, case_id: int) -> list[CaseEvent]:
    """What has happened to a case, oldest first."""
    with connection.cursor(row_factory=class_row(CaseEvent)) as cursor:
        return cursor.execute(_EVENTS, (case_id, MOST_EVENTS)).fetchall()


def notices(connection: psycopg.Connection, case_id: int) -> list[Notice]:
    """Who was told of a case, and whether it arrived."""
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_NOTICES, (case_id, MOST_EVENTS)).fetchall()


def last_move(connection: psycopg.Connection, case_id: int) -> CaseEvent | None:
    """Who last moved a case from one stage to the next, and when."""
    with connection.cursor(row_factory=class_row(CaseEvent)) as cursor:
        return cursor.execute(_LAST_MOVE, (case_id, NO_MOVES)).fetchone()


def _read(connection: psycopg.Connection, chosen: dict[str, Any], now: datetime) -> list[CaseSummary]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_summary(row, now) for row in cursor.execute(_SUMMARIES, chosen)]


def _summary(row: dict[str, Any], now: datetime) -> CaseSummary:
    severity = Severity(row["severity"])
    return CaseSummary.model_validate(
        {
            **row,
            "severity": severity.word,
            "farm": Named(id=row["farm_id"], name_zh=row["name_zh"], name_en=row["name_en"]),
            "overdue": row["state"] in {"open", "acknowledged"} and now > row["due_at"],
            "currency": row["currency"] or HOME_CURRENCY,
            "next_step": NEXT_STEP[severity],
        }
    )
