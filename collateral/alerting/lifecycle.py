"""Which moves a case may make, and by whom. A table, so that it can be read and tested whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from collateral.model.case import Case, CaseState
from collateral.model.finding import Severity
from collateral.model.person import Person, Role


class Move(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    CLEAR = "clear"  # by the engine: the condition has been gone long enough


NEXT: dict[tuple[CaseState, Move], CaseState] = {
    (CaseState.OPEN, Move.ACKNOWLEDGE): CaseState.ACKNOWLEDGED,
    (CaseState.OPEN, Move.CLEAR): CaseState.RESOLVED,
    (CaseState.ACKNOWLEDGED, Move.RESOLVE): CaseState.RESOLVED,
    (CaseState.ACKNOWLEDGED, Move.CLEAR): CaseState.RESOLVED,
}

MAY: dict[Move, frozenset[Role]] = {
    Move.ACKNOWLEDGE: frozenset({Role.OFFICER, Role.RISK, Role.ADMIN}),
    Move.RESOLVE: frozenset({Role.OFFICER, Role.RISK, Role.ADMIN}),
    Move.CLEAR: frozenset(),
}


class MoveRefused(ValueError):
    """This case cannot make that move; the message says why and what would be needed."""


def may(person: Person, case: Case, move: Move) -> bool:
    """Whether `person` may make `move` on `case` now."""
    return (case.state, move) in NEXT and person.role in MAY[move] and not _needs_risk(person, case, move)


def moved(case: Case, move: Move, person: Person | None, now: datetime) -> Case:
    """The case after `move`. `person` None is the engine. Raises MoveRefused."""
    state = NEXT.get((case.state, move))
    if state is None:
        raise MoveRefused(f"case {case.case_id} is {case.state}: it cannot {move} now")
    if person is not None and person.role not in MAY[move]:
        raise MoveRefused(f"a {person.role} may not {move} a case; ask an officer or risk staff")
    if person is not None and _needs_risk(person, case, move):
        raise MoveRefused("a red case is resolved by risk staff, not by the officer who owns the loan")
    if move is Move.CLEAR and case.severity is Severity.RED:
        raise MoveRefused("a red case does not clear by itself; risk staff resolve it")
    return replace(
        case,
        state=state,
        last_seen_at=max(case.last_seen_at, now) if move is Move.CLEAR else case.last_seen_at,
    )


def _needs_risk(person: Person, case: Case, move: Move) -> bool:
    return move is Move.RESOLVE and case.severity is Severity.RED and person.role is Role.OFFICER
