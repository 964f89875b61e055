"""HTTP shapes of the early-warning score (3+N+X) and of the limits that rules go by."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

GradeWord = Literal["red", "orange", "yellow", "blue", "normal"]


class ReasonShape(BaseModel):
    """One matter that speaks against a loan: a rule with an open case, or a figure (coverage, shortfall, ltv margin,
    overdue days) with what was measured. `points`: 0-100."""

    model: Literal["collateral", "operation", "repayment"]
    indicator: str
    figure: float | None
    points: float


class EarlyWarningPoint(BaseModel):
    """A loan's score 0-100 and grade at one moment, the points of the three models, and the reasons, gravest first."""

    as_of: datetime
    score: float
    grade: GradeWord
    models: dict[str, float]
    reasons: list[ReasonShape]
    unknown: list[str]


class EarlyWarningCourse(BaseModel):
    """How a loan's score went, oldest first; empty until it has been graded once."""

    loan_id: str
    points: list[EarlyWarningPoint]


class LimitHeld(BaseModel):
    """What was set, by whom, when, why."""

    farm_id: str | None
    value: Any
    set_by: str
    set_at: datetime
    why: str


class LimitShape(BaseModel):
    """One limit of a rule: the default, and what holds instead where the bank or a farm has set it (farm_id None)."""

    field: str
    default: Any
    held: list[LimitHeld]


class RuleShape(BaseModel):
    """A rule: its number in the risk table, what it says, and the limits that can be set."""

    number: str
    name: str
    about: Literal["herd", "loan"]
    says: str
    parts: dict[str, str]
    limits: list[LimitShape]


class LimitRequest(BaseModel):
    """A new value for a limit; null goes back to the default. `farm_id` null: for the whole bank."""

    value: float | int | bool | str | None
    farm_id: str | None = None
    why: str = Field(min_length=3, max_length=500, description="Stands in the record beside the value.")
