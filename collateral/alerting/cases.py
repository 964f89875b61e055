"""From findings to cases: one open case per (loan, rule); what happens again is counted, not opened again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from collateral.alerting import course
from collateral.alerting.deadlines import limit
from collateral.alerting.hysteresis import CLEAR_FOR, Key
from collateral.alerting.lifecycle import NEXT, Move, moved
from collateral.alerting.silencing import Silence
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case, Stage
from collateral.model.finding import Finding, Severity, Testimony
from collateral.model.ids import BranchId, CaseId

NOT_STORED = CaseId(0)

# These rules describe an event that is over when seen: who was named stays named.
EVENTS = frozenset({"group_removal", "left_fence"})


class Change(StrEnum):
    OPENED = "opened"
    REOPENED = "reopened"
    SOUNDED = "sounded"  # its silence is over, the condition is not
    GRAVER = "graver"
    FLAPPING = "flapping"
    GREW = "grew"
    SUPPRESSED = "suppressed"
    SEEN = "seen"
    ANSWERED = "answered"  # a person has closed it, and it still is what they closed
    CLEARING = "clearing"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    GROUND_GONE = "ground_gone"  # of a red case, which people alone may close


UNREMARKABLE = frozenset({Change.SEEN, Change.ANSWERED})
"""Stored with the case, but nothing to write into its history."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A case and what happened to it. `case_id` is NOT_STORED for a new one. `hushed`: why nobody is told."""

    case: Case
    change: Change
    hushed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What is at stake for a loan: value of the named animals and coverage before and now."""

    value_affected_minor: int
    coverage_before: float | None
    coverage_after: float | None


def key(loan_id: str | None, farm_id: str, rule: str) -> Key:
    """What one open case is about."""
    return (loan_id or farm_id, rule)


def key_of(about: Finding | Case) -> Key:
    """The key of a finding or a case."""
    return key(about.loan_id, about.farm_id, about.rule)


def open_case(
    finding: Finding, branch: BranchId, stakes: Stakes, now: datetime, silence: Silence | None = None,
    calendar: WorkingDays = WEEKENDS,
) -> Changed:  # fmt: skip
    """A new case from its first finding; under a silence it is recorded as suppressed, and nobody is called."""
    stage = Stage.SUPPRESSED if silence else Stage.NEW
    case = Case(
        case_id=NOT_STORED, rule=finding.rule, severity=finding.severity, stage=stage, branch_id=branch,
        farm_id=finding.farm_id, loan_id=finding.loan_id, opened_at=now, raised_at=now, event_at=finding.since,
        last_seen_at=now, occurrences=1, value_affected_minor=stakes.value_affected_minor,
        coverage_before=stakes.coverage_before, coverage_after=stakes.coverage_after,
        due_at=limit(stage, finding.severity, now, calendar), animals=tuple(finding.animals),
        testimonies=[told(t) for t in finding.testimonies], figures=finding.figures, audience=finding.audience,
        silenced_by=silence.silence_id if silence else None,
    )  # fmt: skip
    return Changed(case, Change.SUPPRESSED if silence else Change.OPENED, "silenced" if silence else None)


def fold(
    case: Case, finding: Finding, stakes: Stakes, now: datetime, silence: Silence | None = None,
    calendar: WorkingDays = WEEKENDS,
) -> Changed:  # fmt: skip
    """An open case after another finding of the same key. Its start and its coverage before stay."""
    named = _named(case, finding)
    graver = finding.severity > case.severity
    grew = len(named) > len(case.animals)
    again = graver or grew or case.clear_since is not None
    percent = course.percent_change(case.course, case.last_seen_at, now)
    renewed = replace(
        case, severity=max(case.severity, finding.severity), animals=named, last_seen_at=now,
        event_at=min(case.event_at, finding.since), occurrences=case.occurrences + again,
        value_affected_minor=stakes.value_affected_minor, coverage_after=stakes.coverage_after,
        testimonies=_testimonies(case, finding), figures=finding.figures, clear_since=None,
        course=course.seen_again(case.course, case.last_seen_at, now),
        flapping=course.is_flapping(was=case.flapping, percent=percent),
        silenced_by=silence.silence_id if silence else None, withdrawn_because=None,
        raised_at=now if graver else case.raised_at,
        due_at=min(case.due_at, limit(case.stage, finding.severity, now, calendar)) if graver else case.due_at,
    )  # fmt: skip
    staged = _staged(renewed, silence, now, calendar, graver=graver)
    change = _what_happened(case, staged, graver=graver, grew=grew)
    return Changed(staged, change, _hushed(staged, change, silence))


def quiet(case: Case, now: datetime) -> Changed | None:
    """An open case whose condition is gone: first marked, later cleared. None: nothing to do yet.

    A flapping case is held open until it has calmed down; what a person is verifying is left to that person.
    """
    if case.severity is Severity.RED:
        return None
    hushed = "silenced" if case.stage is Stage.SUPPRESSED else None
    if case.clear_since is None:
        return Changed(replace(case, clear_since=now), Change.CLEARING, hushed)
    gone = now - case.clear_since >= CLEAR_FOR[case.severity]
    if not gone or _still_flaps(case, now) or (case.stage, Move.CLEAR) not in NEXT:
        return None
    return Changed(moved(case, Move.CLEAR, None, now), Change.CLEARED, "flapping" if case.flapping else hushed)


def withdraw(case: Case, because: str, now: datetime) -> Changed | None:
    """A case whose ground late data took away: withdrawn with the reason, all it rested on kept. None: it stays as it
    is. A red case, and one that a person has decided, is only marked: people close those."""
    if case.severity is Severity.RED or (case.stage, Move.WITHDRAW) not in NEXT:
        if case.withdrawn_because == because:
            return None
        return Changed(replace(case, withdrawn_because=because), Change.GROUND_GONE)
    hushed = "silenced" if case.stage is Stage.SUPPRESSED else None
    gone = replace(moved(case, Move.WITHDRAW, None, now), withdrawn_because=because)
    return Changed(gone, Change.WITHDRAWN, hushed)


def told(testimony: Testimony) -> dict[str, Any]:
    """A testimony as it is stored with its case."""
    return {
        "witness": str(testimony.witness),
        "since": testimony.since.isoformat(),
        "particulars": testimony.particulars,
        "frames": testimony.particulars.get("frames", []),
    }


def _staged(case: Case, silence: Silence | None, now: datetime, calendar: WorkingDays, *, graver: bool) -> Case:
    """Where a renewed case stands: under its silence or out of it, and back to the verifiers when it became graver
    than the verdict that awaits its close."""
    for move, wanted in (
        (Move.SUPPRESS, silence is not None),
        (Move.SOUND, silence is None),
        (Move.RETURN, graver and case.stage in {Stage.FALSE_ALARM, Stage.EXPLAINED}),
    ):
        if wanted and (case.stage, move) in NEXT:
            return moved(case, move, None, now, None, calendar)
    return case


def _what_happened(before: Case, after: Case, *, graver: bool, grew: bool) -> Change:
    if after.stage is Stage.SUPPRESSED and before.stage is not Stage.SUPPRESSED:
        return Change.SUPPRESSED
    if before.stage is Stage.SUPPRESSED and after.stage is not Stage.SUPPRESSED:
        return Change.SOUNDED
    if graver:
        return Change.GRAVER
    if after.flapping and not before.flapping and after.severity < Severity.RED:
        return Change.FLAPPING
    return Change.GREW if grew else Change.SEEN


def _hushed(case: Case, change: Change, silence: Silence | None) -> str | None:
    if silence is not None:
        return "silenced"
    # That it flaps is said once; that it became graver is always said; of red everything is said.
    said = change in {Change.FLAPPING, Change.GRAVER, Change.SOUNDED} or case.severity is Severity.RED
    return "flapping" if case.flapping and not said else None


def _still_flaps(case: Case, now: datetime) -> bool:
    percent = course.percent_change(case.course, case.last_seen_at, now)
    return course.is_flapping(was=case.flapping, percent=percent)


def _named(case: Case, finding: Finding) -> tuple[str, ...]:
    if case.rule not in EVENTS:
        return tuple(finding.animals)
    return (*case.animals, *(a for a in finding.animals if a not in case.animals))


def _testimonies(case: Case, finding: Finding) -> list[dict[str, Any]]:
    """The newest words of each witness; a witness that has since gone quiet stays on record."""
    fresh = [told(t) for t in finding.testimonies]
    # When a witness first said enough must not move as it goes on speaking.
    first = {_speaker(t): t["since"] for t in case.testimonies}
    kept = [t for t in case.testimonies if _speaker(t) not in {_speaker(f) for f in fresh}]
    return kept + [{**t, "since": min(t["since"], first.get(_speaker(t), t["since"]))} for t in fresh]


def _speaker(testimony: dict[str, Any]) -> tuple[str, str]:
    return testimony["witness"], str(testimony["particulars"].get("camera", ""))


def grouped(findings: list[Finding]) -> dict[Key, Finding]:
    """One finding per case key: a loan secured on several farms is one matter. The gravest speaks for all."""
    by_key: dict[Key, list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(key_of(finding), []).append(finding)
    return {which: _one(found) for which, found in by_key.items()}


def _one(found: list[Finding]) -> Finding:
    if len(found) == 1:
        return found[0]
    gravest = max(found, key=lambda f: f.severity)
    return replace(
        gravest,
        since=min(f.since for f in found),
        animals=tuple(a for f in found for a in f.animals),
        testimonies=tuple(t for f in found for t in f.testimonies),
    )
