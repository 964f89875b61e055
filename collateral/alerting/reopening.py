"""A matter that was closed and is found again: still what a person has answered, the old case again, or a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from collateral.alerting import course
from collateral.alerting.cases import Change, Changed, Stakes, fold
from collateral.alerting.hysteresis import CLEAR_FOR
from collateral.alerting.lifecycle import Move, moved
from collateral.alerting.silencing import Silence
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case, Disposition
from collateral.model.finding import Finding

REOPEN_WITHIN = timedelta(hours=24)  # [I]
ANSWERED_FOR = timedelta(days=7)  # [I]: after that somebody is to look again


def is_answered(closed: Case, finding: Finding, now: datetime) -> bool:
    """Whether this is still, without a break and no worse, what a person closed: they need not hear it again."""
    if closed.disposition is None or closed.closed_at is None:
        return False
    unbroken = now - closed.last_seen_at <= CLEAR_FOR[closed.severity]
    worse = finding.severity > closed.severity or bool(set(finding.animals) - set(closed.animals))
    return unbroken and not worse and now - closed.closed_at <= ANSWERED_FOR


def may_reopen(closed: Case, now: datetime) -> bool:
    """Whether a finding of the same key takes the old case up again. After a confirmed loss it is a new matter."""
    if closed.closed_at is None or closed.disposition is Disposition.CONFIRMED:
        return False
    return now - closed.closed_at <= REOPEN_WITHIN


def found_again(
    closed: Case, finding: Finding, stakes: Stakes, now: datetime, silence: Silence | None = None,
    calendar: WorkingDays = WEEKENDS,
) -> Changed | None:  # fmt: skip
    """What becomes of the closed case; None: the finding opens a case of its own."""
    if is_answered(closed, finding, now):
        seen = course.seen_again(closed.course, closed.last_seen_at, now)
        return Changed(replace(closed, last_seen_at=now, course=seen), Change.ANSWERED, "answered")
    if not may_reopen(closed, now):
        return None
    again = fold(moved(closed, Move.REOPEN, None, now, None, calendar), finding, stakes, now, silence, calendar)
    change = again.change if again.change in {Change.SUPPRESSED, Change.FLAPPING} else Change.REOPENED
    return replace(again, change=change)
