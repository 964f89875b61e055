"""What the book has where a count session takes place, and what may move meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.book.session import Herd, SessionPlan
from collateral.model.ids import AnimalId, LoanId, PenId, TagId
from collateral.model.loan import Movement, MovementKind
from collateral.store.ledger_groups import was_then

# Every animal of the farm with its tag, its official number, and the loan it secures at the moment.
_ANIMALS: LiteralString = """
SELECT a.animal_id, a.identity, a.pen_id, w.tag_id, p.loan_id
FROM animal a
LEFT JOIN tag_assignment w ON w.animal_id = a.animal_id AND w.since <= %(at)s AND coalesce(w.until > %(at)s, true)
LEFT JOIN pledge p ON p.animal_id = a.animal_id AND p.since <= %(at)s AND coalesce(p.until > %(at)s, true)
WHERE a.farm_id = %(farm)s AND a.status = 'present'
"""
_GROUPS: LiteralString = (
    "SELECT g.pen_id, sum(coalesce(was.head, g.head)) FROM animal_group g " + was_then("at")
    + " WHERE g.farm_id = %(farm)s GROUP BY g.pen_id"
)  # fmt: skip
_PEN_NAMES: LiteralString = "SELECT pen_id, name FROM pen WHERE farm_id = %(farm)s"
_MOVEMENTS: LiteralString = """
SELECT movement_id, loan_id, kind, animal_ids, window_from, window_to FROM movement
WHERE loan_id = %(loan)s AND window_from <= %(until)s AND window_to >= %(from)s AND withdrawn_at IS NULL
ORDER BY movement_id
"""
_PLACES: LiteralString = """
SELECT f.timezone, p.pen_id, p.name FROM farm f JOIN pen p ON p.farm_id = f.farm_id
WHERE f.farm_id = %(farm)s AND EXISTS (SELECT FROM loan WHERE loan_id = %(loan)s)
ORDER BY p.pen_id
"""


def places(connection: psycopg.Connection, loan_id: str, farm_id: str) -> tuple[str, dict[PenId, str]] | None:
    """The farm's time zone (IANA) and its pens' names; None when loan or farm are not there to be seen."""
    rows = connection.execute(_PLACES, {"loan": loan_id, "farm": farm_id}).fetchall()
    return (rows[0][0], {PenId(pen): name for _, pen, name in rows}) if rows else None


def herd(connection: psycopg.Connection, plan: SessionPlan, at: datetime) -> Herd:
    """The pledged animals booked in the session's pens, under the name that a read of them gets: their tag, or their
    official number where they wear none."""
    where = {"farm": plan.farm_id, "at": at}
    with connection.cursor(row_factory=dict_row) as cursor:
        animals = cursor.execute(_ANIMALS, where).fetchall()
    pledged = {
        _key(a): AnimalId(a["animal_id"]) for a in animals if a["loan_id"] == plan.loan_id and a["pen_id"] in plan.pens
    }
    return Herd(
        pledged=pledged, enrolled=frozenset(_key(a) for a in animals),
        names={a["identity"]: _key(a) for a in animals},
        by_number={PenId(pen): int(head) for pen, head in connection.execute(_GROUPS, where)},
        booked_in={_key(a): PenId(a["pen_id"]) for a in animals if a["pen_id"] and _key(a) in pledged},
        pen_names={PenId(pen): name for pen, name in connection.execute(_PEN_NAMES, where)},
    )  # fmt: skip


def movements(connection: psycopg.Connection, plan: SessionPlan) -> list[Movement]:
    """Approved movements of the loan whose window touches the freeze window."""
    within = {"loan": plan.loan_id, "from": plan.freeze_from, "until": plan.freeze_until}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_movement(row) for row in cursor.execute(_MOVEMENTS, within)]


def _key(animal: dict[str, Any]) -> TagId:
    return TagId(animal["tag_id"] or animal["identity"])


def _movement(row: dict[str, Any]) -> Movement:
    return Movement(
        movement_id=row["movement_id"], loan_id=LoanId(row["loan_id"]), kind=MovementKind(row["kind"]),
        animal_ids=frozenset(AnimalId(a) for a in row["animal_ids"]), start=row["window_from"], end=row["window_to"],
    )  # fmt: skip
