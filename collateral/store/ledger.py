"""Movement requests and what they do to the book: pledges, animals, tags, the journal. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.book.ledger import (
    BECOMES,
    Document,
    Entrant,
    GroupEntering,
    GroupLeaving,
    GroupStanding,
    MovementRequest,
    Paper,
    RequestState,
    Standing,
)
from collateral.model.herd import Species
from collateral.model.ids import AnimalId, FarmId, LoanId, PersonId
from collateral.model.loan import MovementKind
from collateral.store import ledger_groups

MOST_REQUESTS = 500

_ADD = """
INSERT INTO movement_request (loan_id, kind, state, leaving, entering, groups_leaving, groups_entering, to_pen_id,
                              window_from, window_to, reason, requested_by, requested_at)
VALUES (%(loan)s, %(kind)s, %(state)s, %(leaving)s, %(entering)s, %(groups_leaving)s, %(groups_entering)s, %(to_pen)s,
        %(start)s, %(end)s, %(reason)s, %(by)s, %(at)s)
RETURNING request_id
"""
_READ = """
SELECT r.*, (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'kind', d.kind, 'number', d.number, 'sha256', d.sha256, 'issued_on', d.issued_on) ORDER BY d.added_at), '[]')
             FROM movement_document d WHERE d.request_id = r.request_id) AS documents
FROM movement_request r
WHERE (%(request)s::bigint IS NULL OR r.request_id = %(request)s) AND (%(loan)s::text IS NULL OR r.loan_id = %(loan)s)
ORDER BY r.request_id DESC LIMIT %(most)s
"""
_CHANGE = """
UPDATE movement_request
SET state = %(state)s, leaving = %(leaving)s, groups_leaving = %(groups_leaving)s,
    groups_entering = %(groups_entering)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s,
    executed_at = %(executed_at)s, closed_at = %(closed_at)s, proceeds_minor = %(proceeds)s
WHERE request_id = %(request)s
"""
_DOCUMENT = """
INSERT INTO movement_document (request_id, kind, number, sha256, issued_on, added_by, added_at)
VALUES (%(request)s, %(kind)s, %(number)s, %(sha256)s, %(issued_on)s, %(by)s, %(at)s)
"""
_EVENT = """
INSERT INTO movement_event (request_id, at, actor, event, note, particulars)
VALUES (%(request)s, %(at)s, %(actor)s, %(event)s, %(note)s, %(particulars)s)
"""
_PLEDGED = """
SELECT animal_id, loan_id, value_per_head_minor FROM pledge WHERE until IS NULL AND animal_id = ANY(%(animals)s)
"""
# Who may see a loan must be able to see what secures it: only animals on farms of the loan's branch.
_ENROLLED = """
SELECT a.animal_id
FROM animal a JOIN farm f ON f.farm_id = a.farm_id JOIN loan l ON l.loan_id = %(loan)s AND l.branch_id = f.branch_id
WHERE a.status = 'present' AND a.animal_id = ANY(%(animals)s)
"""
_PEN = """
SELECT EXISTS (SELECT FROM pen p JOIN farm f ON f.farm_id = p.farm_id
               JOIN loan l ON l.loan_id = %(loan)s AND l.branch_id = f.branch_id WHERE p.pen_id = %(pen)s)
"""
_PEN_SPECIES = "SELECT species FROM pen WHERE pen_id = %(pen)s"
_SPECIES = "SELECT animal_id, species FROM animal WHERE animal_id = ANY(%(animals)s)"
# Open requests that name one of the animals, on either side.
_SPOKEN_FOR = """
SELECT named.animal_id
FROM movement_request r
CROSS JOIN LATERAL (
    SELECT unnest(r.leaving) AS animal_id UNION ALL SELECT e ->> 'animal_id' FROM jsonb_array_elements(r.entering) AS e
) named
WHERE r.state IN ('requested', 'approved') AND r.request_id <> %(request)s AND r.loan_id = ANY(%(loans)s)
      AND named.animal_id = ANY(%(animals)s)
"""
_APPROVED = """
INSERT INTO movement (movement_id, loan_id, kind, animal_ids, group_heads, window_from, window_to, approved_by,
                      approved_at, request_id, farm_id)
