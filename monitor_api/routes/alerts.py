"""Alerts: the inbox, one case with its evidence, and what people do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from collateral.alerting.lifecycle import MAY, VERDICTS, Move, Verdict, may, unknown_cause
from collateral.alerting.resolving import may_resolve
from collateral.contract.casework import AudienceWord, MoveRequest
from collateral.contract.http import (
    AcknowledgeRequest,
    CaseDetail,
    CaseSummary,
    NamedAnimal,
    ResolveRequest,
    SeverityWord,
    StateWord,
    TestimonyShape,
)
from collateral.model.case import Case, Disposition
from collateral.model.finding import Audience, Severity
from collateral.store import case_reading, cases, herds
from collateral.store.case_reading import Wanted
from collateral.store.pool import Connection
from monitor_api import case_moves, farm_hand
from monitor_api.access import AnyPerson
from monitor_api.desk import Caller
from monitor_api.errors import NotFound, NotUnderstood, documented
from monitor_api.working_calendar import calendar

router = APIRouter(tags=["alerts"])
CaseNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/alerts", responses=documented(401, 422, 503))
def list_alerts(
    caller: AnyPerson,
    state: StateWord | None = None,
    severity: SeverityWord | None = None,
    loan_id: str | None = None,
    audience: AudienceWord | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[CaseSummary]:
    """Cases of one's branch: unresolved first, then the gravest, then the newest.

    The bank is shown what is the farm's own matter only where it asks for audience=farm.
    """
    grade = Severity.from_word(severity) if severity else None
    whose = Audience(audience) if audience else farm_hand.audience(caller.person)
    wanted = Wanted(state=state, severity=grade, loan_id=loan_id, audience=whose, limit=limit, offset=offset)
    with caller.sight() as connection:
        found = case_reading.summaries(connection, wanted, caller.now())
    return [farm_hand.shown(case, caller.person) for case in found]


@router.get("/alerts/{case_id}", responses=documented(401, 404, 422, 503))
def one_alert(case_id: CaseNumber, caller: AnyPerson) -> CaseDetail:
    """One case: the animals it names, what each witness said, what was done, who was told."""
    with caller.sight() as connection:
        return _detail(connection, case_id, caller)


@router.post("/alerts/{case_id}/acknowledge", responses=documented(401, 403, 404, 409, 422, 503))
def acknowledge(case_id: CaseNumber, asked: AcknowledgeRequest, caller: AnyPerson) -> CaseDetail:
    """Take a case on. The first to do so has it; others are told who."""
    with caller.sight() as connection:
        case_moves.move(connection, case_id, Move.ACKNOWLEDGE, caller, asked.note or None, None, calendar())
        return _detail(connection, case_id, caller)


@router.post("/alerts/{case_id}/moves", responses=documented(401, 403, 404, 409, 422, 503))
def one_move(case_id: CaseNumber, asked: MoveRequest, caller: AnyPerson) -> CaseDetail:
    """One step: verify, confirm, dismiss, explain, mitigate, return, close. `may` of the case says which are open."""
    move = Move(asked.move)
    if move in VERDICTS and (fault := unknown_cause(Verdict(VERDICTS[move], asked.cause))):
        raise NotUnderstood(fault)
    with caller.sight() as connection:
        case_moves.move(connection, case_id, move, caller, asked.note, asked.cause, calendar())
        return _detail(connection, case_id, caller)


@router.post("/alerts/{case_id}/resolve", responses=documented(401, 403, 404, 409, 422, 503))
def resolve(case_id: CaseNumber, asked: ResolveRequest, caller: AnyPerson) -> CaseDetail:
    """Say what an acknowledged case turned out to be, and close it. Of a red one the first person proposes; a second,
    of risk staff, closes it by saying the same."""
    verdict = Verdict(Disposition(asked.disposition), asked.cause)
    if fault := unknown_cause(verdict):
        raise NotUnderstood(fault)
    with caller.sight() as connection:
        case_moves.resolve(connection, case_id, verdict, caller, asked.note, calendar())
        return _detail(connection, case_id, caller)


def _detail(connection: Connection, case_id: int, caller: Caller) -> CaseDetail:
    now, person = caller.now(), caller.person
    summary, read = case_reading.one(connection, case_id, now), cases.one(connection, case_id)
    if summary is None or read is None:
        raise NotFound("alert")
    case = read[0]
    return CaseDetail(
        summary=farm_hand.shown(summary, person),
        animals=[farm_hand.shown_animal(animal, person) for animal in _animals(connection, case, now)],
        testimonies=_testimonies(case, caller),
        figures=farm_hand.shown_figures(case.figures, person),
        events=case_reading.events(connection, case_id),
        notices=case_reading.notices(connection, case_id),
        may_acknowledge=may(person, case, Move.ACKNOWLEDGE),
        may_resolve=may_resolve(person, case),
        may=[str(move) for move, roles in MAY.items() if roles and may(person, case, move)],
    )


def _animals(connection: Connection, case: Case, now: datetime) -> list[NamedAnimal]:
    """The animals that a case names, with what their pens are called."""
    if not case.animals:
        return []
    names = {pen.pen_id: pen.name for pen in herds.pens(connection, now, case.farm_id)}
    animals = case_reading.animals(connection, case.animals, now)
    return [animal.model_copy(update={"pen_name": names.get(animal.pen_id, "")}) for animal in animals]


def _testimonies(case: Case, caller: Caller) -> list[TestimonyShape]:
    said = [TestimonyShape.model_validate(testimony) for testimony in case.testimonies]
    return [t.model_copy(update={"particulars": farm_hand.shown_figures(t.particulars, caller.person)}) for t in said]
