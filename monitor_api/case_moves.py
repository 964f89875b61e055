"""Moving a case for a person: the lifecycle decides, the version guards, the history says who."""

from __future__ import annotations

from typing import Any

from collateral.alerting.lifecycle import NEXT, Move, MoveRefused, moved
from collateral.model.case import Case
from collateral.store import case_reading, cases
from collateral.store.pool import Connection
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotAllowed, NotFound

DONE = {Move.ACKNOWLEDGE: "acknowledged", Move.RESOLVE: "resolved"}


def move(
    connection: Connection, case_id: int, wanted: Move, caller: Caller, note: str | None, particulars: dict[str, Any]
) -> None:
    """Make one move. Raises NotFound, NotAllowed, or Conflict with what has become of the case."""
    read = cases.one(connection, case_id)
    if read is None:
        raise NotFound("alert")
    case, version = read
    if (case.state, wanted) not in NEXT:
        raise Conflict(_present_state(connection, case, wanted))
    try:
        changed = moved(case, wanted, caller.person, caller.now())
    except MoveRefused as error:
        raise NotAllowed(str(error)) from error
    if not cases.replace(connection, changed, version):
        raise Conflict(_lost_race(connection, case_id, wanted))
    cases.record(connection, case_id, caller.now(), caller.person.login, DONE[wanted], note, particulars)


def _lost_race(connection: Connection, case_id: int, wanted: Move) -> str:
    read = cases.one(connection, case_id)
    if read is None:
        raise NotFound("alert")
    if (read[0].state, wanted) in NEXT:
        return f"case {case_id} changed while you were looking at it; read it again and repeat"
    return _present_state(connection, read[0], wanted)


def _present_state(connection: Connection, case: Case, wanted: Move) -> str:
    last = case_reading.last_move(connection, case.case_id)
    by = f" since {last.at:%Y-%m-%d %H:%M:%S} UTC by {last.actor}" if last else ""
    advice = "acknowledge it first" if wanted is Move.RESOLVE and not last else "read it again before going on"
    return f"case {case.case_id} is {case.state}{by}; {advice}"
