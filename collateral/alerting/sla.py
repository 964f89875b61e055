"""How soon cases were acknowledged and closed, against their limits, by level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from collateral.alerting.deadlines import due
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One case's times. `severity`: the gravest it was; `raised_at`: when it became so."""

    severity: Severity
    opened_at: datetime
    raised_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTimes:
    """Times in seconds, medians and worst. `in_time` and `late` count acknowledgements against the limit; who has not
    acknowledged and still has time is in neither, and what ended by itself within the limit is in time."""

    severity: Severity
    cases: int
    in_time: int
    late: int
    acknowledge_median_s: float | None
    acknowledge_worst_s: float | None
    closed: int
    close_median_s: float | None
    close_worst_s: float | None


def sla_report(cases: Iterable[Handled], now: datetime, calendar: WorkingDays = WEEKENDS) -> list[LevelTimes]:
    """One line a severity, gravest first."""
    found = list(cases)
    return [
        _line(severity, [c for c in found if c.severity is severity], now, calendar)
        for severity in sorted(Severity, reverse=True)
    ]


def _line(severity: Severity, cases: list[Handled], now: datetime, calendar: WorkingDays) -> LevelTimes:
    acknowledged = [_waited(c, c.acknowledged_at) for c in cases if c.acknowledged_at]
    closed = [(c.closed_at - c.opened_at).total_seconds() for c in cases if c.closed_at]
    late = sum(_is_late(c, now, calendar) for c in cases)
    answered = sum(c.acknowledged_at is not None or c.closed_at is not None for c in cases)
    in_time = answered - sum(_is_late(c, now, calendar) for c in cases if c.acknowledged_at or c.closed_at)
    return LevelTimes(
        severity=severity, cases=len(cases), in_time=in_time, late=late,
        acknowledge_median_s=median(acknowledged) if acknowledged else None,
        acknowledge_worst_s=max(acknowledged, default=None),
        closed=len(closed), close_median_s=median(closed) if closed else None, close_worst_s=max(closed, default=None),
    )  # fmt: skip


def _waited(case: Handled, until: datetime) -> float:
    """Seconds since it was raised; since it was opened where that came first and it grew graver afterwards."""
    return (until - (case.raised_at if case.raised_at <= until else case.opened_at)).total_seconds()


def _is_late(case: Handled, now: datetime, calendar: WorkingDays) -> bool:
    answered = case.acknowledged_at or case.closed_at or now
    return answered > due(case.severity, case.raised_at, calendar)
