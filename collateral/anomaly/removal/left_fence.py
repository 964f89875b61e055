"""Animals that left their fence, one by one (R1)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.facts.geometry import metres_between
from collateral.facts.herd import HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.reading import Fix


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFenceLimits:
    """`lorry_kmh`: faster is no walking animal (R1). `several`: so many outside at once are graver [I]."""

    lorry_kmh: float = 30.0
    several: int = 3


LIMITS = LeftFenceLimits()


def left_fence(facts: HerdFacts, limits: LeftFenceLimits = LIMITS) -> list[Finding]:
    """Pledged animals with two consecutive fixes outside their fence, buffer and fix error allowed for.

    Cause: open gate, broken fence, theft of a few. Denominator: tagged pledged head of the loan. Window: the
    newest fixes. Minimum sample: two consecutive fixes. Suppressed: approved movements; a group removal that
    names the same animals. Orange when three or more are out, or one moves at lorry speed. Source: R1.
    """
    findings = []
    for loan in facts.loans:
        out = [t for t in facts.of_loan[loan] if t.is_outside and not facts.may_leave(t.animal_id)]
        if out:
            findings.append(_finding(facts, loan, out, limits))
    return findings


def crossed_at(track: Track) -> Fix:
    """The fix that made it certain: the second of the run outside."""
    return track.outside_run[1]


def _finding(facts: HerdFacts, loan: str, out: list[Track], limits: LeftFenceLimits) -> Finding:
    since = min(crossed_at(t).measured_at for t in out)
    fastest = max(_fastest(t) for t in out)
    graver = len(out) >= limits.several or fastest * 3.6 > limits.lorry_kmh
    severity = Severity.ORANGE if graver else Severity.YELLOW
    figures = {"outside": len(out), "fastest_kmh": round(fastest * 3.6, 1)}
    return Finding(
        rule="left_fence", severity=severity, farm_id=facts.farm.farm_id, loan_id=out[0].loan_id, subject=loan,
        as_of=facts.as_of, since=since, animals=tuple(t.animal_id for t in out),
        testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),),
        figures=figures,
    )  # fmt: skip


def _fastest(track: Track) -> float:
    """The highest speed between consecutive fixes outside, in m/s."""
    return max((_speed(a, b) for a, b in zip(track.outside_run, track.outside_run[1:], strict=False)), default=0.0)


def _speed(a: Fix, b: Fix) -> float:
    seconds = (b.measured_at - a.measured_at).total_seconds()
    return metres_between(a.position, b.position) / seconds if seconds >= 60 else 0.0
