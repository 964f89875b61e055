"""How soon a case must be acknowledged, verified, planned for and closed, by severity (domain 3.4 [I])."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Stage
from collateral.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Hours by the clock, or working days."""

    hours: float = 0.0
    working_days: int = 0

    def after(self, start: datetime, calendar: WorkingDays) -> datetime:
        """When it ends if it begins at `start`."""
        if self.working_days:
            return calendar.after(start, self.working_days)
        return start + timedelta(hours=self.hours)


ACKNOWLEDGE_WITHIN: dict[Severity, Term] = {
    Severity.RED: Term(hours=0.5),
    Severity.ORANGE: Term(hours=4),
    Severity.YELLOW: Term(working_days=1),
    Severity.BLUE: Term(working_days=10),
}
VERIFY_WITHIN: dict[Severity, Term] = {
    Severity.RED: Term(hours=24),  # on site
    Severity.ORANGE: Term(hours=48),
    Severity.YELLOW: Term(working_days=5),
    Severity.BLUE: Term(working_days=10),
}
FEEDBACK = Term(working_days=10)  # to whoever issued the signal, at one bank [S63]
PLAN_WITHIN: dict[Severity, Term] = {
    Severity.RED: Term(hours=48),
    Severity.ORANGE: FEEDBACK,
    Severity.YELLOW: FEEDBACK,
    Severity.BLUE: FEEDBACK,
}
CLOSE_WITHIN: dict[Severity, Term] = dict.fromkeys(Severity, FEEDBACK)

_LIMITS: dict[Stage, dict[Severity, Term]] = {
    Stage.ACKNOWLEDGED: VERIFY_WITHIN,
    Stage.VERIFYING: VERIFY_WITHIN,
    Stage.CONFIRMED: PLAN_WITHIN,
    Stage.MITIGATING: CLOSE_WITHIN,
    Stage.FALSE_ALARM: CLOSE_WITHIN,
    Stage.EXPLAINED: CLOSE_WITHIN,
}

NEXT_STEP: dict[Severity, str] = {
    Severity.RED: "verify_on_site_24h",
    Severity.ORANGE: "verify_48h",
    Severity.YELLOW: "verify_5_working_days",
    Severity.BLUE: "device_ticket",
}


def due(severity: Severity, raised_at: datetime, calendar: WorkingDays = WEEKENDS) -> datetime:
    """When a case of this severity must have been acknowledged."""
    return limit(Stage.NEW, severity, raised_at, calendar)


def limit(stage: Stage, severity: Severity, raised_at: datetime, calendar: WorkingDays = WEEKENDS) -> datetime:
    """When a case must have left `stage`. All limits run from when it was raised."""
    return _LIMITS.get(stage, ACKNOWLEDGE_WITHIN)[severity].after(raised_at, calendar)
