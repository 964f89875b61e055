"""The people who use the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from collateral.model.ids import BranchId, PersonId
from collateral.model.person import Person, Role

_COLUMNS = "SELECT person_id, login, name, role, branch_id, farm_id, language, password_hash FROM person"
_BY_LOGIN = _COLUMNS + " WHERE login = %s"
_BY_ID = _COLUMNS + " WHERE person_id = %s"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A person and the hash their password is checked against."""

    person: Person
    password_hash: str


def by_login(connection: psycopg.Connection, login: str) -> Credentials | None:
    """Who logs in under this name; None: nobody."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_BY_LOGIN, (login,)).fetchone()
        return Credentials(_person(row), row["password_hash"]) if row else None


def by_id(connection: psycopg.Connection, person_id: str) -> Person | None:
    """The person as they are now; None when they have left."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_BY_ID, (person_id,)).fetchone()
        return _person(row) if row else None


def _person(row: dict[str, Any]) -> Person:
    return Person(
        person_id=PersonId(row["person_id"]), login=row["login"], name=row["name"], role=Role(row["role"]),
        branch_id=BranchId(row["branch_id"]) if row["branch_id"] else None, farm_id=row["farm_id"],
        language=row["language"],
    )  # fmt: skip
