"""Silences for planned work, how often each rule is right, and how soon cases are handled."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from collateral.alerting.precision import RulePrecision, precision_by_rule, weekly
from collateral.alerting.silencing import Silence, Work
from collateral.alerting.sla import LevelTimes, sla_report
from collateral.contract.casework import (
    LevelTimesLine,
    PrecisionReport,
    RulePrecisionLine,
    SilenceRecord,
    SilenceRequest,
    SlaReport,
    WeekOfPrecision,
)
from collateral.model.ids import AnimalId, FarmId, LoanId
from collateral.model.saying import say
from collateral.store import outcomes, silences
from collateral.store.pool import Connection
from monitor_api.access import BankPerson, CaseHandler
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotFound, NotUnderstood, documented
from monitor_api.working_calendar import calendar

router = APIRouter(tags=["casework"])
SilenceNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
LOOK_BACK = timedelta(weeks=13)


@router.get("/silences", responses=documented(401, 403, 422, 503))
def list_silences(caller: BankPerson, also_over: Annotated[bool, Query()] = False) -> list[SilenceRecord]:
    """Planned work that silences, the latest first: what is in force or to come, and what is over where asked."""
    with caller.sight() as connection:
        return silences.records(connection, caller.now(), also_over=also_over)


@router.post("/silences", status_code=201, responses=documented(401, 403, 404, 422, 503))
def set_silence(asked: SilenceRequest, caller: CaseHandler) -> SilenceRecord:
    """Announce planned work. What it silences is recorded and shown, and nobody is called."""
    now = caller.now()
    with caller.sight() as connection:
        silence = _wanted(connection, asked, caller, now)
        if refusal := silence.refusal(now):
            raise NotUnderstood(refusal)
        return _one(connection, silences.add(connection, silence, now), now)


@router.delete("/silences/{silence_id}", responses=documented(401, 403, 404, 409, 422, 503))
def end_silence(silence_id: SilenceNumber, caller: CaseHandler) -> SilenceRecord:
    """End a silence now. It stays on record with who ended it."""
    now = caller.now()
    with caller.sight() as connection:
        before = _one(connection, silence_id, now)
        if not silences.end(connection, silence_id, caller.person.login, now):
            over = min(before.ends_at, before.ended_at or now)
            raise Conflict(
                say("silence {silence} is over since {over:%Y-%m-%d %H:%M} UTC", silence=silence_id, over=over)
            )
        return _one(connection, silence_id, now)


@router.get("/rules/precision", responses=documented(401, 403, 422, 503))
def rules_precision(
    caller: BankPerson, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> PrecisionReport:
    """How often each rule was right about the cases opened in [since, until), in all and by week; else of 13 weeks."""
    start, end = _stretch(caller.now(), since, until)
    with caller.sight() as connection:
        found = outcomes.outcomes(connection, start, end)
    return PrecisionReport(
        since=start, until=end, rules=_lines(precision_by_rule(found)),
        weeks=[WeekOfPrecision(monday=monday, rules=_lines(of)) for monday, of in weekly(found).items()],
    )  # fmt: skip


@router.get("/sla", responses=documented(401, 403, 422, 503))
def sla(caller: BankPerson, since: AwareDatetime | None = None, until: AwareDatetime | None = None) -> SlaReport:
    """How soon cases opened in [since, until) were acknowledged and closed, by level; 13 weeks unless asked."""
    now = caller.now()
    start, end = _stretch(now, since, until)
    with caller.sight() as connection:
        found = outcomes.handled(connection, start, end)
    return SlaReport(since=start, until=end, levels=[_level(line) for line in sla_report(found, now, calendar())])


def _wanted(connection: Connection, asked: SilenceRequest, caller: Caller, now: datetime) -> Silence:
    """What is asked for, with what the book knows of it. Raises NotFound for what is not the caller's to see."""
    if unknown := silences.unknown(connection, asked.farm_id, asked.loan_id):
        raise NotFound(unknown)
    wanted = Silence(
        silence_id=0, work=Work(asked.work), farm_id=FarmId(asked.farm_id),
        loan_id=LoanId(asked.loan_id) if asked.loan_id else None, rules=frozenset(asked.rules),
        animals=frozenset(AnimalId(a) for a in asked.animals), movement_id=asked.movement_id,
        start=asked.starts_at, end=asked.ends_at, by=caller.person.login, why=asked.why,
    )  # fmt: skip
    return silences.backed(connection, wanted, now) if asked.movement_id else wanted


def _one(connection: Connection, silence_id: int, now: datetime) -> SilenceRecord:
    found = silences.records(connection, now, also_over=True, one=silence_id)
    if not found:
        raise NotFound("silence")
    return found[0]


def _stretch(now: datetime, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    end = until or now
    start = since or end - LOOK_BACK
    if start >= end:
        raise NotUnderstood(say("since lies before until; change one of them"))
    return start, end


def _lines(found: list[RulePrecision]) -> list[RulePrecisionLine]:
    return [RulePrecisionLine.model_validate(asdict(line)) for line in found]


def _level(line: LevelTimes) -> LevelTimesLine:
    return LevelTimesLine.model_validate({**asdict(line), "severity": line.severity.word})
