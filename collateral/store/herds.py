"""Farms and pens with what stands in them. Head enrolled, pledged or not: what tags and cameras should see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.book.reconcile import COUNT_FRESH
from collateral.contract.http import HerdLine, Named
from collateral.contract.ledger import GroupLine
from collateral.facts.herd import POSITIVE_WITHIN
from collateral.model.herd import Farm
from collateral.model.place import Fence, Position
from collateral.store import facts
from collateral.store.ledger_groups import was_then

_PENS = (
    """
WITH single AS (
    SELECT a.pen_id, count(*) AS animals, count(*) FILTER (WHERE heard.yes) AS seen
    FROM animal a
    LEFT JOIN tag_assignment w
        ON w.animal_id = a.animal_id AND w.since <= %(now)s AND coalesce(w.until > %(now)s, true)
    LEFT JOIN LATERAL (
        SELECT true AS yes FROM reading r
        WHERE r.tag_id = w.tag_id AND r.measured_at > %(heard_since)s AND r.measured_at <= %(now)s LIMIT 1
    ) heard ON true
    WHERE a.status = 'present' AND (%(farm)s::text IS NULL OR a.farm_id = %(farm)s)
    GROUP BY a.pen_id
), several AS (
    SELECT g.pen_id, sum(coalesce(was.head, g.head)) AS head
    FROM animal_group g
    """
    + was_then("now")
    + """
    GROUP BY g.pen_id
)
SELECT pen.pen_id, pen.farm_id, pen.name, pen.species, coalesce(s.animals, 0) AS animals,
       coalesce(g.head, 0) AS grouped, coalesce(s.animals, 0) + coalesce(g.head, 0) AS head,
       coalesce(s.seen, 0) AS seen, camera.best AS camera_best
FROM pen
LEFT JOIN single s ON s.pen_id = pen.pen_id
LEFT JOIN several g ON g.pen_id = pen.pen_id
LEFT JOIN LATERAL (
    SELECT h.best FROM camera c JOIN head_count h ON h.camera_id = c.camera_id
    WHERE c.pen_id = pen.pen_id AND h.captured_at > %(counted_since)s AND h.captured_at <= %(now)s AND h.best IS NOT NULL
    ORDER BY h.captured_at DESC LIMIT 1
) camera ON true
WHERE (%(farm)s::text IS NULL OR pen.farm_id = %(farm)s)
ORDER BY pen.farm_id, pen.pen_id
"""
)

_FARMS = """
SELECT f.farm_id, f.name_zh, f.name_en, f.latitude, f.longitude, b.branch_id, b.name_zh AS branch_zh, b.name_en AS branch_en
FROM farm f JOIN branch b ON b.branch_id = f.branch_id
ORDER BY f.farm_id
"""

_FARMS_OF_LOAN = """
SELECT DISTINCT coalesce(a.farm_id, g.farm_id)
FROM pledge p LEFT JOIN animal a ON a.animal_id = p.animal_id LEFT JOIN animal_group g ON g.group_id = p.group_id
WHERE p.loan_id = %(loan)s AND p.since <= %(now)s AND coalesce(p.until > %(now)s, true)
"""

# Wherever the loan has ever had something, so that what was sold out can be filled again.
_GROUPS = (
    """
SELECT g.group_id, g.farm_id, g.pen_id, pen.name AS pen_name, g.species, coalesce(was.head, g.head) AS head,
       coalesce(p.head, 0) AS pledged, coalesce(p.value_per_head_minor, 0) AS value_minor
FROM animal_group g
JOIN pen ON pen.pen_id = g.pen_id
"""
    + was_then("at")
    + """
LEFT JOIN pledge p ON p.group_id = g.group_id AND p.loan_id = %(loan)s AND p.since <= %(at)s
    AND coalesce(p.until > %(at)s, true)
WHERE g.farm_id IN (
    SELECT coalesce(a.farm_id, h.farm_id) FROM pledge e
    LEFT JOIN animal a ON a.animal_id = e.animal_id LEFT JOIN animal_group h ON h.group_id = e.group_id
    WHERE e.loan_id = %(loan)s)
ORDER BY g.farm_id, g.group_id
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PenStock:
    """One pen: `animals` known singly and `grouped` by number, how many tags were heard, what the camera saw."""

    pen_id: str
    farm_id: str
    name: str
    species: str
    animals: int
    grouped: int
    head: int
    seen: int
    camera_best: int | None

    @property
    def grouped_seen(self) -> int:
        """Head of a group that the camera sees beyond the animals known singly."""
        return min(self.grouped, max(0, (self.camera_best or 0) - self.animals))


def pens(connection: psycopg.Connection, now: datetime, farm_id: str | None = None) -> list[PenStock]:
    """The pens of one farm, or of every farm the caller may see."""
    with connection.cursor(row_factory=class_row(PenStock)) as cursor:
        return cursor.execute(_PENS, _moments(now) | {"farm": farm_id}).fetchall()


def lines(connection: psycopg.Connection, now: datetime) -> list[HerdLine]:
    """Every farm the caller may see, with its stock."""
    by_farm: dict[str, list[PenStock]] = {}
    for pen in pens(connection, now):
        by_farm.setdefault(pen.farm_id, []).append(pen)
    evidenced = {farm.farm_id: _evidenced(connection, farm, now) for farm in facts.farms(connection)}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_FARMS).fetchall()
    return [_line(row, by_farm.get(row["farm_id"], []), evidenced[row["farm_id"]]) for row in rows]


def _evidenced(connection: psycopg.Connection, farm: Farm, now: datetime) -> int:
    """Animals known singly that were heard within the day, and not from outside their fence."""
    return sum(track.is_evidenced(now) for track in facts.gather(connection, farm, now).tracks)


def farms_of_loan(connection: psycopg.Connection, loan_id: str, now: datetime) -> set[str]:
    """The farms where a loan's pledged animals stand."""
    return {row[0] for row in connection.execute(_FARMS_OF_LOAN, {"loan": loan_id, "now": now})}


def groups(connection: psycopg.Connection, loan_id: str, at: datetime) -> list[GroupLine]:
    """The groups on the farms where a loan has, or had, its animals, as they were at `at`."""
    with connection.cursor(row_factory=class_row(GroupLine)) as cursor:
        return cursor.execute(_GROUPS, {"loan": loan_id, "at": at}).fetchall()


def fences(connection: psycopg.Connection, farm_id: str) -> dict[str, Fence]:
    """The fence of each pen of a farm."""
    rows = connection.execute("SELECT pen_id, fence FROM pen WHERE farm_id = %s", (farm_id,))
    return {pen_id: Fence(tuple(Position(lat, lon) for lon, lat in ring)) for pen_id, ring in rows}


def _line(row: dict[str, Any], stock: list[PenStock], evidenced: int) -> HerdLine:
    species: dict[str, int] = {}
    for pen in stock:
        species[pen.species] = species.get(pen.species, 0) + pen.head
    head = sum(species.values())
    return HerdLine(
        farm=Named(id=row["farm_id"], name_zh=row["name_zh"], name_en=row["name_en"]),
        branch=Named(id=row["branch_id"], name_zh=row["branch_zh"], name_en=row["branch_en"]),
        species={name: count for name, count in species.items() if count}, pens=len(stock),
        coverage=(evidenced + sum(pen.grouped_seen for pen in stock)) / head if head else 0.0,
        latitude=row["latitude"], longitude=row["longitude"],
    )  # fmt: skip


def _moments(now: datetime) -> dict[str, Any]:
    return {"now": now, "heard_since": now - POSITIVE_WITHIN, "counted_since": now - COUNT_FRESH}
