"""Writing an enrolment: each record inserted, or updated where it differs; the same file again changes nothing, and an
older one undoes no movement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from collateral.contract.enrolment import Enrolment
from collateral.store import enrolment_course, enrolment_pledges
from collateral.store.enrolment_course import Kept
from collateral.store.enrolment_pledges import put_each

# Two loads at once would both find a pledge missing.
_LOCK = 0x454E_524F

# Per table: its key, its other columns, in the order in which references allow them to be written.
_TABLES: tuple[tuple[LiteralString, LiteralString, tuple[LiteralString, ...]], ...] = (
    ("branch", "branch_id", ("name_zh", "name_en")),
    ("farm", "farm_id", ("branch_id", "name_zh", "name_en", "latitude", "longitude", "timezone", "registration_no")),
    ("person", "person_id", ("login", "name", "role", "branch_id", "farm_id", "password_hash", "language")),
    ("pen", "pen_id", ("farm_id", "name", "species", "fence")),
    ("animal", "animal_id", ("farm_id", "pen_id", "species", "scheme", "identity", "born", "weight_kg", "breed")),
    ("animal_group", "group_id", ("farm_id", "pen_id", "species", "head", "weight_kg")),
    ("gateway", "gateway_id", ("farm_id", "latitude", "longitude", "heartbeat_s")),
    ("camera", "camera_id", ("farm_id", "pen_id", "gateway_id", "interval_s")),
    ("tag", "tag_id", ("farm_id", "model", "interval_s")),
    ("loan", "loan_id", (
        "branch_id", "contract_no", "borrower_zh", "borrower_en", "principal_minor", "balance_minor", "currency",
        "ltv_ceiling", "drawn_on", "matures_on")),
)  # fmt: skip

# What a file says nothing of stays as somebody has set it.
_REACHED = """
UPDATE person SET email = coalesce(%(email)s, email), told_as = coalesce(%(told_as)s, told_as)
WHERE login = %(login)s AND (email, told_as) IS DISTINCT FROM (coalesce(%(email)s, email), coalesce(%(told_as)s, told_as))
"""
_NAME_OFFICER = """
UPDATE loan SET officer_id = p.person_id FROM person p
WHERE loan_id = %(loan_id)s AND p.login = %(officer)s AND officer_id IS DISTINCT FROM p.person_id
"""
_WEAR = """
INSERT INTO tag_assignment (tag_id, animal_id, since)
VALUES (%(tag_id)s, %(animal_id)s, %(since)s)
ON CONFLICT (tag_id) WHERE until IS NULL DO NOTHING
"""
_BEAR = """
INSERT INTO animal_identity (animal_id, scheme, number, since)
VALUES (%(animal_id)s, %(scheme)s, %(number)s, %(since)s)
ON CONFLICT (scheme, number) WHERE until IS NULL DO NOTHING
"""
# Once movements have changed a group, they alone say how many head it has: the file that it was enrolled by is older.
_BY_MOVEMENTS = """
SELECT g.group_id, g.head FROM animal_group g
WHERE g.group_id = ANY(%s) AND EXISTS (SELECT FROM ledger_entry e WHERE e.group_id = g.group_id)
"""
_GROUP_PLEDGES = """
SELECT group_id, jsonb_object_agg(loan_id, head) FROM pledge WHERE until IS NULL AND group_id IS NOT NULL GROUP BY group_id
"""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of each table an enrolment changed, and how many animals it left as they are, and why."""

    changed: dict[str, int]
    kept: dict[Kept, int]


@dataclass(frozen=True, kw_only=True)
class Existing:
    """What the database already holds, as far as a new enrolment can collide with it or refer to it."""

    branches: set[str]
    farms: dict[str, str]  # -> branch
    pens: dict[str, str]  # -> farm
    animals: dict[str, str]  # -> farm
    groups: dict[str, tuple[str, int]]  # -> farm, head
    gateways: dict[str, str]  # -> farm
    loans: dict[str, str]  # -> branch
    identities: dict[tuple[str, str], str]  # -> animal
    contracts: dict[str, str]  # -> loan
    worn: dict[str, str]  # tag -> animal that wears it now
    pledged: dict[str, str]  # animal -> loan it secures now
    password_hashes: dict[str, str]  # by login
    officers: dict[str, str] = field(default_factory=dict)  # login -> branch
    told_as: dict[str, str] = field(default_factory=dict)  # login -> level
    group_pledges: dict[str, dict[str, int]] = field(default_factory=dict)  # group -> loan -> head it secures now
    moved_groups: set[str] = field(default_factory=set)  # their head and pledges follow from movements alone

    @cached_property
    def tags_on(self) -> dict[str, str]:
        """The tag that each animal wears now."""
        return {animal: tag for tag, animal in self.worn.items()}


