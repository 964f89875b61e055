"""Animals that left their fence, one by one (R1)."""

from __future__ import annotations

from collateral.facts.geometry import metres_between
from collateral.facts.herd import HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.reading import Fix

LORRY_MPS = 30 / 3.6  # R1: faster than 30 km/h is no walking animal
SEVERAL = 3


def left_fence(facts: HerdFacts) -> list[Finding]:
    """Pledged animals with two consecutive fixes outside their fence, buffer and fix error allowed for.

    Cause: open gate, broken fence, theft of a few. Denominator: tagged pledged head of the loan. Window: the
    newest fixes. Minimum sample: two consecutive fixes. Suppressed: approved movements; a group removal that
    names the same animals. Orange when three or more are out, or one moves at lorry speed. Source: R1.
    """
    findings = []
    for loan in facts.loans:
        out = [t for t in facts.tracks if t.loan_id == loan and t.is_outside and not facts.may_leave(t.animal_id)]
        if out:
            findings.append(_finding(facts, loan, out))
    return findings


def crossed_at(track: Track) -> Fix:
    """The fix that made it certain: the second of the run outside."""
    return track.outside_run[1]


def _finding(facts: HerdFacts, loan: str, out: list[Track]) -> Finding:
    since = min(crossed_at(t).measured_at for t in out)
    fastest = max(_fastest(t) for t in out)
    severity = Severity.ORANGE if len(out) >= SEVERAL or fastest > LORRY_MPS else Severity.YELLOW
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
