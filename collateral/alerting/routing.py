"""Who is told what, and when again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collateral.alerting.cases import Change, Changed
from collateral.model.case import Case, CaseState
from collateral.model.finding import Severity

GREW_AGAIN_AFTER = timedelta(minutes=5)
CHANNELS: dict[Severity, tuple[str, ...]] = {
    Severity.BLUE: ("log",),
    Severity.YELLOW: ("log",),
    Severity.ORANGE: ("log", "webhook"),
    Severity.RED: ("log", "webhook"),
}
"""Yellow and blue wait in the inbox; what is sent out is worth a phone call."""


class Reason(StrEnum):
    """Why a notification is sent; it stands in every message."""

    OPENED = "opened"
    GRAVER = "graver"
    GREW = "grew"
    UNACKNOWLEDGED = "unacknowledged"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class LastNotice:
    """When a case was last sent out, and how many animals it then named."""

    at: datetime
    animals: int


def notices(changed: Changed, last: LastNotice | None, now: datetime) -> list[tuple[str, Reason]]:
    """The channels to tell about a change, with the reason. Empty: nobody needs to hear of it now."""
    reason = _reason(changed, last, now)
    return [(channel, reason) for channel in CHANNELS[changed.case.severity]] if reason else []


def escalations(case: Case, last: LastNotice | None, now: datetime) -> list[tuple[str, Reason]]:
    """What to send when nobody has acknowledged an orange or red case in time, once per missed deadline."""
    missed = case.state is CaseState.OPEN and case.severity >= Severity.ORANGE and now > case.due_at
    if not missed or (last is not None and last.at > case.due_at):
        return []
    return [(channel, Reason.UNACKNOWLEDGED) for channel in CHANNELS[case.severity]]


def _reason(changed: Changed, last: LastNotice | None, now: datetime) -> Reason | None:
    match changed.change:
        case Change.OPENED:
            return Reason.OPENED
        case Change.GRAVER:
            return Reason.GRAVER
        case Change.CLEARED if changed.case.severity >= Severity.ORANGE:
            return Reason.CLEARED
        case Change.GREW | Change.SEEN if changed.case.severity >= Severity.ORANGE and _names_more(
            changed.case, last, now
        ):
            return Reason.GREW
        case _:
            return None


def _names_more(case: Case, last: LastNotice | None, now: datetime) -> bool:
    """More animals than the last message named; held back a little so that a growing theft is not 24 messages."""
    return last is None or (len(case.animals) > last.animals and now - last.at >= GREW_AGAIN_AFTER)
