"""Which moves a case may make, and by whom (domain 3.4). Tables, so that they can be read and tested whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from collateral.alerting.deadlines import limit
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case, Disposition, Stage
from collateral.model.finding import Audience, Severity
from collateral.model.person import Person, Role
from collateral.model.saying import Refusal, Saying, say


class Move(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    VERIFY = "verify"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    EXPLAIN = "explain"
    MITIGATE = "mitigate"  # the plan is filed, its steps are under way
    RETURN = "return"  # the checker does not agree: look again
    CLOSE = "close"
    # By the engine alone:
    CLEAR = "clear"  # the condition has been gone long enough
    WITHDRAW = "withdraw"  # late data took the ground away
    REOPEN = "reopen"
    SUPPRESS = "suppress"  # a silence covers it
    SOUND = "sound"  # the silence is over and the condition is still there


_S, _M = Stage, Move
NEXT: dict[tuple[Stage, Move], Stage] = {
    **{(s, _M.ACKNOWLEDGE): _S.ACKNOWLEDGED for s in (_S.NEW, _S.REOPENED)},
    (_S.ACKNOWLEDGED, _M.VERIFY): _S.VERIFYING,
    **{(s, _M.CONFIRM): _S.CONFIRMED for s in (_S.ACKNOWLEDGED, _S.VERIFYING)},
    **{(s, _M.DISMISS): _S.FALSE_ALARM for s in (_S.ACKNOWLEDGED, _S.VERIFYING)},
    **{(s, _M.EXPLAIN): _S.EXPLAINED for s in (_S.ACKNOWLEDGED, _S.VERIFYING)},
    (_S.CONFIRMED, _M.MITIGATE): _S.MITIGATING,
    **{(s, _M.RETURN): _S.VERIFYING for s in (_S.CONFIRMED, _S.MITIGATING, _S.FALSE_ALARM, _S.EXPLAINED)},
    **{(s, _M.CLOSE): _S.CLOSED for s in (_S.MITIGATING, _S.FALSE_ALARM, _S.EXPLAINED)},
    **{(s, _M.CLEAR): _S.CLOSED for s in (_S.NEW, _S.REOPENED, _S.SUPPRESSED, _S.ACKNOWLEDGED)},
    **{(s, _M.WITHDRAW): _S.WITHDRAWN for s in (_S.NEW, _S.REOPENED, _S.SUPPRESSED, _S.ACKNOWLEDGED, _S.VERIFYING)},
    **{(s, _M.REOPEN): _S.REOPENED for s in (_S.CLOSED, _S.WITHDRAWN)},
    **{(s, _M.SUPPRESS): _S.SUPPRESSED for s in (_S.NEW, _S.REOPENED)},
    (_S.SUPPRESSED, _M.SOUND): _S.NEW,
}

HANDLERS = frozenset({Role.OFFICER, Role.RISK, Role.ADMIN})
ENGINE: frozenset[Role] = frozenset()
MAY: dict[Move, frozenset[Role]] = {
    **dict.fromkeys(
        (_M.ACKNOWLEDGE, _M.VERIFY, _M.CONFIRM, _M.DISMISS, _M.EXPLAIN, _M.MITIGATE, _M.RETURN, _M.CLOSE), HANDLERS
    ),
    **dict.fromkeys((_M.CLEAR, _M.WITHDRAW, _M.REOPEN, _M.SUPPRESS, _M.SOUND), ENGINE),
}
"""Of a case whose audience is the farm, also the farm's own people make the moves of handlers."""

CLOSE_RED = frozenset({Role.RISK})
ENGINE_MAY = frozenset(move for move, roles in MAY.items() if not roles) | {Move.RETURN}
"""A verdict that awaits its close goes back by itself when the matter becomes graver."""

VERDICTS: dict[Move, Disposition] = {
    Move.CONFIRM: Disposition.CONFIRMED,
    Move.DISMISS: Disposition.FALSE_ALARM,
    Move.EXPLAIN: Disposition.EXPLAINED,
}

OTHER = "other"
CAUSES: dict[Disposition, tuple[str, ...]] = {
    Disposition.CONFIRMED: (
        "theft", "sale", "death", "disease", "escape", "shortfall", "fraud", "tampering", "price", "papers", OTHER,
    ),
    Disposition.FALSE_ALARM: (
        "gps_fault", "tag_fault", "camera_fault", "network_fault", "threshold", "book_error", OTHER,
    ),
    Disposition.EXPLAINED: ("planned_move", "treatment", "calving", "retagging", "maintenance", "weather", OTHER),
}  # fmt: skip
"""What a disposition may rest on [I]."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says a case turned out to be, and of which of CAUSES."""

    disposition: Disposition
    cause: str = OTHER


