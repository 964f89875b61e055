"""Fewer animals than the book says, by all three witnesses together (R3)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.book.reconcile import Reconciled, reconcile
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class CountGapLimits:
    """Shares of the book that are missing, per level (R3). `heard_share`: with fewer tags heard than this it is a
    matter of silence, not of counting [I]."""

    red: float = 0.10
    orange: float = 0.05
    yellow: float = 0.02
    blue: float = 0.01
    heard_share: float = 0.80


LIMITS = CountGapLimits()


def count_gap(facts: HerdFacts, limits: CountGapLimits = LIMITS) -> list[Finding]:
    """The reconciled estimate is below the book even at its upper end.

    Cause: unreported sale, death or theft; ghost animals. Denominator: pledged head of the loan on this farm.
    Window: tags 24 h, counts 2 h. Minimum sample: 80 % of tags heard within the day, or a camera on every pen.
    Suppressed: a group removal already names the missing; approved movements leave the book. Levels 1/2/5/10 %
    (R3); red only when tags and camera each show the gap, else orange.
    """
    findings = []
    for loan in facts.loans:
        result = reconcile(facts, loan)
        severity = _severity(result, limits)
        if severity and result.shortfall_proved and _enough(result, limits):
            findings.append(_finding(facts, result, severity))
    return findings


def _severity(result: Reconciled, limits: CountGapLimits) -> Severity | None:
    share = result.short / result.book if result.book else 0.0
    ladder = (
        (limits.red, Severity.RED), (limits.orange, Severity.ORANGE), (limits.yellow, Severity.YELLOW),
        (limits.blue, Severity.BLUE),
    )  # fmt: skip
    level = next((severity for limit, severity in ladder if share >= limit), None)
    if level is Severity.RED and len(_witnesses(result)) < 2:
        return Severity.ORANGE
    return level


def _enough(result: Reconciled, limits: CountGapLimits) -> bool:
    tagged = sum(p.tagged for p in result.pens)
    return (tagged > 0 and result.tags_seen >= limits.heard_share * tagged) or all(p.camera for p in result.pens)


def _witnesses(result: Reconciled) -> list[Witness]:
    """Which witnesses show the gap on their own word."""
    tagged = sum(p.tagged for p in result.pens)
    seen = [p for p in result.pens if p.camera]
    found = [Witness.TAG] if tagged and result.tags_seen < tagged else []
    if seen and sum(p.camera.high for p in seen if p.camera) < sum(p.book for p in seen):
        found.append(Witness.CAMERA)
    return found


def _finding(facts: HerdFacts, result: Reconciled, severity: Severity) -> Finding:
    figures = {
        "book": result.book, "estimate_low": result.estimate.low, "estimate_best": result.estimate.best,
        "estimate_high": result.estimate.high, "short": result.short, "tags_seen": result.tags_seen,
    }  # fmt: skip
    unseen = [t for t in facts.of_loan[result.loan_id] if not t.is_evidenced(facts.as_of)]
    return Finding(
        rule="count_gap", severity=severity, farm_id=facts.farm.farm_id, loan_id=result.loan_id, subject=result.loan_id,
        as_of=facts.as_of, since=facts.as_of, animals=tuple(t.animal_id for t in unseen),
        testimonies=tuple(Testimony(witness=w, since=facts.as_of, particulars=figures) for w in _witnesses(result)),
        figures=figures,
    )  # fmt: skip
