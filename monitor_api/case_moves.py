"""Moving a case for a person: the lifecycle decides, the version guards, the history says who."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from collateral.alerting.lifecycle import VERDICTS, Move, MoveRefused, NotAtThisStage, Verdict, moved
from collateral.alerting.resolving import resolved
from collateral.alerting.working_days import WorkingDays
from collateral.model.case import Case, CaseState
from collateral.model.saying import Saying, say
from collateral.store import case_reading, cases
from collateral.store.pool import Connection
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotAllowed, NotFound

DONE: dict[Move, str] = {
    Move.ACKNOWLEDGE: "acknowledged", Move.VERIFY: "verifying", Move.CONFIRM: "confirmed", Move.DISMISS: "dismissed",
    Move.EXPLAIN: "explained", Move.MITIGATE: "mitigating", Move.RETURN: "returned", Move.CLOSE: "resolved",
}  # fmt: skip
PROPOSED = "proposed"


def move(
    connection: Connection, case_id: int, wanted: Move, caller: Caller, note: str | None, cause: str | None,
    calendar: WorkingDays,
) -> None:  # fmt: skip
    """Make one move. Raises NotFound, NotAllowed, or Conflict with what has become of the case."""
    verdict = Verdict(VERDICTS[wanted], cause) if wanted in VERDICTS and cause else None
    particulars = {"disposition": str(verdict.disposition), "cause": verdict.cause} if verdict else {}

    def change(case: Case, now: datetime) -> Case:
        return moved(case, wanted, caller.person, now, verdict, calendar)

    _make(connection, case_id, caller, change, lambda _: DONE[wanted], note, particulars)


def resolve(
    connection: Connection, case_id: int, verdict: Verdict, caller: Caller, note: str, calendar: WorkingDays
) -> None:
    """Give a verdict, and close where the caller may. Raises NotFound, NotAllowed, Conflict."""

    def change(case: Case, now: datetime) -> Case:
        return resolved(case, verdict, caller.person, now, calendar)

    def event(case: Case) -> str:
        return "resolved" if case.state is CaseState.RESOLVED else PROPOSED

    particulars = {"disposition": str(verdict.disposition), "cause": verdict.cause}
    _make(connection, case_id, caller, change, event, note, particulars)


def _make(
    connection: Connection, case_id: int, caller: Caller, change: Callable[[Case, datetime], Case],
    event: Callable[[Case], str], note: str | None, particulars: dict[str, Any],
) -> None:  # fmt: skip
    read = cases.one(connection, case_id)
    if read is None:
        raise NotFound("alert")
    case, version = read
    now = caller.now()
    try:
        changed = change(case, now)
    except NotAtThisStage as error:
        raise Conflict(_present_state(connection, case, error)) from error
    except MoveRefused as error:
        raise NotAllowed(error.said) from error
    if not cases.replace(connection, changed, version):
        raise Conflict(_lost_race(connection, case_id, change, now))
    cases.record(connection, case_id, now, caller.person.login, event(changed), note, particulars)


def _lost_race(connection: Connection, case_id: int, change: Callable[[Case, datetime], Case], now: datetime) -> Saying:
    read = cases.one(connection, case_id)
    if read is None:
        raise NotFound("alert")
    try:
        change(read[0], now)
    except MoveRefused as error:
        return _present_state(connection, read[0], error)
    return say("case {case} changed while you were looking at it; read it again and repeat", case=case_id)


def _present_state(connection: Connection, case: Case, refused: MoveRefused) -> Saying:
    last = case_reading.last_move(connection, case.case_id)
    if last:
        return say(
            "case {case} is {stage} since {at:%Y-%m-%d %H:%M:%S} UTC by {actor}; read it again before going on",
            case=case.case_id, stage=case.stage, at=last.at, actor=last.actor,
        )  # fmt: skip
    if case.state in {CaseState.OPEN, CaseState.SUPPRESSED}:
        return refused.said
    return say("case {case} is {stage}; read it again before going on", case=case.case_id, stage=case.stage)
