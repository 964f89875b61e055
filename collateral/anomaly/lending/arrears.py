"""A loan that is not repaid, or not used as agreed (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from collateral.anomaly.lending.papers import begin_of, finding
from collateral.facts.loan import CoreBanking, FiveClass, LoanFacts
from collateral.model.finding import Finding, Severity

WORSE = list(FiveClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsLimits:
    """Days overdue from which yellow, orange and red begin (R22; 31 days [I])."""

    yellow_days: int = 1
    orange_days: int = 31
    red_days: int = 91


LIMITS = ArrearsLimits()


def arrears(facts: LoanFacts, limits: ArrearsLimits = LIMITS) -> list[Finding]:
    """The loan is overdue by core banking's word, or its drawdown was not used as agreed.

    Cause: cash-flow stress, misuse of the drawdown. Denominator: the loan. Window: core banking's newest status.
    Minimum sample: one status on record. Suppressed: never. Yellow from 1 day, orange from 31 days overdue or when the
    drawdown was misused [I], red above 90 days when the herd is evidenced as still standing, else orange; the finding
    names the best class (五级分类) that the days overdue still allow. Source: R22 and the rules of 2023.
    """
    status = facts.core_banking
    severity = _severity(status, limits) if status else None
    if status is None or severity is None:
        return []
    since = begin_of(status.on - timedelta(days=max(0, status.overdue_days - 1)))
    least = least_class(status.overdue_days)
    figures = {
        "overdue_days": status.overdue_days, "status_on": status.on.isoformat(), "five_class": str(status.five_class),
        "least_class": str(least), "class_change": WORSE.index(status.five_class) < WORSE.index(least),
        "drawdown_as_agreed": status.drawdown_as_agreed,
    }  # fmt: skip
    return [finding("arrears", facts, severity, min(since, facts.as_of), figures)]


def least_class(overdue_days: int) -> FiveClass:
    """The best class that a loan overdue for so long may have (2023 rules: 1, >90, >270, >360 days)."""
    if overdue_days > 360:
        return FiveClass.LOSS
    if overdue_days > 270:
        return FiveClass.DOUBTFUL
    if overdue_days > 90:
        return FiveClass.SUBSTANDARD
    return FiveClass.SPECIAL_MENTION if overdue_days > 0 else FiveClass.NORMAL


def _severity(status: CoreBanking, limits: ArrearsLimits) -> Severity | None:
    if status.overdue_days >= limits.red_days:
        return Severity.RED
    if status.overdue_days >= limits.orange_days or status.drawdown_as_agreed is False:
        return Severity.ORANGE
    return Severity.YELLOW if status.overdue_days >= limits.yellow_days else None
