"""Who is told what, by which channels, and when again: up the ladder by the clock while nobody acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collateral.alerting.cases import Change, Changed
from collateral.model.case import Case, CaseState, Stage
from collateral.model.finding import Audience, Severity
from collateral.model.person import Level

GREW_AGAIN_AFTER = timedelta(minutes=5)
CHANNELS: dict[Severity, tuple[str, ...]] = {
    Severity.BLUE: ("log",),
    Severity.YELLOW: ("log",),
    Severity.ORANGE: ("log", "webhook"),
    Severity.RED: ("log", "webhook", "email"),
}
"""Yellow and blue wait in the inbox; what is sent out is worth a phone call. Red goes by two ways that reach people."""

ESCALATE_BY: dict[Severity, tuple[str, ...]] = {
    Severity.BLUE: (),
    Severity.YELLOW: ("log", "email"),
    Severity.ORANGE: ("log", "webhook", "email"),
    Severity.RED: ("log", "webhook", "email"),
}

FARM_CHANNELS: dict[Severity, tuple[str, ...]] = {
    Severity.BLUE: ("log",),
    Severity.YELLOW: ("log", "farm"),
    Severity.ORANGE: ("log", "farm"),
    Severity.RED: ("log", "farm"),
}
"""What is the farm's own matter goes to the farm alone."""


STEP: dict[Severity, timedelta] = {Severity.RED: timedelta(minutes=30), Severity.ORANGE: timedelta(hours=4)}
"""How long each level has before the next is told [I]: as long as the first had."""
LADDER: dict[Severity, tuple[Level, ...]] = {
    Severity.BLUE: (),
    Severity.YELLOW: (Level.BRANCH_HEAD,),
    Severity.ORANGE: (Level.BRANCH_HEAD, Level.BRANCH_RISK, Level.HEAD_OFFICE),
    Severity.RED: (Level.BRANCH_HEAD, Level.BRANCH_RISK, Level.HEAD_OFFICE),
}
REMIND_EVERY = timedelta(days=1)
"""How often the top of the ladder hears again [I]."""

GATHER_FOR = timedelta(seconds=30)
"""How long a message waits for others of the same farm, so that one event is one message [I]; red waits for none."""


class Reason(StrEnum):
    """Why a notification is sent; it stands in every message."""

    OPENED = "opened"
    REOPENED = "reopened"
    GRAVER = "graver"
    GREW = "grew"
    FLAPPING = "flapping"
    UNACKNOWLEDGED = "unacknowledged"
    UNVERIFIED = "unverified"
    UNPLANNED = "unplanned"
    UNCLOSED = "unclosed"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    GROUND_GONE = "ground_gone"


MISSED: dict[Stage, Reason] = {
    Stage.NEW: Reason.UNACKNOWLEDGED,
    Stage.REOPENED: Reason.UNACKNOWLEDGED,
    Stage.ACKNOWLEDGED: Reason.UNVERIFIED,
    Stage.VERIFYING: Reason.UNVERIFIED,
    Stage.CONFIRMED: Reason.UNPLANNED,
    Stage.MITIGATING: Reason.UNCLOSED,
    Stage.FALSE_ALARM: Reason.UNCLOSED,
    Stage.EXPLAINED: Reason.UNCLOSED,
}
"""What was not done in time when a case is still at a stage after its limit."""
ESCALATIONS = frozenset(MISSED.values())

_ALWAYS: dict[Change, Reason] = {
    Change.OPENED: Reason.OPENED,
    Change.REOPENED: Reason.REOPENED,
    Change.SOUNDED: Reason.OPENED,
    Change.GRAVER: Reason.GRAVER,
}
_FROM_ORANGE: dict[Change, Reason] = {
    Change.FLAPPING: Reason.FLAPPING,
    Change.CLEARED: Reason.CLEARED,
    Change.WITHDRAWN: Reason.WITHDRAWN,
    Change.GROUND_GONE: Reason.GROUND_GONE,
}


@dataclass(frozen=True, slots=True)
class LastNotice:
    """When a case was last sent out, how many animals it then named, and when it last went up the ladder."""

    at: datetime
    animals: int
    escalated_at: datetime | None = None


def notices(changed: Changed, last: LastNotice | None, now: datetime) -> list[tuple[str, Reason]]:
    """The channels to tell about a change, with the reason. Empty: nobody needs to hear of it now."""
    reason = None if changed.hushed or changed.case.state is CaseState.SUPPRESSED else _reason(changed, last, now)
    return [(channel, reason) for channel in channels(changed.case)] if reason else []


def gather_for(severity: str, reason: str) -> timedelta:
    """How long a message of this severity (its word) and reason may wait for company."""
    urgent = severity == Severity.RED.word or reason in ESCALATIONS
    return timedelta(0) if urgent else GATHER_FOR


def channels(case: Case) -> tuple[str, ...]:
    """By which ways a case is told."""
    return (FARM_CHANNELS if case.audience is Audience.FARM else CHANNELS)[case.severity]


def escalations(case: Case, last: LastNotice | None, now: datetime) -> list[tuple[str, Reason]]:
    """What to send when the limit of a case's stage has passed and the next level's turn has come: once per step."""
    if case.audience is Audience.FARM or case.stage not in MISSED:
        return []
    step = _step(case, now)
    if step is None or (last is not None and last.escalated_at is not None and last.escalated_at > step[0]):
        return []
    return [(channel, MISSED[case.stage]) for channel in ESCALATE_BY[case.severity]]


def level(case: Case, now: datetime) -> Level:
    """Up to whom a case has gone by now: the officer within the limit, then one level more at each step."""
    step = _step(case, now) if case.stage in MISSED else None
    return step[1] if step else Level.OFFICER


def _step(case: Case, now: datetime) -> tuple[datetime, Level] | None:
    """The newest step of the ladder whose time has passed, with that time."""
    ladder = LADDER[case.severity]
    if not ladder or now <= case.due_at:
        return None
    pause = STEP.get(case.severity, REMIND_EVERY)
    top = case.due_at + pause * (len(ladder) - 1)
    if now <= top:
        taken = -(-(now - case.due_at) // pause) - 1  # steps are taken just after their time, as the first is
        return case.due_at + pause * taken, ladder[taken]
    reminders = -(-(now - top) // REMIND_EVERY) - 1 if ladder[-1] is Level.HEAD_OFFICE else 0
    return top + REMIND_EVERY * reminders, ladder[-1]


def _reason(changed: Changed, last: LastNotice | None, now: datetime) -> Reason | None:
    if changed.change in _ALWAYS:
        return _ALWAYS[changed.change]
    if changed.case.severity < Severity.ORANGE:
        return None
    if changed.change in {Change.GREW, Change.SEEN}:
        return Reason.GREW if _names_more(changed.case, last, now) else None
    return _FROM_ORANGE.get(changed.change)


def _names_more(case: Case, last: LastNotice | None, now: datetime) -> bool:
    """More animals than the last message named; held back a little so that a growing theft is not 24 messages."""
    return last is None or (len(case.animals) > last.animals and now - last.at >= GREW_AGAIN_AFTER)
