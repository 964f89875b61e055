"""Closing a case in one go: the verdict, what it requires, and the close where this person may make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from collateral.alerting.lifecycle import (
    NEXT,
    VERDICTS,
    Move,
    MoveRefused,
    NotAtThisStage,
    Verdict,
    may,
    moved,
    wrong_role,
)
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case, Disposition, Stage
from collateral.model.person import Person
from collateral.model.saying import say

_UNDECIDED = frozenset({Stage.ACKNOWLEDGED, Stage.VERIFYING})
_DECIDED = frozenset({Stage.CONFIRMED, Stage.MITIGATING, Stage.FALSE_ALARM, Stage.EXPLAINED})
_MOVE_OF: dict[Disposition, Move] = {disposition: move for move, disposition in VERDICTS.items()}


def resolved(case: Case, verdict: Verdict, person: Person, now: datetime, calendar: WorkingDays = WEEKENDS) -> Case:
    """The case with this verdict, closed if `person` may close it: orange and below at once, red by the second person.

    The second person of a red case gives the same disposition, else it is returned first. Raises MoveRefused.
    """
    if wrong := wrong_role(case, _MOVE_OF[verdict.disposition], person):
        raise wrong
    if case.stage in _UNDECIDED:
        case = moved(case, _MOVE_OF[verdict.disposition], person, now, verdict, calendar)
        proposing = True
    elif case.stage in _DECIDED:
        if case.disposition is not verdict.disposition:
            raise MoveRefused(
                say("{first} says {said}, you {verdict}; return it to verify again",
                    first=case.decided_by, said=case.disposition, verdict=verdict.disposition)
            )  # fmt: skip
        proposing = False
    else:
        raise NotAtThisStage(say("case {case} is {stage}: acknowledge it first", case=case.case_id, stage=case.stage))
    if (case.stage, Move.MITIGATE) in NEXT:
        case = moved(case, Move.MITIGATE, person, now, None, calendar)
    if proposing and not may(person, case, Move.CLOSE):
        return case
    return moved(case, Move.CLOSE, person, now, None, calendar)


def may_resolve(person: Person, case: Case) -> bool:
    """Whether `resolved` would do something for `person` now: propose, or close."""
    if case.stage in _UNDECIDED:
        return may(person, case, Move.CONFIRM)
    planned = replace(case, stage=Stage.MITIGATING) if case.stage is Stage.CONFIRMED else case
    return may(person, planned, Move.CLOSE)
