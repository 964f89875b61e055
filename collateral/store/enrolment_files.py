"""What a file of animals is checked against, and the record of what it changed. Programs only: the check for double
pledges must see every branch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.book.enrolment_file import Enrolled
from collateral.contract.spreadsheet import plain
from collateral.model.herd import AnimalStatus, Species

_ANIMALS = """
WITH named AS (
    SELECT a.animal_id, NULL AS replaced
    FROM unnest(%(tags)s::text[]) AS t (number) JOIN animal a ON a.scheme = 'cn-tag' AND a.identity = t.number
    UNION ALL
    SELECT i.animal_id, i.number
    FROM unnest(%(tags)s::text[]) AS t (number)
    JOIN animal_identity i ON i.scheme = 'cn-tag' AND i.number = t.number AND i.until IS NOT NULL
), released AS (
    SELECT animal_id, array_agg(DISTINCT loan_id) AS loans FROM pledge
    WHERE until IS NOT NULL AND animal_id IS NOT NULL GROUP BY animal_id
)
SELECT a.animal_id, a.identity AS ear_tag, a.farm_id, a.pen_id AS pen, a.species, a.status, a.breed, a.born, a.weight_kg,
       p.value_per_head_minor AS value_minor, p.loan_id, w.tag_id AS dev_eui, rfid.number AS rfid, named.replaced,
       EXISTS (SELECT FROM animal_was e WHERE e.animal_id = a.animal_id) AS has_moved,
       coalesce(released.loans, '{}') AS released_from
FROM named
JOIN animal a ON a.animal_id = named.animal_id
LEFT JOIN pledge p ON p.animal_id = a.animal_id AND p.until IS NULL
LEFT JOIN tag_assignment w ON w.animal_id = a.animal_id AND w.until IS NULL
LEFT JOIN released ON released.animal_id = a.animal_id
LEFT JOIN LATERAL (
    SELECT number FROM animal_identity
    WHERE animal_id = a.animal_id AND scheme = 'iso-11784' AND until IS NULL LIMIT 1
) rfid ON true
"""
# An RFID may also be the one number that an animal was enrolled by.
_RFIDS = """
SELECT number, animal_id FROM animal_identity WHERE scheme = 'iso-11784' AND until IS NULL AND number = ANY(%(rfids)s)
UNION ALL SELECT identity, animal_id FROM animal WHERE scheme = 'iso-11784' AND identity = ANY(%(rfids)s)
"""
_EUIS = "SELECT tag_id, animal_id FROM tag_assignment WHERE until IS NULL AND tag_id = ANY(%(euis)s)"
_TAGS = "SELECT tag_id, model, interval_s FROM tag WHERE tag_id = ANY(%(euis)s)"
_COUNTIES = "SELECT DISTINCT substr(identity, 2, 6) FROM animal WHERE scheme = 'cn-tag'"
_RECORD = """
INSERT INTO enrolment_import (at, actor, farm_id, loan_id, file_sha256, added, unchanged, faults, changes)
VALUES (%(at)s, %(actor)s, %(farm)s, %(loan)s, %(sha256)s, %(added)s, %(unchanged)s, %(faults)s, %(changes)s)
"""


@dataclass(frozen=True)
class Held:
    """What the book holds of the numbers in a file."""

    animals: dict[str, Enrolled]
    rfids: dict[str, str]
    euis: dict[str, str]
    tags: dict[str, tuple[str, int]]  # tag -> model, interval in seconds


def held(connection: psycopg.Connection, tags: Iterable[str], rfids: Iterable[str], euis: Iterable[str]) -> Held:
    """Animals of any branch that bear, or bore, one of the numbers."""
    wanted = {"tags": list(tags), "rfids": list(rfids), "euis": list(euis)}
    with connection.cursor(row_factory=dict_row) as cursor:
        animals: dict[str, Enrolled] = {}
        for row in cursor.execute(_ANIMALS, wanted):
            replaced = row.pop("replaced")
            animal = _enrolled(row)
            animals[animal.ear_tag] = animal
            if replaced:
                animals.setdefault(replaced, animal)
    return Held(
        animals,
        dict(connection.execute(_RFIDS, wanted).fetchall()),
        dict(connection.execute(_EUIS, wanted).fetchall()),
        {tag: (model, interval) for tag, model, interval in connection.execute(_TAGS, wanted)},
    )


def pens(connection: psycopg.Connection, farm_id: str) -> dict[str, tuple[str, Species]]:
    """A farm's pens by id and by name, as a file's cells are read; a name that several pens have is left out."""
    rows = connection.execute("SELECT pen_id, name, species FROM pen WHERE farm_id = %s", (farm_id,)).fetchall()
    names = [plain(name) for _, name, _ in rows]
    by_name = {
        name: (pen, Species(kind)) for name, (pen, _, kind) in zip(names, rows, strict=True) if names.count(name) == 1
    }
    return by_name | {pen: (pen, Species(kind)) for pen, _, kind in rows}


def counties(connection: psycopg.Connection) -> frozenset[str]:
    """The counties of all animals that the bank has enrolled."""
    return frozenset(county for (county,) in connection.execute(_COUNTIES))


def branch_of_farm(connection: psycopg.Connection, farm_id: str) -> str | None:
    """Which branch a farm belongs to; None: there is no such farm, or it is not the caller's to see."""
    row = connection.execute("SELECT branch_id FROM farm WHERE farm_id = %s", (farm_id,)).fetchone()
    return row[0] if row else None


def branch_of_loan(connection: psycopg.Connection, loan_id: str) -> str | None:
    """Which branch a loan belongs to; None: there is no such loan, or it is not the caller's to see."""
    row = connection.execute("SELECT branch_id FROM loan WHERE loan_id = %s", (loan_id,)).fetchone()
    return row[0] if row else None


def loans_in_sight(connection: psycopg.Connection) -> frozenset[str]:
    """The loans that the caller may be told of."""
    return frozenset(loan for (loan,) in connection.execute("SELECT loan_id FROM loan"))


def record(
    connection: psycopg.Connection, *, at: datetime, actor: str, farm: str, loan: str | None, sha256: str, added: int,
    unchanged: int, faults: int, changes: list[dict[str, Any]],
) -> None:  # fmt: skip
    """Keep that a file was written, and what it changed."""
    connection.execute(_RECORD, {
        "at": at, "actor": actor, "farm": farm, "loan": loan, "sha256": sha256, "added": added,
        "unchanged": unchanged, "faults": faults, "changes": Jsonb(changes),
    })  # fmt: skip


def _enrolled(row: dict[str, Any]) -> Enrolled:
    return Enrolled(**row | {
        "species": Species(row["species"]), "status": AnimalStatus(row["status"]),
        "released_from": frozenset(row["released_from"]),
    })  # fmt: skip
