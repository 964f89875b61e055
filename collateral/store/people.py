"""The people who use the system, and by which address they are told of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row, dict_row

from collateral.model.ids import BranchId, PersonId
from collateral.model.person import Level, Person, Role

_COLUMNS: LiteralString = """SELECT person_id, login, name, role, branch_id, farm_id, language, email, told_as, left_at,
    password_hash FROM person"""
_BY_LOGIN = _COLUMNS + " WHERE login = %s AND left_at IS NULL"
_BY_ID = _COLUMNS + " WHERE person_id = %s AND left_at IS NULL"
_ALL = _COLUMNS + " ORDER BY branch_id NULLS FIRST, login"
_STAFF = _COLUMNS + " WHERE left_at IS NULL AND (branch_id = %s OR branch_id IS NULL) ORDER BY login"
_REACHED_AT = """
SELECT p.email FROM person p JOIN supervision_case c ON c.case_id = %s
WHERE p.person_id = %s AND p.left_at IS NULL AND (p.branch_id = c.branch_id OR p.branch_id IS NULL)
"""
_CHANGE = """
UPDATE person SET email = %(email)s, told_as = %(told_as)s, left_at = %(left_at)s
WHERE login = %(login)s AND (email, told_as, left_at) IS DISTINCT FROM (%(email)s, %(told_as)s, %(left_at)s)
"""
_NAME_OFFICER = "UPDATE loan SET officer_id = %s WHERE loan_id = %s"
# Who is told at which level stands in `Person.level`; a test holds the two against each other.
_REACHABLE = """
SELECT b.branch_id AS branch, l.level, count(p.person_id) AS people
FROM branch b
CROSS JOIN (VALUES ('officer'), ('branch_head'), ('branch_risk'), ('head_office')) l(level)
LEFT JOIN (
    SELECT person_id, branch_id, coalesce(told_as, CASE
        WHEN role = 'officer' THEN 'officer'
        WHEN role = 'risk' AND branch_id IS NULL THEN 'head_office'
        WHEN role = 'risk' THEN 'branch_risk' END) AS level
    FROM person WHERE left_at IS NULL AND email IS NOT NULL
) p ON p.level = l.level AND (p.branch_id = b.branch_id OR (p.branch_id IS NULL AND l.level = 'head_office'))
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A person and the hash their password is checked against."""

    person: Person
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A person, and since when they are gone."""

    person: Person
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """How many people of a branch can be told at a level by e-mail."""

    branch: str
    level: str
    people: int


def by_login(connection: psycopg.Connection, login: str) -> Credentials | None:
    """Who logs in under this name; None: nobody, or somebody who has left."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_BY_LOGIN, (login,)).fetchone()
        return Credentials(_person(row), row["password_hash"]) if row else None


def by_id(connection: psycopg.Connection, person_id: str) -> Person | None:
    """The person as they are now; None when they have left."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_BY_ID, (person_id,)).fetchone()
        return _person(row) if row else None


def everybody(connection: psycopg.Connection) -> list[Enrolled]:
    """All who have ever been enrolled, the head office first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [Enrolled(person=_person(row), left_at=row["left_at"]) for row in cursor.execute(_ALL)]


def staff(connection: psycopg.Connection, branch: str) -> list[Person]:
    """Those of one branch and of the head office who have not left."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_person(row) for row in cursor.execute(_STAFF, (branch,))]


def reachable(connection: psycopg.Connection) -> list[Reachable]:
    """For every branch and level, how many people have an address and have not left."""
    with connection.cursor(row_factory=class_row(Reachable)) as cursor:
        return cursor.execute(_REACHABLE).fetchall()


def mailbox(connection: psycopg.Connection, person_id: str, case_id: int) -> str | None:
    """Where somebody is reached now about a case; None: they have left, have no address, or belong elsewhere by now."""
    row = connection.execute(_REACHED_AT, (case_id, person_id)).fetchone()
    return row[0] if row else None


def change(connection: psycopg.Connection, changed: Enrolled) -> bool:
    """Keep somebody's address, level and leaving; False: nothing was different."""
    person = changed.person
    values = {
        "login": person.login, "email": person.email, "told_as": person.told_as and str(person.told_as),
        "left_at": changed.left_at,
    }  # fmt: skip
    return connection.execute(_CHANGE, values).rowcount == 1


def name_officer(connection: psycopg.Connection, loan_id: str, person_id: str | None) -> None:
    """Say whose loan it is; None: that of no officer in particular."""
    connection.execute(_NAME_OFFICER, (person_id, loan_id))


def _person(row: dict[str, Any]) -> Person:
    return Person(
        person_id=PersonId(row["person_id"]), login=row["login"], name=row["name"], role=Role(row["role"]),
        branch_id=BranchId(row["branch_id"]) if row["branch_id"] else None, farm_id=row["farm_id"],
        language=row["language"], email=row["email"], told_as=Level(row["told_as"]) if row["told_as"] else None,
    )  # fmt: skip
