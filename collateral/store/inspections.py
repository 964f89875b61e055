"""Count sessions (盘点): what was read, counted, sampled and photographed, and their results. Append-only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.book.session import CountedBy, CountSession, SessionHeads, SessionPhoto, SessionPlan, SessionRead
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.place import Position

MONTH_BACK = timedelta(days=30)

_OPEN: LiteralString = """
INSERT INTO count_session (session_id, loan_id, farm_id, pens, opened_at, opened_by, freeze_from, freeze_until, secret,
    secret_sha256)
VALUES (%(session)s, %(loan)s, %(farm)s, %(pens)s, %(opened_at)s, %(opened_by)s, %(from)s, %(until)s, %(secret)s, %(sha)s)
"""
_PLAN: LiteralString = """
SELECT session_id, loan_id, farm_id, pens, opened_at, opened_by, freeze_from, freeze_until, secret_sha256
FROM count_session
"""
_ADD_READ: LiteralString = """
INSERT INTO count_session_read VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_ADD_HEADS: LiteralString = """
INSERT INTO count_session_heads VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_ADD_PHOTO: LiteralString = """
INSERT INTO count_session_photo VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_RESULT: LiteralString = """
SELECT s.session_id, s.loan_id, s.farm_id, s.opened_at, s.pens, r.closed_at, r.gross, r.unique_tags, r.duplicates,
       r.foreign_tags, r.untagged, r.absent, r.counted, r.passed, r.refused_because
FROM count_session_result r JOIN count_session s ON s.session_id = r.session_id
"""


def lock(connection: psycopg.Connection, session_id: str) -> None:
    """One writer per session until the transaction ends: a sample rests on reads that no longer change."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 10))", (session_id,))


def open_session(connection: psycopg.Connection, plan: SessionPlan, secret: bytes, secret_sha256: str) -> None:
    """Record that a session was opened."""
    connection.execute(
        _OPEN,
        {
            "session": plan.session_id, "loan": plan.loan_id, "farm": plan.farm_id, "pens": list(plan.pens),
            "opened_at": plan.opened_at, "opened_by": plan.opened_by, "from": plan.freeze_from,
            "until": plan.freeze_until, "secret": secret, "sha": secret_sha256,
        },
    )  # fmt: skip


def secret_of(connection: psycopg.Connection, session_id: str) -> bytes:
    """The secret of a session, for programs alone. Raises LookupError."""
    row = connection.execute("SELECT secret FROM count_session WHERE session_id = %s", (session_id,)).fetchone()
    if row is None:
        raise LookupError(f"no count session {session_id}")
    return bytes(row[0])


def add_reads(
    connection: psycopg.Connection, session_id: str, reads: Iterable[SessionRead], by: str, now: datetime
) -> int:
    """Record tag reads; returns how many are new."""
    rows = [
        (session_id, r.pen_id, r.tag_id, r.read_at, r.reader, *_place(r.position), now, by) for r in reads
    ]  # fmt: skip
    return _added(connection, _ADD_READ, rows)


def add_heads(
    connection: psycopg.Connection, session_id: str, heads: Iterable[SessionHeads], by: str, now: datetime
) -> int:
    """Record head counts; returns how many are new."""
    rows = [(session_id, h.pen_id, h.counted_at, str(h.counted_by), h.heads, h.frame_sha256, now, by) for h in heads]
    return _added(connection, _ADD_HEADS, rows)


def add_photos(
    connection: psycopg.Connection, session_id: str, photos: Iterable[SessionPhoto], by: str, now: datetime
) -> int:
    """Record photographs of sampled animals; returns how many are new."""
    rows = [
        (session_id, p.tag_id, p.sha256, p.taken_at, p.matches, *_place(p.position), now, by) for p in photos
    ]  # fmt: skip
    return _added(connection, _ADD_PHOTO, rows)


def add_sample(
    connection: psycopg.Connection, session_id: str, by: str, now: datetime, draw: tuple[str, str, bytes, list[str]]
) -> None:
    """Record a draw: hash of the reads, seed, secret, tags. A session has one."""
    connection.execute(
        "INSERT INTO count_session_sample VALUES (%s, %s, %s, %s, %s, %s, %s)", (session_id, now, by, *draw)
    )


def add_result(connection: psycopg.Connection, result: InspectionResult, by: str) -> None:
    """Record a session's result. A session has one."""
    connection.execute(
        "INSERT INTO count_session_result VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            result.session_id, result.closed_at, by, result.gross, result.unique_tags, result.duplicates,
            list(result.foreign), result.untagged, list(result.absent), Jsonb(result.counted), result.passed,
            list(result.refused_because),
        ),
    )  # fmt: skip