def existing(connection: psycopg.Connection) -> Existing:
    """What is there now."""
    # A dozen whole columns of at most some thousand rows: a pilot's size, not a reading's.
    return Existing(
        branches=set(_mapping(connection, "SELECT branch_id, true FROM branch")),
        farms=_mapping(connection, "SELECT farm_id, branch_id FROM farm"),
        pens=_mapping(connection, "SELECT pen_id, farm_id FROM pen"),
        animals=_mapping(connection, "SELECT animal_id, farm_id FROM animal"),
        groups={g: (f, n) for g, f, n in connection.execute("SELECT group_id, farm_id, head FROM animal_group")},
        gateways=_mapping(connection, "SELECT gateway_id, farm_id FROM gateway"),
        loans=_mapping(connection, "SELECT loan_id, branch_id FROM loan"),
        identities={(s, i): a for s, i, a in connection.execute("SELECT scheme, identity, animal_id FROM animal")},
        contracts=_mapping(connection, "SELECT contract_no, loan_id FROM loan"),
        worn=_mapping(connection, "SELECT tag_id, animal_id FROM tag_assignment WHERE until IS NULL"),
        pledged=_mapping(
            connection, "SELECT animal_id, loan_id FROM pledge WHERE until IS NULL AND animal_id IS NOT NULL"
        ),
        password_hashes=_mapping(connection, "SELECT login, password_hash FROM person"),
        officers=_mapping(connection, "SELECT login, branch_id FROM person WHERE role = 'officer' AND left_at IS NULL"),
        told_as=_mapping(connection, "SELECT login, told_as FROM person WHERE told_as IS NOT NULL"),
        group_pledges=_mapping(connection, _GROUP_PLEDGES),
        moved_groups=set(
            _mapping(connection, "SELECT DISTINCT group_id, true FROM ledger_entry WHERE group_id IS NOT NULL")
        ),
    )


def lock(connection: psycopg.Connection) -> None:
    """Let one enrolment at a time be written, until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def write(connection: psycopg.Connection, enrolment: Enrolment, password_hashes: Mapping[str, str]) -> Written:
    """Write everything but what an older file would undo, in the caller's transaction. Raises enrolment_pledges.OverPledged."""
    rows = _rows(enrolment, password_hashes)
    older = enrolment_course.older(connection, _named_animals(enrolment))
    rows["animal"] = older.animals(rows["animal"])
    rows["animal_group"] = _as_moved(connection, rows["animal_group"])
    changed = {table: put_each(connection, _upsert(table, key, others), rows[table]) for table, key, others in _TABLES}
    changed["person"] += put_each(connection, _REACHED, rows["person"])
    changed["loan"] += put_each(connection, _NAME_OFFICER, (loan for loan in rows["loan"] if loan["officer"]))
    changed["tag_assignment"] = put_each(connection, _WEAR, older.tags(rows["tag"]))
    changed["animal_identity"] = put_each(connection, _BEAR, map(msgspec.structs.asdict, enrolment.identities))
    changed["pledge"] = enrolment_pledges.put(connection, older, _plainly(enrolment.pledges))
    enrolment_pledges.hold_to_head(connection, enrolment)
    if any(changed.values()):
        # Until the planner knows how many there are, the first pages are slow.
        connection.execute(
            "ANALYZE branch, farm, pen, animal, animal_group, animal_identity, camera, tag, tag_assignment, loan, pledge"
        )
    return Written(changed, older.kept)


def _named_animals(enrolment: Enrolment) -> set[str]:
    pledged = {pledge.animal_id for pledge in enrolment.pledges if pledge.animal_id is not None}
    return pledged | {a.animal_id for a in enrolment.animals} | {t.animal_id for t in enrolment.tags}


def _as_moved(connection: psycopg.Connection, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    heads: dict[str, int] = dict(
        connection.execute(_BY_MOVEMENTS, ([group["group_id"] for group in groups],)).fetchall()
    )
    return [group | {"head": heads.get(group["group_id"], group["head"])} for group in groups]


def _rows(enrolment: Enrolment, password_hashes: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    people = [_plain(p) | {"person_id": p.login, "password_hash": password_hashes[p.login]} for p in enrolment.people]
    return {
        "branch": _plainly(enrolment.branches), "farm": _plainly(enrolment.farms), "person": people,
        "pen": [_plain(pen) | {"fence": Jsonb(pen.fence)} for pen in enrolment.pens],
        "animal": _plainly(enrolment.animals), "animal_group": _plainly(enrolment.groups),
        "gateway": _plainly(enrolment.gateways), "camera": _plainly(enrolment.cameras),
        "tag": _plainly(enrolment.tags), "loan": _plainly(enrolment.loans),
    }  # fmt: skip


def _plainly(records: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    return [_plain(record) for record in records]


def _plain(record: msgspec.Struct) -> dict[str, Any]:
    """A record's fields under the names of their columns."""
    renamed = {"lat": "latitude", "lon": "longitude"}
    return {renamed.get(name, name): value for name, value in msgspec.structs.asdict(record).items()}


def _upsert(table: LiteralString, key: LiteralString, others: tuple[LiteralString, ...]) -> LiteralString:
    columns = ", ".join((key, *others))
    values = ", ".join(tuple("%(" + column + ")s" for column in (key, *others)))
    assigned = ", ".join(tuple(column + " = excluded." + column for column in others))
    old = ", ".join(tuple(table + "." + column for column in others))
    new = ", ".join(tuple("excluded." + column for column in others))
    return (
        "INSERT INTO " + table + " (" + columns + ") VALUES (" + values + ") ON CONFLICT (" + key + ") DO UPDATE SET "
        + assigned + " WHERE (" + old + ") IS DISTINCT FROM (" + new + ")"
    )  # fmt: skip


def _mapping(connection: psycopg.Connection, sql: LiteralString) -> dict[str, Any]:
    return {row[0]: row[1] for row in connection.execute(sql)}
