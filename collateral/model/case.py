"""A case: one open matter between a loan and a rule, from first finding to resolution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from collateral.model.finding import Audience, Severity
from collateral.model.ids import BranchId, CaseId, FarmId, LoanId


class CaseState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`occurrences` counts the findings folded in; `coverage_before`/`_after` are shares 0-1 of pledged head."""

    case_id: CaseId
    rule: str
    severity: Severity
    state: CaseState
    branch_id: BranchId
    farm_id: FarmId
    loan_id: LoanId | None
    opened_at: datetime
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