VALUES (%(movement)s, %(loan)s, %(kind)s, %(leaving)s, %(heads)s, %(start)s, %(end)s, %(by)s, %(at)s, %(request)s, %(farm)s)
"""
# Where most of what a request names stands.
_FARM = """
SELECT farm_id FROM (
    SELECT farm_id, 1 AS head FROM animal WHERE animal_id = ANY(%(animals)s)
    UNION ALL SELECT farm_id, (%(heads)s::jsonb ->> group_id)::integer FROM animal_group WHERE %(heads)s::jsonb ? group_id
) named GROUP BY farm_id ORDER BY sum(head) DESC, farm_id LIMIT 1
"""
_WITHDRAWN = "UPDATE movement SET withdrawn_at = %(at)s WHERE request_id = %(request)s"
_CLOSED = "UPDATE movement SET closed_at = %(at)s WHERE request_id = %(request)s"
_EXECUTED = "UPDATE movement SET executed_at = %(at)s WHERE request_id = %(request)s"

_JOURNAL = """
INSERT INTO ledger_entry (loan_id, request_id, animal_id, head, at, recorded_at)
SELECT %(loan)s, %(request)s, animal_id, %(head)s, %(at)s, %(now)s FROM unnest(%(animals)s::text[]) AS animal_id
"""
_END_PLEDGES = """
UPDATE pledge SET until = %(at)s WHERE loan_id = %(loan)s AND until IS NULL AND animal_id = ANY(%(animals)s)
"""
_BEGIN_PLEDGE = """
INSERT INTO pledge (loan_id, animal_id, head, value_per_head_minor, since)
VALUES (%(loan)s, %(animal)s, 1, %(value)s, %(at)s)
"""
_KEEP_WHAT_WAS = """
INSERT INTO animal_was (animal_id, until, status, farm_id, pen_id)
SELECT animal_id, %(at)s, status, farm_id, pen_id FROM animal WHERE animal_id = ANY(%(animals)s)
"""
_BECOME = "UPDATE animal SET status = %(status)s WHERE animal_id = ANY(%(animals)s)"
_MOVE = """
UPDATE animal SET farm_id = p.farm_id, pen_id = p.pen_id FROM pen p
WHERE p.pen_id = %(pen)s AND animal.animal_id = ANY(%(animals)s)
"""
_END_TAGS = "UPDATE tag_assignment SET until = %(at)s WHERE until IS NULL AND animal_id = ANY(%(animals)s)"
_EVENTS = (
    "SELECT at, actor, event, note, particulars FROM movement_event WHERE request_id = %s ORDER BY movement_event_id"
)


def lock(connection: psycopg.Connection, loan_id: str, groups: Iterable[str] = ()) -> None:
    """Let one person at a time change a loan's book, and that of groups, which may secure other loans too, until the
    transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 9))", (loan_id,))
    for group in sorted(groups):  # in one order, so that nobody waits for somebody who waits
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 14))", (group,))


def add(connection: psycopg.Connection, request: MovementRequest) -> int:
    """Store a new request with its papers; returns its number."""
    row = connection.execute(_ADD, {
        "loan": request.loan_id, "kind": request.kind, "state": request.state, "leaving": list(request.leaving),
        "entering": Jsonb([_entrant_told(e) for e in request.entering]), "to_pen": request.to_pen_id,
        **_groups_told(request),
        "start": request.start, "end": request.end, "reason": request.reason, "by": request.requested_by,
        "at": request.requested_at,
    }).fetchone()  # fmt: skip
    if row is None:
        raise RuntimeError("the database gave no number to a request")
    number: int = row[0]
    add_documents(connection, number, request.documents, request.requested_by, request.requested_at)
    return number


def one(connection: psycopg.Connection, request_id: int) -> MovementRequest | None:
    """A request; None when there is none that the caller may see."""
    found = _read(connection, request_id, None)
    return found[0] if found else None


def of_loan(connection: psycopg.Connection, loan_id: str | None) -> list[MovementRequest]:
    """The newest requests of a loan, or of every loan that the caller may see; the newest first."""
    return _read(connection, None, loan_id)