class MoveRefused(Refusal):
    """This case cannot make that move; the message says why and what would be needed."""


class NotAtThisStage(MoveRefused):
    """The move is not to be made at the stage where the case stands."""


def may(person: Person, case: Case, move: Move) -> bool:
    """Whether `person` may make `move` on `case` now."""
    return _objection(case, move, person) is None


def moved(
    case: Case, move: Move, person: Person | None, now: datetime, verdict: Verdict | None = None,
    calendar: WorkingDays = WEEKENDS,
) -> Case:  # fmt: skip
    """The case after `move`. `person` None is the engine. Raises MoveRefused."""
    if objection := _objection(case, move, person):
        raise objection
    after = replace(case, stage=NEXT[case.stage, move], **_changes(case, move, person, now, verdict))
    return replace(after, due_at=limit(after.stage, after.severity, after.raised_at, calendar))


def _objection(case: Case, move: Move, person: Person | None) -> MoveRefused | None:
    """Why not, or None. Who may not do it at all hears that first."""
    if person is None and move not in ENGINE_MAY:
        return MoveRefused(say("only people may {move} cases", move=move))
    if person is not None and (wrong := wrong_role(case, move, person)):
        return wrong
    if (case.stage, move) not in NEXT:
        return NotAtThisStage(
            say("case {case} is {stage}: it cannot {move} now", case=case.case_id, stage=case.stage, move=move)
        )
    if case.severity is Severity.RED and move in {Move.CLEAR, Move.WITHDRAW}:
        return MoveRefused(say("a red case does not end by itself; one person proposes, risk staff confirm"))
    if person is not None and case.severity is Severity.RED and move is Move.CLOSE:
        return _second_person_missing(case, person)
    return None


def wrong_role(case: Case, move: Move, person: Person) -> MoveRefused | None:
    """What this person is told who may not make this move at any stage; None where their role may."""
    if person.role in _permitted(case, move):
        return None
    return MoveRefused(
        say("role {role} may not {move} this case; ask an officer or risk staff", role=person.role, move=move)
    )


def unknown_cause(verdict: Verdict) -> Saying | None:
    """What is wrong with a verdict whose cause is none of its disposition's, or None. Causes stand as they are to be
    sent."""
    if verdict.cause in CAUSES[verdict.disposition]:
        return None
    return say(
        "{disposition} has no cause {cause!r}; one of: {causes}",
        disposition=verdict.disposition, cause=verdict.cause, causes=CAUSES[verdict.disposition],
    )  # fmt: skip


def _permitted(case: Case, move: Move) -> frozenset[Role]:
    return MAY[move] | {Role.FARM} if case.audience is Audience.FARM and MAY[move] else MAY[move]


def _second_person_missing(case: Case, person: Person) -> MoveRefused | None:
    """Maker-checker: who closes a red case is risk staff, not the officer of the loan, and not who gave the verdict."""
    if person.role not in CLOSE_RED:
        return MoveRefused(say("a red case is closed by risk staff, not by the officer who owns the loan"))
    if person.login == case.decided_by:
        return MoveRefused(
            say("{login} gave the verdict; a second person of risk staff closes a red case", login=person.login)
        )
    return None


def _changes(case: Case, move: Move, person: Person | None, now: datetime, verdict: Verdict | None) -> dict[str, Any]:
    match move:
        case Move.ACKNOWLEDGE:
            return {"acknowledged_at": case.acknowledged_at or now}
        case Move.CONFIRM | Move.DISMISS | Move.EXPLAIN:
            return _decided(move, verdict, person)
        case Move.RETURN:
            return {"disposition": None, "cause": None, "decided_by": None}
        case Move.CLOSE | Move.CLEAR | Move.WITHDRAW:
            return {"closed_at": now, "flapping": False}
        case Move.REOPEN:
            return {
                "acknowledged_at": None, "closed_at": None, "disposition": None, "cause": None, "decided_by": None,
                "withdrawn_because": None, "silenced_by": None,
                "raised_at": now, "clear_since": None, "occurrences": case.occurrences + 1,
            }  # fmt: skip
        case Move.SOUND:
            return {"raised_at": now, "silenced_by": None}
        case _:
            return {}


def _decided(move: Move, verdict: Verdict | None, person: Person | None) -> dict[str, Any]:
    wanted = VERDICTS[move]
    verdict = verdict or Verdict(wanted)
    if verdict.disposition is not wanted:
        raise MoveRefused(
            say("{move} says {wanted}, not {said}; send the move that fits",
                move=move, wanted=wanted, said=verdict.disposition)
        )  # fmt: skip
    if unknown := unknown_cause(verdict):
        raise MoveRefused(unknown)
    return {"disposition": wanted, "cause": verdict.cause, "decided_by": person.login if person else None}
