"""Shapes of what is done about cases: moves, silences, precision of rules, and the SLA report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from collateral.contract.http import SeverityWord, Shape

AudienceWord = Literal["bank", "farm"]
MoveWord = Literal["acknowledge", "verify", "confirm", "dismiss", "explain", "mitigate", "return", "close"]
WorkWord = Literal["planned_move", "calving", "treatment", "retagging", "maintenance"]


class MoveRequest(Shape):
    """One step of a case. `cause` belongs to confirm, dismiss and explain; `note` says on what it rests."""

    move: MoveWord
    cause: str = Field("other", max_length=40)
    note: str = Field(min_length=1, max_length=2000)


class SilenceRequest(Shape):
    """Planned work at a farm. `rules` empty: all that such work can cause. `animals` empty: all of the farm or loan.

    A planned move needs the number of an approved movement, and covers its animals alone. Of its head of groups, which
    nobody can name, it covers as many as have not left yet: what names nobody, of its loan. Then leave `animals` empty.
    """

    work: WorkWord
    farm_id: str = Field(max_length=64)
    loan_id: str | None = Field(None, max_length=64)
    rules: list[str] = Field(default_factory=list, max_length=40)
    animals: list[str] = Field(default_factory=list, max_length=20_000)
    movement_id: str | None = Field(None, max_length=64)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    why: str = Field(min_length=1, max_length=2000)


class SilenceRecord(Shape):
    """`cases`: how many it has silenced, now or at their end. Ended early: `ended_at` and by whom."""

    silence_id: int
    work: WorkWord
    farm_id: str
    farm_zh: str
    farm_en: str
    loan_id: str | None
    rules: list[str]
    animals: list[str]
    movement_id: str | None
    starts_at: datetime
    ends_at: datetime
    set_by: str
    set_at: datetime
    why: str
    ended_at: datetime | None
    ended_by: str | None
    in_force: bool
    cases: int


class RulePrecisionLine(Shape):
    """`precision` is confirmed / (confirmed + false alarms), 0-1, with its 95 % Wilson interval; null: none judged."""

    rule: str
    alerts: int
    confirmed: int
    false_alarms: int
    explained: int
    precision: float | None
    low: float
    high: float


class WeekOfPrecision(Shape):
    """The rules of one week, by its Monday in the bank's time."""

    monday: date
    rules: list[RulePrecisionLine]


class PrecisionReport(Shape):
    since: datetime
    until: datetime
    rules: list[RulePrecisionLine]
    weeks: list[WeekOfPrecision]


class LevelTimesLine(Shape):
    """Times in seconds. `in_time` and `late` count acknowledgements against the limit of the level."""

    severity: SeverityWord
    cases: int
    in_time: int
    late: int
    acknowledge_median_s: float | None
    acknowledge_worst_s: float | None
    closed: int
    close_median_s: float | None
    close_worst_s: float | None


class SlaReport(Shape):
    since: datetime
    until: datetime
    levels: list[LevelTimesLine]