def session(connection: psycopg.Connection, session_id: str) -> CountSession | None:
    """All that was recorded of a session; None when there is none to be seen."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_PLAN + " WHERE session_id = %s", (session_id,)).fetchone()
        if row is None:
            return None
        of = (session_id,)
        reads = cursor.execute("SELECT * FROM count_session_read WHERE session_id = %s ORDER BY read_at, tag", of)
        found = tuple(_read(r) for r in reads)
        counted = cursor.execute("SELECT * FROM count_session_heads WHERE session_id = %s ORDER BY counted_at", of)
        heads = tuple(_heads(r) for r in counted)
        taken = cursor.execute("SELECT * FROM count_session_photo WHERE session_id = %s ORDER BY taken_at, tag", of)
        photos = tuple(_photo(r) for r in taken)
    draw = sample(connection, session_id)
    tags = tuple(TagId(tag) for tag in draw["tags"]) if draw else None
    return CountSession(plan=_plan(row), reads=found, heads=heads, sample=tags, photos=photos)


def secret_sha256(connection: psycopg.Connection, session_id: str) -> str:
    """What was published of a session's secret. Raises LookupError."""
    row = connection.execute("SELECT secret_sha256 FROM count_session WHERE session_id = %s", (session_id,)).fetchone()
    if row is None:
        raise LookupError(f"no count session {session_id}")
    return str(row[0])


def sample(connection: psycopg.Connection, session_id: str) -> dict[str, Any] | None:
    """A session's draw: drawn_at, reads_sha256, seed, secret, tags; None: not drawn yet."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM count_session_sample WHERE session_id = %s", (session_id,)).fetchone()


def result(connection: psycopg.Connection, session_id: str) -> InspectionResult | None:
    """A session's result; None: not closed yet."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_RESULT + " WHERE s.session_id = %s", (session_id,)).fetchone()
    return _result(row) if row else None


def closed(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[InspectionResult, ...]:
    """The sessions on a farm that were closed in the 30 days before, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _RESULT + " WHERE s.farm_id = %s AND r.closed_at > %s AND r.closed_at <= %s ORDER BY r.closed_at",
            (farm, as_of - MONTH_BACK, as_of),
        )
        return tuple(_result(row) for row in rows)


def _added(connection: psycopg.Connection, statement: LiteralString, rows: Sequence[tuple[object, ...]]) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return cursor.rowcount


def _place(position: Position | None) -> tuple[float | None, float | None]:
    return (position.latitude, position.longitude) if position else (None, None)


def _position(row: dict[str, Any]) -> Position | None:
    return Position(row["latitude"], row["longitude"]) if row["latitude"] is not None else None


def _plan(row: dict[str, Any]) -> SessionPlan:
    return SessionPlan(
        session_id=row["session_id"], loan_id=LoanId(row["loan_id"]), farm_id=FarmId(row["farm_id"]),
        pens=tuple(PenId(p) for p in row["pens"]), opened_at=row["opened_at"], opened_by=row["opened_by"],
        freeze_from=row["freeze_from"], freeze_until=row["freeze_until"],
    )  # fmt: skip


def _read(row: dict[str, Any]) -> SessionRead:
    return SessionRead(
        pen_id=PenId(row["pen_id"]), tag_id=TagId(row["tag"]), read_at=row["read_at"], reader=row["reader"],
        position=_position(row),
    )  # fmt: skip


def _heads(row: dict[str, Any]) -> SessionHeads:
    return SessionHeads(
        pen_id=PenId(row["pen_id"]), heads=row["heads"], counted_at=row["counted_at"],
        counted_by=CountedBy(row["counted_by"]), frame_sha256=row["frame_sha256"],
    )  # fmt: skip


def _photo(row: dict[str, Any]) -> SessionPhoto:
    return SessionPhoto(
        tag_id=TagId(row["tag"]), sha256=row["sha256"], taken_at=row["taken_at"], matches=row["matches"],
        position=_position(row),
    )  # fmt: skip


def _result(row: dict[str, Any]) -> InspectionResult:
    return InspectionResult(
        session_id=row["session_id"], loan_id=LoanId(row["loan_id"]), farm_id=FarmId(row["farm_id"]),
        opened_at=row["opened_at"], closed_at=row["closed_at"], gross=row["gross"], unique_tags=row["unique_tags"],
        duplicates=row["duplicates"], foreign=tuple(TagId(t) for t in row["foreign_tags"]), untagged=row["untagged"],
        absent=tuple(AnimalId(a) for a in row["absent"]), pens=tuple(PenId(p) for p in row["pens"]),
        passed=row["passed"], refused_because=tuple(row["refused_because"]),
        counted=tuple((PenId(pen), heads) for pen, heads in row["counted"]),
    )  # fmt: skip
