"""How often a rule is right, from what people said its cases turned out to be."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collateral.alerting.working_days import BANK_TIME
from collateral.model.case import Disposition

Z_95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case and what it turned out to be; `disposition` None: nobody has said, or it ended by itself."""

    rule: str
    opened_at: datetime
    disposition: Disposition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrecision:
    """`precision` is confirmed / (confirmed + false alarms), with its 95 % Wilson interval; None while nobody judged.

    Explained cases were true and known, so they count neither for nor against the rule: silences are to catch them.
    """

    rule: str
    alerts: int
    confirmed: int
    false_alarms: int
    explained: int
    precision: float | None
    low: float
    high: float


def precision_by_rule(outcomes: Iterable[Outcome]) -> list[RulePrecision]:
    """Every rule that has cases, by name."""
    tallies: dict[str, Counter[Disposition | None]] = {}
    for outcome in outcomes:
        tallies.setdefault(outcome.rule, Counter())[outcome.disposition] += 1
    return [_of(rule, tallies[rule]) for rule in sorted(tallies)]


def weekly(outcomes: Iterable[Outcome]) -> dict[date, list[RulePrecision]]:
    """The same for each week in which cases were opened, by its Monday in the bank's time."""
    weeks: dict[date, list[Outcome]] = {}
    for outcome in outcomes:
        day = outcome.opened_at.astimezone(BANK_TIME).date()
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(outcome)
    return {monday: precision_by_rule(weeks[monday]) for monday in sorted(weeks)}


def wilson(hits: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927); 0 to 1 where nothing was seen."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    # At the ends the formula gives 0 and 1, but for rounding.
    return 0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half


def _of(rule: str, tally: Counter[Disposition | None]) -> RulePrecision:
    confirmed, false = tally[Disposition.CONFIRMED], tally[Disposition.FALSE_ALARM]
    low, high = wilson(confirmed, confirmed + false)
    return RulePrecision(
        rule=rule, alerts=tally.total(), confirmed=confirmed, false_alarms=false,
        explained=tally[Disposition.EXPLAINED],
        precision=confirmed / (confirmed + false) if confirmed + false else None, low=low, high=high,
    )  # fmt: skip
