"""Fewer animals than the book says, by tags, cameras and the last physical count together (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collateral.book.reconcile import Reconciled, Word, reconcile
from collateral.book.tally import State
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class CountGapLimits:
    """Shares of the book that are missing, per level (R3). `least_head`: fewer are a matter of single animals [I].
    `heard_share`: with fewer tags heard than this it is a matter of silence, not of counting [I]. `likely`: the chance
    of any loss from which the two low levels speak, though the interval still reaches the book [I]. `agrees_from`: a
    witness supports a shortfall when it misses at least this part of it [I]."""

    red: float = 0.10
    orange: float = 0.05
    yellow: float = 0.02
    blue: float = 0.01
    least_head: int = 3
    heard_share: float = 0.80
    likely: float = 0.75
    agrees_from: float = 0.50


LIMITS = CountGapLimits()
TOLD = (State.OUTSIDE, State.LONG, State.RECENT)


def count_gap(facts: HerdFacts, limits: CountGapLimits = LIMITS) -> list[Finding]:
    """Book, tags, cameras and the last physical count together say that pledged head are missing.

    Cause: unreported sale, death or theft, all at once or one by one; ghost animals. Denominator: pledged head of the
    loan on this farm, less those that approved movements and reported deaths account for. Window: tags 14 days, counts
    2 h, a passed inspection 30 days. Minimum sample: three head missing; 80 % of tags heard within the day, or a camera
    on every pen, or a passed inspection. Suppressed: approved movements; a group removal already names the missing;
    silences that tag loss (5 % a year) or a common outage explain; counts below what tags prove. Source: levels
    1/2/5/10 % (R3); orange and red need the book beyond the 95 % interval, red two witnesses that each show the gap;
    without such proof at most yellow, when tags or an inspection make it likely.
    """
    findings = []
    for loan in facts.loans:
        result = reconcile(facts, loan)
        witnesses = _witnesses(result, limits)
        severity = _severity(result, witnesses, limits)
        if severity and _enough(result, limits):
            findings.append(_finding(facts, result, severity, witnesses))
    return findings


def _severity(result: Reconciled, witnesses: list[Witness], limits: CountGapLimits) -> Severity | None:
    share = result.short / result.book if result.book else 0.0
    ladder = (
        (limits.red, Severity.RED), (limits.orange, Severity.ORANGE), (limits.yellow, Severity.YELLOW),
        (limits.blue, Severity.BLUE),
    )  # fmt: skip
    level = next((severity for limit, severity in ladder if share >= limit), None)
    if level is None or result.short < limits.least_head or not witnesses:
        return None
    if result.shortfall_proved:
        return Severity.ORANGE if level is Severity.RED and len(witnesses) < 2 else level
    # A camera that is short without proof is a camera that misses some, as all do.
    likely = result.chance_short >= limits.likely and set(witnesses) != {Witness.CAMERA}
    return min(level, Severity.YELLOW) if likely else None


def _enough(result: Reconciled, limits: CountGapLimits) -> bool:
    heard = result.tagged > 0 and result.tags_seen >= limits.heard_share * result.tagged
    return heard or all(p.camera for p in result.pens) or result.physical is not None


def _witnesses(result: Reconciled, limits: CountGapLimits) -> list[Witness]:
    """Which witnesses show the gap on their own word."""
    needed = limits.agrees_from * result.short
    found = [Witness.TAG] if result.untold >= max(needed, 1) else []
    if _shows(result.camera_says, needed):
        found.append(Witness.CAMERA)
    if _shows(result.physical_says, needed):
        found.append(Witness.PHYSICAL)
    return found


def _shows(word: Word | None, needed: float) -> bool:
    return word is not None and word.shortfall_proved and word.short >= needed


def _finding(facts: HerdFacts, result: Reconciled, severity: Severity, witnesses: list[Witness]) -> Finding:
    figures = {
        "book": result.book, "excused": result.excused, "estimate_low": result.estimate.low,
        "estimate_best": result.estimate.best, "estimate_high": result.estimate.high, "short": result.short,
        "chance_short": round(result.chance_short, 3), "tags_seen": result.tags_seen, "silent": result.untold,
    }  # fmt: skip
    said = {
        Witness.TAG: {"tags_seen": result.tags_seen, "tagged": result.tagged, "silent": result.untold},
        Witness.CAMERA: _told(result.camera_says),
        Witness.PHYSICAL: _told(result.physical_says),
    }
    missing = [u for u in result.unseen if u.state in TOLD]
    since = min((u.last_seen_at for u in missing if u.last_seen_at), default=facts.as_of)
    return Finding(
        rule="count_gap", severity=severity, farm_id=facts.farm.farm_id, loan_id=result.loan_id,
        subject=str(result.loan_id), as_of=facts.as_of, since=since, animals=tuple(u.animal_id for u in missing),
        testimonies=tuple(Testimony(witness=w, since=facts.as_of, particulars=said[w]) for w in witnesses),
        figures=figures,
    )  # fmt: skip


def _told(word: Word | None) -> dict[str, Any]:
    return {"book": word.book, "low": word.low, "best": word.best, "high": word.high} if word else {}
