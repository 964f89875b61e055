"""Count sessions (盘点): open, read, count, draw the sample, photograph, close, report."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path

from collateral.book import reads_file
from collateral.book.session import CountedBy, SessionHeads, SessionPhoto, SessionRead
from collateral.contract.inspection import (
    HeadsAsked,
    PhotosAsked,
    PhotoShape,
    ReadsAsked,
    ReadsFileAnswer,
    ReadShape,
    Recorded,
    SessionAsked,
    SessionLine,
    SessionReport,
)
from collateral.model.ids import PenId, TagId
from collateral.model.moment import aware
from collateral.model.person import Role
from collateral.model.place import Position
from collateral.model.saying import say
from collateral.store import inspection_list, inspections, loans, sight
from monitor_api import count_sessions, session_report
from monitor_api.access import BankPerson, only
from monitor_api.desk import Caller
from monitor_api.errors import NotFound, NotUnderstood, documented
from monitor_api.import_file import fault_shapes

router = APIRouter(tags=["inspections"])
Session = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
MOST_BYTES = 16 * 2**20  # 200,000 rows of 80 bytes
CsvFile = Annotated[bytes, Body(media_type="text/csv", max_length=MOST_BYTES, description="The file as it is.")]
PROBLEMS = documented(401, 403, 404, 409, 422, 503)

Inspector = Annotated[Caller, Depends(only(frozenset({Role.OFFICER, Role.RISK, Role.ADMIN}), "inspect herds"))]
"""Somebody who may hold a count session."""


@router.get("/count-sessions", responses=documented(401, 403, 422, 503))
def all_sessions(caller: BankPerson, loan_id: str | None = None, farm_id: str | None = None) -> list[SessionLine]:
    """The newest count sessions that the caller may see, newest first; of one loan or farm where it is named."""
    with caller.sight() as connection:
        return [session_report.listed(one) for one in inspection_list.newest(connection, loan_id, farm_id)]


@router.get("/loans/{loan_id}/count-sessions", responses=documented(401, 403, 404, 422, 503))
def list_sessions(loan_id: str, caller: BankPerson) -> list[SessionLine]:
    """The count sessions of one loan, newest first."""
    with caller.sight() as connection:
        if loans.one(connection, loan_id, caller.now()) is None:
            raise NotFound("loan")
        found = inspection_list.newest(connection, loan_id)
    return [session_report.listed(one) for one in found]


@router.post("/loans/{loan_id}/count-sessions", status_code=201, responses=PROBLEMS)
def open_session(loan_id: str, asked: SessionAsked, caller: Inspector) -> SessionReport:
    """Open a session over some pens of a farm, with the window in which nothing may move between them."""
    with caller.sight() as connection:
        return count_sessions.report(
            connection, count_sessions.open_session(connection, loan_id, asked, caller), caller
        )


@router.get("/count-sessions/{session_id}", responses=documented(401, 403, 404, 422, 503))
def one_session(session_id: Session, caller: BankPerson) -> SessionReport:
    """What a session proves: as it stands, or its result once closed."""
    with caller.sight() as connection:
        return count_sessions.report(connection, session_id, caller)


@router.post("/count-sessions/{session_id}/reads", responses=PROBLEMS)
def add_reads(session_id: Session, asked: ReadsAsked, caller: Inspector) -> Recorded:
    """Record tag reads. Sent again they change nothing."""
    reads = [_read(read) for read in asked.reads]
    with caller.sight() as connection:
        session = count_sessions.to_be_read(connection, session_id)
        added = count_sessions.add_reads(connection, session, reads, caller)
    return Recorded(received=len(reads), added=added)


@router.post("/count-sessions/{session_id}/reads-file", responses=PROBLEMS)
def add_reads_file(
    session_id: Session, data: CsvFile, caller: Inspector, reader: str = "hand reader", pen_id: str | None = None,
    dry_run: bool = False,  # noqa: FBT001
) -> ReadsFileAnswer:  # fmt: skip
    """Record the reads of a hand reader's CSV: good rows are written, bad ones listed. The same file again changes
    nothing. `pen_id`: the pen of rows that name none, for readers that do not know where they are."""
    with caller.sight() as connection:
        session = count_sessions.to_be_read(connection, session_id)
        place = count_sessions.place_of(connection, session, reader, pen_id)
        reads, faults = reads_file.read(data, place, caller.now())
        added = len(reads) if dry_run else count_sessions.add_reads(connection, session, reads, caller)
    return ReadsFileAnswer(
        dry_run=dry_run, received=len(reads) + len({f.line for f in faults}), added=added, faults=fault_shapes(faults)
    )


@router.post("/count-sessions/{session_id}/heads", responses=PROBLEMS)
def add_heads(session_id: Session, asked: HeadsAsked, caller: Inspector) -> Recorded:
    """Record heads counted by eye or camera. A later count of a pen replaces an earlier one."""
    heads = [
        SessionHeads(
            pen_id=PenId(h.pen_id), heads=h.heads, counted_at=aware(h.counted_at), counted_by=CountedBy(h.counted_by),
            frame_sha256=h.frame_sha256,
        )
        for h in asked.heads
    ]  # fmt: skip
    if any(h.counted_by is CountedBy.CAMERA and h.frame_sha256 is None for h in heads):
        raise NotUnderstood(say("a camera's count needs frame_sha256; name the picture it was counted on"))
    with caller.sight() as connection:
        session = count_sessions.to_be_read(connection, session_id)
        count_sessions.check_pens(session, {h.pen_id for h in heads})
        added = inspections.add_heads(connection, session_id, heads, caller.person.login, caller.now())
    return Recorded(received=len(heads), added=added)


@router.post("/count-sessions/{session_id}/sample", status_code=201, responses=PROBLEMS)
def draw_sample(session_id: Session, caller: Inspector) -> SessionReport:
    """Draw the tags to photograph, once all are read. From then on the reads are final."""
    with caller.sight() as connection:
        if inspections.session(connection, session_id) is None:
            raise NotFound("count session")
    # The secret is for programs alone, so that nobody can know the draw before the reads.
    with sight.unscoped(caller.desk.connections) as connection:
        secret = inspections.secret_of(connection, session_id)
    with caller.sight() as connection:
        count_sessions.draw_sample(connection, session_id, secret, caller)
        return count_sessions.report(connection, session_id, caller)


@router.post("/count-sessions/{session_id}/photos", responses=PROBLEMS)
def add_photos(session_id: Session, asked: PhotosAsked, caller: Inspector) -> Recorded:
    """Record photographs of sampled animals by their hashes."""
    photos = [_photo(photo) for photo in asked.photos]
    with caller.sight() as connection:
        added = count_sessions.add_photos(connection, session_id, photos, caller)
    return Recorded(received=len(photos), added=added)


@router.post("/count-sessions/{session_id}/close", responses=PROBLEMS)
def close(session_id: Session, caller: Inspector) -> SessionReport:
    """Close a session for good. Where it refuses to pass, the report says why and what to do."""
    with caller.sight() as connection:
        count_sessions.close(connection, session_id, caller)
        return count_sessions.report(connection, session_id, caller)


def _read(read: ReadShape) -> SessionRead:
    return SessionRead(
        pen_id=PenId(read.pen_id), tag_id=TagId(read.tag.lower()), read_at=aware(read.read_at), reader=read.reader,
        position=_position(read.latitude, read.longitude),
    )  # fmt: skip


def _photo(photo: PhotoShape) -> SessionPhoto:
    return SessionPhoto(
        tag_id=TagId(photo.tag.lower()), sha256=photo.sha256, taken_at=aware(photo.taken_at), matches=photo.matches,
        position=_position(photo.latitude, photo.longitude),
    )  # fmt: skip


def _position(latitude: float | None, longitude: float | None) -> Position | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise NotUnderstood(say("latitude and longitude go together; give both or neither"))
    return Position(latitude, longitude)