def standing(connection: psycopg.Connection, request: MovementRequest) -> Standing:
    """How things stand for the animals that a request names."""
    dams = [e.dam_id for e in request.entering if e.dam_id]
    animals = [*request.leaving, *(e.animal_id for e in request.entering), *dams]
    named = {"animals": animals, "request": request.request_id, "loan": request.loan_id}
    pledged = {AnimalId(a): (LoanId(loan), value) for a, loan, value in connection.execute(_PLEDGED, named)}
    loans = list({request.loan_id, *(loan for loan, _ in pledged.values())})
    spoken = {a for (a,) in connection.execute(_SPOKEN_FOR, named | {"loans": loans})} - set(dams)
    enrolled = frozenset(AnimalId(a) for (a,) in connection.execute(_ENROLLED, named))
    groups = ledger_groups.standing(connection, request)
    kinds, due = _species(connection, request)
    return Standing(
        pledged=pledged, enrolled=enrolled, spoken_for=frozenset(spoken), groups=groups, species=kinds,
        to_pen_species=due,
    )  # fmt: skip


def _species(
    connection: psycopg.Connection, request: MovementRequest
) -> tuple[dict[AnimalId, Species], Species | None]:
    """Of what is transferred, and what the pen is for that it goes to."""
    if request.kind is not MovementKind.TRANSFER or request.to_pen_id is None:
        return {}, None
    named = {"animals": list(request.leaving), "pen": request.to_pen_id}
    kinds = {AnimalId(a): Species(kind) for a, kind in connection.execute(_SPECIES, named)}
    due = connection.execute(_PEN_SPECIES, named).fetchone()
    return kinds, Species(due[0]) if due else None


def may_stand_in(connection: psycopg.Connection, loan_id: str, pen_id: str) -> bool:
    """Whether what secures a loan may stand in a pen: it is on a farm of the loan's branch, and the caller's to see."""
    row = connection.execute(_PEN, {"loan": loan_id, "pen": pen_id}).fetchone()
    return bool(row and row[0])


def change(connection: psycopg.Connection, request: MovementRequest) -> None:
    """Store what has become of a request."""
    connection.execute(_CHANGE, {
        "request": request.request_id, "state": request.state, "leaving": list(request.leaving), **_groups_told(request),
        "decided_by": request.decided_by, "decided_at": request.decided_at, "executed_at": request.executed_at,
        "closed_at": request.closed_at, "proceeds": request.proceeds_minor,
    })  # fmt: skip


def add_documents(
    connection: psycopg.Connection, request_id: int, documents: Iterable[Document], by: str, at: datetime
) -> None:
    """Put papers to a request; they are never taken away."""
    with connection.cursor() as cursor:
        cursor.executemany(_DOCUMENT, [
            {"request": request_id, "kind": d.kind, "number": d.number, "sha256": d.sha256, "issued_on": d.issued_on,
             "by": by, "at": at}
            for d in documents
        ])  # fmt: skip


