"""A filing in the chattel registry (中登网) whose term ends (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from collateral.anomaly.lending.papers import begin_of, finding
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLimits:
    """Days before the end of the term at which blue, yellow and orange begin (R23 [I])."""

    blue_days: int = 60
    yellow_days: int = 30
    orange_days: int = 7


LIMITS = RegistrationLimits()


def registration(facts: LoanFacts, limits: RegistrationLimits = LIMITS) -> list[Finding]:
    """The registration of the pledge ends soon, or has ended while money is owed.

    Cause: a filing that nobody renewed. Denominator: the loan's filings; the longest counts. Window: the last day of
    the term, 60, 30 and 7 days ahead. Minimum sample: one filing on record; without any nothing is known. Suppressed:
    a loan that is paid off. Blue, yellow and orange at 60, 30 and 7 days; orange stays when the term has ended.
    Source: R23.
    """
    if not facts.filings or facts.loan.balance.minor == 0:
        return []
    newest = max(facts.filings, key=lambda filing: filing.ends_on)
    left = (newest.ends_on - facts.as_of.date()).days
    ladder = (
        (limits.orange_days, Severity.ORANGE), (limits.yellow_days, Severity.YELLOW), (limits.blue_days, Severity.BLUE),
    )  # fmt: skip
    severity = next((level for days, level in ladder if left <= days), None)
    if severity is None:
        return []
    since = begin_of(newest.ends_on + timedelta(days=1)) if left < 0 else facts.as_of
    figures = {
        "registration_no": newest.registration_no, "ends_on": newest.ends_on.isoformat(), "days_left": left,
        "has_lapsed": left < 0,
    }  # fmt: skip
    return [finding("registration", facts, severity, since, figures)]
