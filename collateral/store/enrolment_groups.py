"""What a file of groups is checked against, and new values of what it pledges. Programs only: a group that secures a
loan of another branch is seen too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg.rows import dict_row

from collateral.book.enrolment_group_file import EnrolledGroup
from collateral.model.herd import Species

# The pledge to the loan that is asked about, or else to any loan.
_GROUPS = """
SELECT g.group_id, g.farm_id, g.pen_id AS pen, g.species, g.head, g.weight_kg, coalesce(p.head, 0) AS pledged,
       p.value_per_head_minor AS value_minor, p.loan_id,
       (SELECT coalesce(sum(o.head), 0)::integer FROM pledge o
        WHERE o.group_id = g.group_id AND o.until IS NULL AND o.loan_id IS DISTINCT FROM %(loan)s) AS elsewhere,
       EXISTS (SELECT FROM ledger_entry e WHERE e.group_id = g.group_id) AS has_moved
FROM animal_group g
LEFT JOIN LATERAL (
    SELECT loan_id, head, value_per_head_minor FROM pledge
    WHERE group_id = g.group_id AND until IS NULL ORDER BY loan_id = %(loan)s DESC, loan_id LIMIT 1
) p ON true
WHERE g.group_id = ANY(%(groups)s)
"""
_REVALUE = """
UPDATE pledge SET value_per_head_minor = %(value)s WHERE loan_id = %(loan)s AND group_id = %(group)s AND until IS NULL
"""


def held(connection: psycopg.Connection, groups: Iterable[str], loan_id: str | None) -> dict[str, EnrolledGroup]:
    """Groups of any branch by their ids."""
    wanted = {"groups": list(groups), "loan": loan_id}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_GROUPS, wanted).fetchall()
    return {row["group_id"]: EnrolledGroup(**row | {"species": Species(row["species"])}) for row in rows}


def revalue(connection: psycopg.Connection, loan_id: str, values: Mapping[str, int]) -> None:
    """Give pledged groups another value per head, in minor units."""
    with connection.cursor() as cursor:
        cursor.executemany(_REVALUE, [
            {"loan": loan_id, "group": group, "value": value} for group, value in values.items()
        ])  # fmt: skip
