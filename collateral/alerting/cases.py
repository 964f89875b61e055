"""From findings to cases: one open case per (loan, rule); what happens again is counted, not opened again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from collateral.alerting.deadlines import due
from collateral.model.case import Case, CaseState
from collateral.model.finding import Finding, Severity, Testimony
from collateral.model.ids import BranchId, CaseId

NOT_STORED = CaseId(0)
CLEAR_FOR: dict[Severity, timedelta] = {
    Severity.BLUE: timedelta(hours=2),
    Severity.YELLOW: timedelta(hours=1),
    Severity.ORANGE: timedelta(hours=1),
}
"""How long a condition must be gone before its case closes itself; red never does."""

# These rules describe an event that is over when seen: who was named stays named.
EVENTS = frozenset({"group_removal", "left_fence"})


class Change(StrEnum):
    OPENED = "opened"
    GRAVER = "graver"
    GREW = "grew"
    SEEN = "seen"
    CLEARING = "clearing"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Changed:
    """A case and what happened to it. `case_id` is NOT_STORED for a new one."""

    case: Case
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What is at stake for a loan: value of the named animals and coverage before and now."""

    value_affected_minor: int
    coverage_before: float | None
    coverage_after: float | None


def key(loan_id: str | None, farm_id: str, rule: str) -> tuple[str, str]:
    """What one open case is about."""
    return (loan_id or farm_id, rule)


def open_case(finding: Finding, branch: BranchId, stakes: Stakes, now: datetime) -> Changed:
    """A new case from its first finding."""
    case = Case(
        case_id=NOT_STORED, rule=finding.rule, severity=finding.severity, state=CaseState.OPEN, branch_id=branch,
        farm_id=finding.farm_id, loan_id=finding.loan_id, opened_at=now, event_at=finding.since, last_seen_at=now,
        occurrences=1, value_affected_minor=stakes.value_affected_minor, coverage_before=stakes.coverage_before,
        coverage_after=stakes.coverage_after, due_at=due(finding.severity, now), animals=tuple(finding.animals),
        testimonies=[told(t) for t in finding.testimonies], figures=finding.figures, audience=finding.audience,
    )  # fmt: skip
    return Changed(case, Change.OPENED)


def fold(case: Case, finding: Finding, stakes: Stakes, now: datetime) -> Changed:
    """An open case after another finding of the same key. Its start and its coverage before stay."""
    named = _named(case, finding)
    graver = finding.severity > case.severity
    grew = len(named) > len(case.animals)
    again = graver or grew or case.clear_since is not None
    renewed = replace(
        case, severity=max(case.severity, finding.severity), animals=named, last_seen_at=now,
        event_at=min(case.event_at, finding.since), occurrences=case.occurrences + again,
        value_affected_minor=stakes.value_affected_minor, coverage_after=stakes.coverage_after,
        testimonies=_testimonies(case, finding), figures=finding.figures, clear_since=None,
        due_at=min(case.due_at, due(finding.severity, now)) if graver else case.due_at,
    )  # fmt: skip
    return Changed(renewed, Change.GRAVER if graver else Change.GREW if grew else Change.SEEN)


def quiet(case: Case, now: datetime) -> Changed | None:
    """An open case whose condition is gone: first marked, later cleared. None: nothing to do yet."""
    if case.severity is Severity.RED:
        return None
    if case.clear_since is None:
        return Changed(replace(case, clear_since=now), Change.CLEARING)
    if now - case.clear_since < CLEAR_FOR[case.severity]:
        return None
    return Changed(replace(case, state=CaseState.RESOLVED), Change.CLEARED)


def told(testimony: Testimony) -> dict[str, Any]:
    """A testimony as it is stored with its case."""
    return {
        "witness": str(testimony.witness),
        "since": testimony.since.isoformat(),
        "particulars": testimony.particulars,
        "frames": testimony.particulars.get("frames", []),
    }


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


def grouped(findings: list[Finding]) -> dict[tuple[str, str], Finding]:
    """One finding per case key: a loan secured on several farms is one matter. The gravest speaks for all."""
    by_key: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(key(finding.loan_id, finding.farm_id, finding.rule), []).append(finding)
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
