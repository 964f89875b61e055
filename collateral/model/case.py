"""A case: one open matter between a loan and a rule, from first finding to its close."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from collateral.model.finding import Audience, Severity
from collateral.model.ids import BranchId, CaseId, FarmId, LoanId


class Stage(StrEnum):
    """Where a case stands (domain 3.4). FALSE_ALARM and EXPLAINED wait to be closed; CLOSED and WITHDRAWN are over."""

    NEW = "new"
    REOPENED = "reopened"
    SUPPRESSED = "suppressed"  # planned work explains it: recorded and shown, nobody is called
    ACKNOWLEDGED = "acknowledged"
    VERIFYING = "verifying"
    CONFIRMED = "confirmed"
    MITIGATING = "mitigating"
    FALSE_ALARM = "false_alarm"
    EXPLAINED = "explained"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # late data took the ground away


class CaseState(StrEnum):
    """The stage in one coarse word, which inbox, filters and tallies go by."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"


STATE_OF: dict[Stage, CaseState] = {
    Stage.NEW: CaseState.OPEN,
    Stage.REOPENED: CaseState.OPEN,
    Stage.SUPPRESSED: CaseState.SUPPRESSED,
    Stage.ACKNOWLEDGED: CaseState.ACKNOWLEDGED,
    Stage.VERIFYING: CaseState.ACKNOWLEDGED,
    Stage.CONFIRMED: CaseState.ACKNOWLEDGED,
    Stage.MITIGATING: CaseState.ACKNOWLEDGED,
    Stage.FALSE_ALARM: CaseState.ACKNOWLEDGED,
    Stage.EXPLAINED: CaseState.ACKNOWLEDGED,
    Stage.CLOSED: CaseState.RESOLVED,
    Stage.WITHDRAWN: CaseState.RESOLVED,
}
"""The database derives the same (migration 0012)."""


class Disposition(StrEnum):
    """What a case turned out to be."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`occurrences` counts the findings folded in; `coverage_before`/`_after` are shares 0-1 of pledged head.

    `raised_at`: when it reached its present severity or was opened again; time limits run from there. `due_at`: the
    limit of its present stage. `decided_by` (a login) gave the `disposition`. `course`: one digit an hour, the newest
    that of `last_seen_at`: 1 where the condition was met. `silenced_by`: the silence that covers it now.
    """

    case_id: CaseId
    rule: str
    severity: Severity
    stage: Stage
    branch_id: BranchId
    farm_id: FarmId
    loan_id: LoanId | None
    opened_at: datetime
    raised_at: datetime
    event_at: datetime
    last_seen_at: datetime
    occurrences: int
    value_affected_minor: int
    coverage_before: float | None
    coverage_after: float | None
    due_at: datetime
    animals: tuple[str, ...] = ()
    testimonies: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    clear_since: datetime | None = None
    audience: Audience = Audience.BANK
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    disposition: Disposition | None = None
    cause: str | None = None
    decided_by: str | None = None
    withdrawn_because: str | None = None
    silenced_by: int | None = None
    course: str = "1"
    flapping: bool = False

    @property
    def state(self) -> CaseState:
        return STATE_OF[self.stage]
