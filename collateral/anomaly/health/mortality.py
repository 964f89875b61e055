"""More deaths in a week than a herd of this size has by itself (R12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import exp, factorial

import numpy as np

from collateral.anomaly.health.signs_of_death import is_still
from collateral.facts.events import Death
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import Species
from collateral.model.ids import LoanId

AGREES_FROM = 2 / 3  # the tags must show at least this share of the documented deaths, as in group_removal
DAYS_PER_WEEK, DAYS_PER_YEAR = 7.0, 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class MortalityLimits:
    """Chances of so many deaths or more in `days`, per level. They give the ladder of R12: of 500 cattle 3 deaths are
    yellow (.007) and 5 red (5e-5); of 2,000, 5 are yellow (.0201) and 6 orange (.005). `least`: fewer deaths are no
    series, however small the herd [I]. Base rates: cattle 1.83 % in 167 days, pigs 3.23 per 1,000 and week, sheep 6 % a
    year (domain 2.3)."""

    yellow_chance: float = 0.021
    orange_chance: float = 0.005
    red_chance: float = 1e-4
    least: int = 3
    days: int = 7
    cattle_share: float = 0.0183
    cattle_days: float = 167.0
    pigs_per_week: float = 0.00323
    sheep_per_year: float = 0.06


LIMITS = MortalityLimits()


def mortality(facts: HerdFacts, limits: MortalityLimits = LIMITS) -> list[Finding]:
    """Confirmed deaths of a week against a Poisson of the base rate and the head at risk.

    Cause: disease, poisoning, neglect, or deaths invented to hide a sale. Denominator: the loan's head on this farm,
    those that died included. Window: deaths of the last 7 days that are confirmed. Minimum sample: three deaths.
    Suppressed: never. Red only when the tags of the dead show it besides the disposal records, else orange.
    Source: R12.
    """
    findings = []
    for loan in facts.loans:
        dead = confirmed_deaths(facts, loan, limits)
        expected = expected_deaths(facts, loan, dead, limits)
        severity = level(len(dead), expected, limits)
        if severity:
            findings.append(_finding(facts, loan, dead, expected, severity))
    return findings


def confirmed_deaths(facts: HerdFacts, loan: LoanId, limits: MortalityLimits = LIMITS) -> list[Death]:
    """The loan's deaths of the last days of which photo, ear tag and disposal record were seen by now."""
    since = facts.as_of - timedelta(days=limits.days)
    return [
        d for d in facts.deaths
        if d.loan_id == loan and d.confirmed_at is not None and d.confirmed_at <= facts.as_of
        and since < d.died_at <= facts.as_of
    ]  # fmt: skip


def expected_deaths(facts: HerdFacts, loan: LoanId, dead: list[Death], limits: MortalityLimits = LIMITS) -> float:
    """How many die in a healthy herd in the window."""
    rates = {
        Species.CATTLE: limits.cattle_share / limits.cattle_days,
        Species.PIG: limits.pigs_per_week / DAYS_PER_WEEK,
        Species.SHEEP: limits.sheep_per_year / DAYS_PER_YEAR,
    }
    kinds = [t.pen.species for t in facts.of_loan[loan]]
    daily = sum(rates[kind] for kind in kinds)
    daily += sum(rates[g.pen.species] * g.head for g in facts.groups if g.loan_id == loan)
    buried = sum(d.animal_id is not None and d.animal_id not in facts.row_of for d in dead)
    return limits.days * (daily + buried * max((rates[kind] for kind in kinds), default=rates[Species.CATTLE]))


def level(deaths: int, expected: float, limits: MortalityLimits = LIMITS) -> Severity | None:
    """What a number of deaths is worth where `expected` are usual."""
    if deaths < limits.least:
        return None
    chance = chance_of_at_least(deaths, expected)
    ladder = (
        (limits.red_chance, Severity.RED), (limits.orange_chance, Severity.ORANGE),
        (limits.yellow_chance, Severity.YELLOW),
    )  # fmt: skip
    return next((severity for most, severity in ladder if chance <= most), None)


def chance_of_at_least(count: int, expected: float) -> float:
    """Of a Poisson. Summed from above, so that small chances keep their digits."""
    first = exp(-expected) * expected**count / factorial(count) if count <= 150 else 0.0
    total, term, n = 0.0, first, count
    while term > 0 and (n <= expected or term > 1e-17 * total):
        total += term
        n += 1
        term *= expected / n
    return total


def _finding(facts: HerdFacts, loan: LoanId, dead: list[Death], expected: float, severity: Severity) -> Finding:
    shown = _shown_by_tags(facts, dead)
    agree = len(shown) >= AGREES_FROM * len(dead)
    if severity is Severity.RED and not agree:
        severity = Severity.ORANGE
    chance = chance_of_at_least(len(dead), expected)
    figures = {"deaths": len(dead), "expected": round(expected, 3), "chance": float(f"{chance:.2g}"),
               "shown_by_tags": len(shown)}  # fmt: skip
    since = min(d.died_at for d in dead)
    papers = [d.disposal_ref for d in dead if d.disposal_ref]
    said = [Testimony(witness=Witness.DOCUMENT, since=since, particulars={"deaths": len(dead), "disposal": papers})]
    if shown:
        said.append(Testimony(witness=Witness.TAG, since=since, particulars={"still": len(shown)}))
    return Finding(
        rule="mortality", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan, as_of=facts.as_of,
        since=since, animals=tuple(d.animal_id for d in dead if d.animal_id), testimonies=tuple(said), figures=figures,
    )  # fmt: skip


def _shown_by_tags(facts: HerdFacts, dead: list[Death]) -> list[Death]:
    """Deaths that the animal's own tag shows, now or when the death was recorded."""
    still = is_still(facts)
    rows = {d.animal_id: facts.row_of.get(d.animal_id) for d in dead if d.animal_id}
    return [
        d for d in dead
        if d.tag_still_at is not None or (d.animal_id is not None and _is(still, rows[d.animal_id]))
    ]  # fmt: skip


def _is(still: np.ndarray, row: int | None) -> bool:
    return row is not None and bool(still[row])
