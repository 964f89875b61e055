"""Groups known by number in movements: how they stand, and what an executed movement does to their book."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.book import group_movement
from collateral.book.ledger import GroupStanding, MovementRequest
from collateral.model.herd import Species
from collateral.model.ids import FarmId, PenId


def was_then(moment: LiteralString) -> LiteralString:
    """A join `was`, whose `head` is how many a group `g` was at a moment, the name of a parameter, where a movement has
    changed it since. So many it was then: coalesce(was.head, g.head)."""
    return (
        "LEFT JOIN LATERAL (SELECT head FROM group_was WHERE group_id = g.group_id AND until > %(" + moment + ")s"
        " ORDER BY until LIMIT 1) was ON true"
    )  # fmt: skip


# Who may see a loan must be able to see what secures it: only groups on farms of the loan's branch. `changed_at` looks
# at ended pledges too: after a group was sold out, its book goes on from there.
_STANDING = """
SELECT g.group_id, g.farm_id, g.pen_id, g.species, pen.species AS pen_species, g.head,
       coalesce(p.head, 0) AS pledged, coalesce(p.value_per_head_minor, 0) AS value_minor,
       (SELECT coalesce(sum((line ->> 'head')::integer), 0)::integer
        FROM movement_request r CROSS JOIN LATERAL jsonb_array_elements(r.groups_leaving) AS line
        WHERE r.loan_id = %(loan)s AND r.state IN ('requested', 'approved') AND r.request_id <> %(request)s
          AND line ->> 'group_id' = g.group_id) AS spoken_for,
       (SELECT coalesce(sum(head), 0)::integer FROM pledge c WHERE c.group_id = g.group_id AND c.until IS NULL) AS claimed,
       greatest((SELECT max(until) FROM group_was w WHERE w.group_id = g.group_id),
                (SELECT max(at) FROM ledger_entry e WHERE e.group_id = g.group_id),
                (SELECT greatest(max(since), max(until)) FROM pledge e
                 WHERE e.group_id = g.group_id AND e.loan_id = %(loan)s)) AS changed_at
FROM animal_group g
JOIN pen ON pen.pen_id = g.pen_id
JOIN farm f ON f.farm_id = g.farm_id
JOIN loan l ON l.loan_id = %(loan)s AND l.branch_id = f.branch_id
LEFT JOIN pledge p ON p.group_id = g.group_id AND p.loan_id = %(loan)s AND p.until IS NULL
WHERE g.group_id = ANY(%(groups)s)
"""
_JOURNAL = """
INSERT INTO ledger_entry (loan_id, request_id, group_id, head, at, recorded_at)
VALUES (%(loan)s, %(request)s, %(group)s, %(head)s, %(at)s, %(now)s)
"""
_END_PLEDGE = """
UPDATE pledge SET until = %(at)s WHERE loan_id = %(loan)s AND until IS NULL AND group_id = %(group)s
"""
_BEGIN_PLEDGE = """
INSERT INTO pledge (loan_id, group_id, head, value_per_head_minor, since)
VALUES (%(loan)s, %(group)s, %(pledged)s, %(value)s, %(at)s)
"""
_KEEP_WHAT_WAS = "INSERT INTO group_was (group_id, until, head) VALUES (%(group)s, %(at)s, %(was)s)"
_BECOME = "UPDATE animal_group SET head = %(head)s WHERE group_id = %(group)s"


def standing(connection: psycopg.Connection, request: MovementRequest) -> dict[str, GroupStanding]:
    """How the groups that a request names stand for its loan; those that may not secure it are left out."""
    if not request.groups:
        return {}
    named = {"loan": request.loan_id, "request": request.request_id, "groups": request.groups}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["group_id"]: _standing(row) for row in cursor.execute(_STANDING, named)}


def carry_out(
    connection: psycopg.Connection, request: MovementRequest, groups: Mapping[str, GroupStanding], now: datetime
) -> None:
    """Write the journal, and what becomes of each group's pledge and head. What was is kept, so that a replay finds it."""
    at: dict[str, Any] = {
        "loan": request.loan_id, "request": request.request_id, "at": request.executed_at, "now": now
    }  # fmt: skip
    lines = group_movement.journal(request.groups_leaving, request.groups_entering)
    with connection.cursor() as cursor:
        cursor.executemany(_JOURNAL, [at | {"group": group, "head": head} for group, head in lines])
    for change in group_movement.changes(request.kind, request.groups_leaving, request.groups_entering, groups):
        was = groups[change.group_id]
        one = at | {"group": change.group_id, "pledged": change.pledged, "value": change.value_minor}
        if (was.pledged, was.value_minor) != (change.pledged, change.value_minor):
            connection.execute(_END_PLEDGE, one)
            if change.pledged:
                connection.execute(_BEGIN_PLEDGE, one)
        if was.head != change.head:
            connection.execute(_KEEP_WHAT_WAS, one | {"was": was.head})
            connection.execute(_BECOME, one | {"head": change.head})


def _standing(row: dict[str, Any]) -> GroupStanding:
    return GroupStanding(**row | {
        "farm_id": FarmId(row["farm_id"]), "pen_id": PenId(row["pen_id"]), "species": Species(row["species"]),
        "pen_species": Species(row["pen_species"]),
    })  # fmt: skip
