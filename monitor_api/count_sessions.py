"""What people do with count sessions, inside the transaction they are given."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from collateral.book import inspection, reads_file, sampling
from collateral.book.session import CountSession, Herd, SessionPhoto, SessionPlan, SessionRead
from collateral.contract.inspection import SessionAsked, SessionReport
from collateral.model.ids import FarmId, LoanId, PenId
from collateral.model.saying import say
from collateral.store import inspection_herd, inspections
from collateral.store.pool import Connection
from monitor_api import session_report
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotFound, NotUnderstood

SECRET_BYTES = 32


def open_session(connection: Connection, loan_id: str, asked: SessionAsked, caller: Caller) -> str:
    """Open a session; returns its name. Its secret is drawn here, before any read."""
    there = inspection_herd.places(connection, loan_id, asked.farm_id)
    if there is None:
        raise NotFound("loan or farm")
    if strange := [pen for pen in asked.pens if pen not in there[1]]:
        raise NotUnderstood(
            say("no pens of farm {farm}: {pens}; name pens of this farm", farm=asked.farm_id, pens=strange)
        )
    if asked.freeze_until <= asked.freeze_from:
        raise NotUnderstood(say("the freeze window ends before it begins; give freeze_until after freeze_from"))
    secret = secrets.token_bytes(SECRET_BYTES)
    plan = SessionPlan(
        session_id=secrets.token_hex(8), loan_id=LoanId(loan_id), farm_id=FarmId(asked.farm_id),
        pens=tuple(dict.fromkeys(PenId(p) for p in asked.pens)), opened_at=caller.now(), opened_by=caller.person.login,
        freeze_from=asked.freeze_from, freeze_until=asked.freeze_until,
    )  # fmt: skip
    inspections.open_session(connection, plan, secret, sampling.published(secret))
    return plan.session_id


def to_be_read(connection: Connection, session_id: str) -> CountSession:
    """A session that still takes reads, locked. Raises NotFound and Conflict."""
    session = _open(connection, session_id)
    if session.sample is not None:
        raise Conflict(say("the sample is drawn, so the reads are final; open another session to read again"))
    return session


def add_reads(connection: Connection, session: CountSession, reads: Iterable[SessionRead], caller: Caller) -> int:
    """Record reads in pens of the session; returns how many are new."""
    found = list(reads)
    check_pens(session, {read.pen_id for read in found})
    return inspections.add_reads(connection, session.plan.session_id, found, caller.person.login, caller.now())


def check_pens(session: CountSession, pens: set[PenId]) -> None:
    """Raises NotUnderstood when a pen is not of the session."""
    if strange := sorted(pens - set(session.plan.pens)):
        raise NotUnderstood(
            say("not in this session: {strange}; it counts {pens}", strange=strange, pens=session.plan.pens)
        )


def place_of(connection: Connection, session: CountSession, reader: str, pen_id: str | None) -> reads_file.Place:
    """What a hand reader's file may refer to. `pen_id`: the pen of rows that name none."""
    if pen_id is not None:
        check_pens(session, {PenId(pen_id)})
    there = inspection_herd.places(connection, session.plan.loan_id, session.plan.farm_id)
    if there is None:
        raise NotFound("farm")
    zone, pens = there
    names = {pens[pen]: pen for pen in session.plan.pens} | {str(pen): pen for pen in session.plan.pens}
    return reads_file.Place(names, ZoneInfo(zone), reader, pen_id)


def draw_sample(connection: Connection, session_id: str, secret: bytes, caller: Caller) -> None:
    """Draw the tags to photograph, once."""
    session = _open(connection, session_id)
    if session.sample is not None:
        raise Conflict(say("the sample of this session is drawn already; photograph the tags it names"))
    if not session.reads:
        raise Conflict(say("no tag was read yet; read the tags of every pen first"))
    known = inspection.named(session, _herd(connection, session, caller))
    reads_sha = inspection.reads_sha256(session.reads)
    seed = sampling.seed(session_id, reads_sha, secret)
    tags = [str(tag) for tag in sampling.drawn((r.tag_id for r in known.reads), seed)]
    inspections.add_sample(
        connection, session_id, caller.person.login, caller.now(), (reads_sha, seed, secret, tags)
    )  # fmt: skip


def add_photos(connection: Connection, session_id: str, photos: list[SessionPhoto], caller: Caller) -> int:
    """Record photographs of sampled animals; returns how many are new."""
    session = _open(connection, session_id)
    if session.sample is None:
        raise Conflict(say("no sample is drawn yet; draw it, then photograph the tags it names"))
    herd = _herd(connection, session, caller)
    if other := sorted({p.tag_id for p in photos if herd.names.get(p.tag_id, p.tag_id) not in session.sample}):
        raise NotUnderstood(say("not in the sample: {tags}; photograph the tags it names", tags=other))
    return inspections.add_photos(connection, session_id, photos, caller.person.login, caller.now())


def close(connection: Connection, session_id: str, caller: Caller) -> None:
    """Close a session for good, passed or not."""
    session = _open(connection, session_id)
    herd = _herd(connection, session, caller)
    result = inspection.close(session, herd, inspection_herd.movements(connection, session.plan), caller.now())
    inspections.add_result(connection, result, caller.person.login)


def report(connection: Connection, session_id: str, caller: Caller) -> SessionReport:
    """A session as it stands, or its result."""
    session = inspections.session(connection, session_id)
    if session is None:
        raise NotFound("count session")
    herd = _herd(connection, session, caller)
    result = inspections.result(connection, session_id)
    there = inspection_herd.places(connection, session.plan.loan_id, session.plan.farm_id)
    shown = result or inspection.close(
        session, herd, inspection_herd.movements(connection, session.plan), caller.now()
    )  # fmt: skip
    return session_report.report(
        session, shown, herd, there[1] if there else {}, inspections.sample(connection, session_id),
        inspections.secret_sha256(connection, session_id), closed=result is not None,
    )  # fmt: skip


def _open(connection: Connection, session_id: str) -> CountSession:
    inspections.lock(connection, session_id)
    session = inspections.session(connection, session_id)
    if session is None:
        raise NotFound("count session")
    if (result := inspections.result(connection, session_id)) is not None:
        raise Conflict(say("this session was closed at {at:%Y-%m-%d %H:%M} UTC; open another one", at=result.closed_at))
    return session


def _herd(connection: Connection, session: CountSession, caller: Caller) -> Herd:
    """What the book had when the session began; before that, what it has now."""
    return inspection_herd.herd(connection, session.plan, min(caller.now(), session.plan.freeze_from))
