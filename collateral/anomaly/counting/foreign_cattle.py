"""Other people's cattle shown at an inspection (R5)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.anomaly.counting.inspections import standing
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.inspection import InspectionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignCattleLimits:
    """`share` of the inspected head that are foreign or wear no tag (R5). `absent_share` of the pledged head not found
    while strangers stood there [I]. `least_head`: one stray from the neighbour is no fraud [I]. `stands_days`: until
    the next inspection, and so long at most [I]."""

    share: float = 0.02
    absent_share: float = 0.02
    least_head: int = 2
    stands_days: float = 7.0


LIMITS = ForeignCattleLimits()


def foreign_cattle(facts: HerdFacts, limits: ForeignCattleLimits = LIMITS) -> list[Finding]:
    """Foreign or untagged animals made up more than their share of the head at the newest inspection.

    Cause: other people's animals shown for sold or never existing ones; purchases that nobody enrolled. Denominator:
    inspected head. Window: the newest closed session of the loan, seven days. Minimum sample: two strangers.
    Suppressed: animals of this farm that are enrolled though not pledged; head pledged by number. Source: R5 (2 %,
    Shepperd case); red when tags (foreign ones read) and the count of heads (strangers beyond the tags, or pledged
    animals absent while others stood there) both show it, else orange.
    """
    findings = []
    for result in standing(facts, limits.stands_days):
        strangers = len(result.foreign) + result.untagged
        if strangers >= limits.least_head and strangers >= limits.share * result.gross:
            findings.append(_finding(facts, result, strangers, limits))
    return findings


def _finding(facts: HerdFacts, result: InspectionResult, strangers: int, limits: ForeignCattleLimits) -> Finding:
    testimonies = _testimonies(result, limits)
    severity = Severity.RED if len({t.witness for t in testimonies}) > 1 else Severity.ORANGE
    figures = {
        "session": result.session_id, "gross": result.gross, "foreign": len(result.foreign),
        "untagged": result.untagged, "absent": len(result.absent), "share": round(strangers / result.gross, 4),
    }  # fmt: skip
    return Finding(
        rule="foreign_cattle", severity=severity, farm_id=facts.farm.farm_id, loan_id=result.loan_id,
        subject=result.session_id, as_of=facts.as_of, since=result.closed_at, animals=result.absent,
        testimonies=testimonies, figures=figures,
    )  # fmt: skip


def _testimonies(result: InspectionResult, limits: ForeignCattleLimits) -> tuple[Testimony, ...]:
    absent = len(result.absent) >= max(limits.least_head, limits.absent_share * result.gross)
    said = []
    if result.foreign:
        tags = {"foreign": [str(tag) for tag in result.foreign[:50]], "absent": len(result.absent)}
        said.append(Testimony(witness=Witness.TAG, since=result.closed_at, particulars=tags))
    elif absent:
        said.append(Testimony(witness=Witness.TAG, since=result.closed_at, particulars={"absent": len(result.absent)}))
    if result.untagged or result.counted or absent:
        heads = {"gross": result.gross, "untagged": result.untagged, "heads": sum(n for _, n in result.counted)}
        said.append(Testimony(witness=Witness.PHYSICAL, since=result.closed_at, particulars=heads))
    return tuple(said)
