"""Writing the pledges of an enrolment: single animals, and head of groups that movements have not changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

import psycopg

from collateral.contract.enrolment import Enrolment
from collateral.model.saying import Refusal, say
from collateral.store.enrolment_course import Older

_PLEDGE_ANIMAL = """
INSERT INTO pledge (loan_id, animal_id, head, value_per_head_minor, since)
VALUES (%(loan_id)s, %(animal_id)s, %(head)s, %(value_per_head_minor)s, %(since)s)
ON CONFLICT (animal_id) WHERE until IS NULL AND animal_id IS NOT NULL
DO UPDATE SET value_per_head_minor = excluded.value_per_head_minor
WHERE pledge.value_per_head_minor <> excluded.value_per_head_minor
"""
_REPLEDGE_GROUP = """
UPDATE pledge SET head = %(head)s, value_per_head_minor = %(value_per_head_minor)s
WHERE loan_id = %(loan_id)s AND until IS NULL AND group_id = %(group_id)s
  AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.group_id = %(group_id)s)
  AND (head, value_per_head_minor) IS DISTINCT FROM (%(head)s, %(value_per_head_minor)s)
"""
_PLEDGE_GROUP = """
INSERT INTO pledge (loan_id, group_id, head, value_per_head_minor, since)
SELECT %(loan_id)s, %(group_id)s, %(head)s, %(value_per_head_minor)s, %(since)s
WHERE NOT EXISTS (SELECT FROM pledge WHERE loan_id = %(loan_id)s AND until IS NULL AND group_id = %(group_id)s)
  AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.group_id = %(group_id)s)
"""
# What movements have made of a group is none of a file's doing.
_OVER_PLEDGED = """
SELECT g.group_id, g.head, sum(p.head)
FROM animal_group g JOIN pledge p ON p.group_id = g.group_id AND p.until IS NULL
WHERE g.group_id = ANY(%s) AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.group_id = g.group_id)
GROUP BY g.group_id HAVING sum(p.head) > g.head ORDER BY g.group_id
"""


class OverPledged(Refusal):
    """A group would be pledged beyond its head; nothing is written."""


def put(connection: psycopg.Connection, older: Older, pledges: list[dict[str, Any]]) -> int:
    """Begin pledges, or change what is pledged of a group and the value; how many changed."""
    single = older.pledges(pledge for pledge in pledges if pledge["animal_id"] is not None)
    grouped = [pledge for pledge in pledges if pledge["group_id"] is not None]
    return (
        put_each(connection, _PLEDGE_ANIMAL, single)
        + put_each(connection, _REPLEDGE_GROUP, grouped)
        + put_each(connection, _PLEDGE_GROUP, grouped)
    )


def hold_to_head(connection: psycopg.Connection, enrolment: Enrolment) -> None:
    """Raises OverPledged where loans together have more head of a group pledged than it has."""
    named = {g.group_id for g in enrolment.groups} | {p.group_id for p in enrolment.pledges if p.group_id is not None}
    for group, head, pledged in connection.execute(_OVER_PLEDGED, (list(named),)):
        raise OverPledged(
            say("{group}: {pledged} of the {head} head that it has would be pledged; correct what the loans have of it",
                group=group, pledged=pledged, head=head)
        )  # fmt: skip


def put_each(connection: psycopg.Connection, sql: LiteralString, rows: Iterable[Mapping[str, Any]]) -> int:
    """Run one statement for each row; how many rows of the table changed."""
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return max(0, cursor.rowcount)
