"""Patrols that were not made, not made there, or not really counted (R25)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from collateral.facts.events import Patrol
from collateral.facts.geometry import metres_outside
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId
from collateral.model.place import Fence


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolLimits:
    """`grace_days` after the day it was due (R25: 3). `beyond_fence_m`: a visit recorded farther from every pen was
    made elsewhere; yards and offices stand nearer [I]. `least_patrols` before counts are called too good (R25) [I].
    `count_error`: share by which an honest count of a herd scatters [I]; `chance`: of so many exact hits, below which
    nobody has counted [I]."""

    grace_days: float = 3.0
    beyond_fence_m: float = 200.0
    least_patrols: int = 8
    count_error: float = 0.01
    chance: float = 0.01


LIMITS = PatrolLimits()


def patrol(facts: HerdFacts, limits: PatrolLimits = LIMITS) -> list[Finding]:
    """The supervisor's patrols of a loan are overdue, were made elsewhere, reuse photos, or always hit the ledger.

    Cause: an idle supervisor, or one who works with the borrower. Denominator: the patrols due for the loan. Window: 30
    days. Minimum sample: one patrol; eight counts for the test of variance. Suppressed: counts of small herds, which an
    honest man hits each time. Source: R25 (3 days; photo hash; GPS outside the fence; counts always equal to the
    ledger: the chance of it, when an honest count scatters by 1 %, is below 1 %).
    """
    by_loan: dict[LoanId, list[Patrol]] = defaultdict(list)
    for one in facts.patrols:
        by_loan[one.loan_id].append(one)
    fences = _fences(facts)
    findings = []
    for loan in sorted(by_loan):
        particulars = dict(_doubts(facts, by_loan[loan], fences, limits))
        if particulars:
            findings.append(_finding(facts, loan, by_loan[loan], particulars))
    return findings


def _doubts(
    facts: HerdFacts, patrols: list[Patrol], fences: list[Fence], limits: PatrolLimits
) -> Iterator[tuple[str, Any]]:
    grace = timedelta(days=limits.grace_days)
    if overdue := [p.patrol_id for p in patrols if p.done_at is None and facts.as_of - p.due_at > grace]:
        yield "overdue", overdue
    if reused := _reused_photos(patrols):
        yield "photos_reused", reused
    if elsewhere := [p.patrol_id for p in patrols if _is_elsewhere(p, fences, limits)]:
        yield "elsewhere", elsewhere
    chance = _chance_of_exact_counts(patrols, limits)
    if chance is not None and chance < limits.chance:
        yield "exact_counts_chance", chance


def _reused_photos(patrols: list[Patrol]) -> dict[str, list[str]]:
    """Photos by hash that were filed with more than one patrol."""
    filed: dict[str, set[str]] = defaultdict(set)
    for one in patrols:
        for photo in one.photos:
            filed[photo].add(one.patrol_id)
    return {photo: sorted(ids) for photo, ids in sorted(filed.items()) if len(ids) > 1}


def _is_elsewhere(one: Patrol, fences: list[Fence], limits: PatrolLimits) -> bool:
    if one.done_at is None or one.position is None or not fences:
        return False
    return min(metres_outside(fence, one.position) for fence in fences) > limits.beyond_fence_m


def _chance_of_exact_counts(patrols: list[Patrol], limits: PatrolLimits) -> float | None:
    """How likely an honest counter hits the ledger each time; None when one count differed, or there are too few."""
    counts = [(p.counted, p.book) for p in patrols if p.counted is not None and p.book]
    if len(counts) < limits.least_patrols or any(counted != book for counted, book in counts):
        return None
    return math.prod(_chance_of_exact(book or 0, limits) for _, book in counts)


def _chance_of_exact(book: int, limits: PatrolLimits) -> float:
    sigma = limits.count_error * book
    return math.erf(0.5 / (sigma * math.sqrt(2))) if sigma else 1.0


def _fences(facts: HerdFacts) -> list[Fence]:
    own = [tracks[0].pen.fence for tracks in facts.of_pen.values()]
    return own + [group.pen.fence for group in facts.groups]


def _finding(facts: HerdFacts, loan: LoanId, patrols: list[Patrol], particulars: dict[str, Any]) -> Finding:
    since = min(p.due_at for p in patrols)
    figures = {"patrols": len(patrols), "supervisors": sorted({p.supervisor for p in patrols}), **particulars}
    return Finding(
        rule="patrol", severity=Severity.ORANGE, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan,
        as_of=facts.as_of, since=min(since, facts.as_of),
        testimonies=(Testimony(witness=Witness.DOCUMENT, since=min(since, facts.as_of), particulars=particulars),),
        figures=figures,
    )  # fmt: skip
