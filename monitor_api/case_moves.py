"""Moving a case for a person: the lifecycle decides, the version guards, the history says who."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from collateral.alerting.lifecycle import CAUSES, VERDICTS, Move, MoveRefused, NotAtThisStage, Verdict, moved
from collateral.alerting.resolving import resolved
from collateral.alerting.working_days import WorkingDays
from collateral.model.case import Case, CaseState
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


def unknown_cause(verdict: Verdict) -> str | None:
    """What is wrong with a verdict's cause, or None."""
    known = CAUSES[verdict.disposition]
    if verdict.cause in known:
        return None
    return f"{verdict.disposition} has no cause {verdict.cause!r}; one of: {', '.join(known)}"


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
        raise NotAllowed(str(error)) from error
    if not cases.replace(connection, changed, version):
        raise Conflict(_lost_race(connection, case_id, change, now))
    cases.record(connection, case_id, now, caller.person.login, event(changed), note, particulars)


def _lost_race(connection: Connection, case_id: int, change: Callable[[Case, datetime], Case], now: datetime) -> str:
    read = cases.one(connection, case_id)
    if read is None:
        raise NotFound("alert")
    try:
        change(read[0], now)
    except MoveRefused as error:
        return _present_state(connection, read[0], error)
    return f"case {case_id} changed while you were looking at it; read it again and repeat"


def _present_state(connection: Connection, case: Case, refused: MoveRefused) -> str:
    last = case_reading.last_move(connection, case.case_id)
    by = f" since {last.at:%Y-%m-%d %H:%M:%S} UTC by {last.actor}" if last else ""
    if case.state in {CaseState.OPEN, CaseState.SUPPRESSED} and not last:
        return str(refused)
    return f"case {case.case_id} is {case.stage}{by}; read it again before going on"
