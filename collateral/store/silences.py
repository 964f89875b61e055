"""Planned work that silences. Nothing is deleted: a silence that is not wanted any more is ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.alerting.silencing import ApprovedHead, Silence, Work
from collateral.contract.casework import SilenceRecord
from collateral.model.ids import AnimalId, FarmId, LoanId


def _head_yet(farm: LiteralString) -> LiteralString:
    """Head of groups that movement `m` lets go of a farm. Once it is executed, the book says what of its groups is
    left: nothing is missing by it any more."""
    return (
        "(SELECT coalesce(sum((m.group_heads ->> g.group_id)::integer), 0)::integer FROM animal_group g"
        " WHERE g.farm_id = " + farm + " AND m.group_heads ? g.group_id AND coalesce(m.executed_at > %(now)s, true))"
    )  # fmt: skip


_SELECT: LiteralString = (
    """
SELECT s.silence_id, s.work, s.farm_id, f.name_zh AS farm_zh, f.name_en AS farm_en, s.loan_id, s.rules, s.animals,
       s.movement_id, s.starts_at, s.ends_at, s.set_by, s.set_at, s.why, s.ended_at, s.ended_by,
       (s.starts_at <= %(now)s AND %(now)s < least(s.ends_at, s.ended_at)) AS in_force,
       (SELECT count(*) FROM supervision_case c WHERE c.silenced_by = s.silence_id) AS cases,
       m.animal_ids AS approved, m.loan_id AS approved_loan,
       """
    + _head_yet("s.farm_id")
    + """ AS head
FROM silence s
JOIN farm f ON f.farm_id = s.farm_id
LEFT JOIN movement m ON m.movement_id = s.movement_id AND m.withdrawn_at IS NULL AND m.approved_at <= %(now)s
"""
)
_IN_FORCE = _SELECT + " WHERE s.starts_at <= %(now)s AND %(now)s < least(s.ends_at, s.ended_at) ORDER BY s.silence_id"
_LIST = (
    _SELECT
    + " WHERE (%(all)s OR %(now)s < least(s.ends_at, s.ended_at)) AND (%(one)s::bigint IS NULL OR s.silence_id = %(one)s)"
    " ORDER BY s.starts_at DESC, s.silence_id DESC LIMIT %(most)s"
)
_ADD = """
INSERT INTO silence (work, farm_id, loan_id, rules, animals, movement_id, starts_at, ends_at, set_by, set_at, why)
VALUES (%(work)s, %(farm)s, %(loan)s, %(rules)s, %(animals)s, %(movement)s, %(start)s, %(end)s, %(by)s, %(now)s, %(why)s)
RETURNING silence_id
"""
_END = """
UPDATE silence SET ended_at = %(now)s, ended_by = %(by)s
WHERE silence_id = %(one)s AND ended_at IS NULL AND ends_at > %(now)s
"""
_APPROVED: LiteralString = (
    """
SELECT m.loan_id AS approved_loan,
       ARRAY(SELECT a.animal_id FROM animal a WHERE a.animal_id = ANY(m.animal_ids) AND a.farm_id = %(farm)s) AS approved,
       """
    + _head_yet("%(farm)s")
    + """ AS head
FROM movement m
WHERE m.movement_id = %(movement)s AND m.withdrawn_at IS NULL AND m.approved_at <= %(now)s
  AND m.window_from < %(end)s AND m.window_to > %(start)s
"""
)


def in_force(connection: psycopg.Connection, now: datetime) -> list[Silence]:
    """What is silent at `now`, with the animals of approved movements as they are approved now."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_silence(row) for row in cursor.execute(_IN_FORCE, {"now": now})]


def records(
    connection: psycopg.Connection, now: datetime, *, also_over: bool = False, one: int | None = None, most: int = 200
) -> list[SilenceRecord]:
    """Silences that the caller may see, the latest first; those that are over only where asked."""
    asked = {"now": now, "all": also_over, "one": one, "most": most}
    with connection.cursor(row_factory=class_row(SilenceRecord)) as cursor:
        return cursor.execute(_LIST, asked).fetchall()


def add(connection: psycopg.Connection, silence: Silence, now: datetime) -> int:
    """Store a silence; its number."""
    values: dict[str, Any] = {
        "work": str(silence.work), "farm": silence.farm_id, "loan": silence.loan_id, "rules": sorted(silence.rules),
        "animals": sorted(silence.animals), "movement": silence.movement_id, "start": silence.start,
        "end": silence.end, "by": silence.by, "now": now, "why": silence.why,
    }  # fmt: skip
    row = connection.execute(_ADD, values).fetchone()
    assert row is not None  # noqa: S101 - INSERT without ON CONFLICT returns its row
    return int(row[0])


def end(connection: psycopg.Connection, silence_id: int, by: str, now: datetime) -> bool:
    """End a silence before its time; False when it is over already or is not the caller's to see."""
    return connection.execute(_END, {"one": silence_id, "by": by, "now": now}).rowcount == 1


def unknown(connection: psycopg.Connection, farm_id: str, loan_id: str | None) -> str | None:
    """Which of the two the caller may not see, or None."""
    if connection.execute("SELECT 1 FROM farm WHERE farm_id = %s", (farm_id,)).fetchone() is None:
        return "farm"
    if loan_id and connection.execute("SELECT 1 FROM loan WHERE loan_id = %s", (loan_id,)).fetchone() is None:
        return "loan"
    return None


def backed(connection: psycopg.Connection, silence: Silence, now: datetime) -> Silence:
    """A silence with what the approved movement that it names lets go of its farm: animals, and head of groups.

    Without the number of a movement, where none is approved or its window does not overlap.
    """
    asked = {
        "farm": silence.farm_id, "movement": silence.movement_id, "now": now, "start": silence.start,
        "end": silence.end,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_APPROVED, asked).fetchone()
    approved, by_number = (_approved(row), _by_number(row)) if row else (frozenset(), None)
    movement = silence.movement_id if approved or by_number else None
    return replace(silence, approved=approved, by_number=by_number, movement_id=movement)


def _silence(row: dict[str, Any]) -> Silence:
    return Silence(
        silence_id=row["silence_id"], work=Work(row["work"]), farm_id=FarmId(row["farm_id"]),
        loan_id=LoanId(row["loan_id"]) if row["loan_id"] else None, rules=frozenset(row["rules"]),
        animals=frozenset(AnimalId(a) for a in row["animals"]), movement_id=row["movement_id"],
        start=row["starts_at"], end=row["ends_at"], by=row["set_by"], why=row["why"],
        approved=_approved(row), by_number=_by_number(row),
    )  # fmt: skip


def _approved(row: dict[str, Any]) -> frozenset[AnimalId]:
    return frozenset(AnimalId(a) for a in row["approved"] or ())


def _by_number(row: dict[str, Any]) -> ApprovedHead | None:
    return ApprovedHead(LoanId(row["approved_loan"]), row["head"]) if row["head"] else None