def record(
    connection: psycopg.Connection, request_id: int, at: datetime, actor: str, event: str, note: str | None = None,
    particulars: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append to a request's history."""
    connection.execute(_EVENT, {
        "request": request_id, "at": at, "actor": actor, "event": event, "note": note,
        "particulars": Jsonb(particulars or {}),
    })  # fmt: skip


def events(connection: psycopg.Connection, request_id: int) -> list[dict[str, Any]]:
    """A request's history, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EVENTS, (request_id,)).fetchall()


def allow(connection: psycopg.Connection, request: MovementRequest) -> None:
    """Let the rules know that an approved request's animals may leave in its window, and so many head of groups."""
    leaves = request.leaving or request.groups_leaving
    animals = list(request.leaving) if leaves else [e.animal_id for e in request.entering]
    heads = {line.group_id: line.head for line in (request.groups_leaving if leaves else request.groups_entering)}
    farm = connection.execute(_FARM, {"animals": animals, "heads": Jsonb(heads)}).fetchone()
    connection.execute(_APPROVED, {
        "movement": f"request-{request.request_id}", "loan": request.loan_id, "kind": request.kind,
        "leaving": list(request.leaving), "heads": Jsonb(heads if leaves else {}), "start": request.start,
        "end": request.end, "by": request.decided_by,
        "at": request.decided_at, "request": request.request_id, "farm": farm[0] if farm else None,
    })  # fmt: skip


def disallow(connection: psycopg.Connection, request: MovementRequest, now: datetime) -> None:
    """A withdrawn request lets nobody leave any more; until now it did."""
    connection.execute(_WITHDRAWN, {"at": now, "request": request.request_id})


def close(connection: psycopg.Connection, request: MovementRequest) -> None:
    """Nothing is awaited any more."""
    connection.execute(_CLOSED, {"at": request.closed_at, "request": request.request_id})


def carry_out(
    connection: psycopg.Connection, request: MovementRequest, groups: Mapping[str, GroupStanding], now: datetime
) -> None:
    """Change pledges, animals, groups and tags by an executed request, and write the journal. `groups`: how they stood
    when it was asked whether it may be.

    Everything is ended at the time it happened and nothing is overwritten: a replay finds what was then.
    """
    at: dict[str, Any] = {
        "loan": request.loan_id, "request": request.request_id, "at": request.executed_at, "now": now,
        "animals": list(request.leaving), "pen": request.to_pen_id, "status": BECOMES.get(request.kind),
    }  # fmt: skip
    if request.leaving:
        connection.execute(_JOURNAL, at | {"head": -1})
    if request.kind is MovementKind.TRANSFER:
        # It secures the same loan from another pen: out and in again.
        connection.execute(_JOURNAL, at | {"head": 1})
        connection.execute(_KEEP_WHAT_WAS, at)
        connection.execute(_MOVE, at)
    elif request.leaving:
        connection.execute(_END_PLEDGES, at)
    if request.leaving and request.kind in BECOMES:
        connection.execute(_KEEP_WHAT_WAS, at)
        connection.execute(_BECOME, at)
        connection.execute(_END_TAGS, at)
    _enter(connection, request, at)
    ledger_groups.carry_out(connection, request, groups, now)
    connection.execute(_EXECUTED, at)


def _enter(connection: psycopg.Connection, request: MovementRequest, at: dict[str, Any]) -> None:
    if request.entering:
        connection.execute(_JOURNAL, at | {"head": 1, "animals": [e.animal_id for e in request.entering]})
    with connection.cursor() as cursor:
        cursor.executemany(
            _BEGIN_PLEDGE, [at | {"animal": e.animal_id, "value": e.value_minor} for e in request.entering]
        )


def farm_of(connection: psycopg.Connection, animal_id: str) -> FarmId | None:
    """Where an animal is enrolled; None when the caller may not see it."""
    row = connection.execute("SELECT farm_id FROM animal WHERE animal_id = %s", (animal_id,)).fetchone()
    return FarmId(row[0]) if row else None


def _read(connection: psycopg.Connection, request_id: int | None, loan_id: str | None) -> list[MovementRequest]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_READ, {"request": request_id, "loan": loan_id, "most": MOST_REQUESTS})
        return [_request(row) for row in rows]


def _request(row: dict[str, Any]) -> MovementRequest:
    return MovementRequest(
        request_id=row["request_id"], loan_id=LoanId(row["loan_id"]), kind=MovementKind(row["kind"]),
        state=RequestState(row["state"]), leaving=tuple(AnimalId(a) for a in row["leaving"]),
        entering=tuple(_entrant(e) for e in row["entering"]), to_pen_id=row["to_pen_id"], start=row["window_from"],
        end=row["window_to"], reason=row["reason"], requested_by=PersonId(row["requested_by"]),
        requested_at=row["requested_at"], documents=tuple(_document(d) for d in row["documents"]),
        decided_by=row["decided_by"], decided_at=row["decided_at"], executed_at=row["executed_at"],
        closed_at=row["closed_at"], proceeds_minor=row["proceeds_minor"],
        groups_leaving=tuple(GroupLeaving(**g) for g in row["groups_leaving"]),
        groups_entering=tuple(GroupEntering(**g) for g in row["groups_entering"]),
    )  # fmt: skip


def _groups_told(request: MovementRequest) -> dict[str, Jsonb]:
    return {
        "groups_leaving": Jsonb([asdict(line) for line in request.groups_leaving]),
        "groups_entering": Jsonb([asdict(line) for line in request.groups_entering]),
    }


def _entrant(said: dict[str, Any]) -> Entrant:
    return Entrant(
        animal_id=said["animal_id"], value_minor=said["value_minor"], dam_id=said["dam_id"], born=_day(said["born"]),
        tagged_on=_day(said["tagged_on"]),
    )  # fmt: skip


def _entrant_told(e: Entrant) -> dict[str, Any]:
    return {
        "animal_id": e.animal_id, "value_minor": e.value_minor, "dam_id": e.dam_id,
        "born": e.born.isoformat() if e.born else None, "tagged_on": e.tagged_on.isoformat() if e.tagged_on else None,
    }  # fmt: skip


def _document(said: dict[str, Any]) -> Document:
    return Document(
        kind=Paper(said["kind"]), number=said["number"], sha256=said["sha256"], issued_on=_day(said["issued_on"])
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
