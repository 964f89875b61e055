"""The same animals counted in two pens (R6)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.anomaly.counting.inspections import standing
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedTwiceLimits:
    """`excess` of the heads counted pen by pen over the different tags among them (R6). `stands_days`: until the next
    inspection, and so long at most [I]."""

    excess: float = 0.01
    stands_days: float = 7.0


LIMITS = CountedTwiceLimits()


def counted_twice(facts: HerdFacts, limits: CountedTwiceLimits = LIMITS) -> list[Finding]:
    """At the newest inspection a tag was read in more than one pen, or the pens add up to more than the tags.

    Cause: animals walked from a counted pen to one not yet counted. Denominator: different tags read. Window: the
    newest closed session of the loan, seven days. Minimum sample: one tag in two pens. Suppressed: the same tag read
    again in the same pen; head pledged by number; untagged head that are reported as strangers already. Source: R6
    (duplicates above 0, or 1 % between the sum of pens and unique tags).
    """
    findings = []
    for result in standing(facts, limits.stands_days):
        groups = [g for g in facts.groups if g.loan_id == result.loan_id and g.pen.pen_id in result.pens]
        by_number = sum(g.head + g.free for g in groups)
        excess = result.gross - result.unique_tags - result.untagged - by_number if result.unique_tags else 0
        if result.duplicates > 0 or excess > limits.excess * result.unique_tags:
            figures = {
                "session": result.session_id, "gross": result.gross, "unique_tags": result.unique_tags,
                "duplicates": result.duplicates, "pens": [str(pen) for pen in result.pens],
            }  # fmt: skip
            testimony = Testimony(witness=Witness.TAG, since=result.closed_at, particulars=figures)
            findings.append(Finding(
                rule="counted_twice", severity=Severity.ORANGE, farm_id=facts.farm.farm_id, loan_id=result.loan_id,
                subject=result.session_id, as_of=facts.as_of, since=result.closed_at, testimonies=(testimony,),
                figures=figures,
            ))  # fmt: skip
    return findings
