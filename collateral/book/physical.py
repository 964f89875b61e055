"""The last physical count as a witness: strong on its day, weaker with every day and every approved movement since."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collateral.facts.herd import HerdFacts
from collateral.model.ids import AnimalId, LoanId, PenId
from collateral.model.inspection import InspectionResult

SIGMA_SHARE = 0.005  # of the head, on the day: a passed session may hide 1 % (R6), which is two of these
CHANGE_PER_DAY = (
    0.0183 / 167
)  # deaths that nobody has reported yet, at worst all of them: 1.83 % in 167 days (domain 2.3)
VALID_FOR = timedelta(days=30)  # a month, the usual rhythm of inspections (domain 3.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalCount:
    """How many of today's book were found by the newest passed inspection, and how far that is still to be trusted:
    `sigma` is in head, aged to the moment asked."""

    session_id: str
    counted_at: datetime
    found: int
    sigma: float
    absent: frozenset[AnimalId]


def newest(facts: HerdFacts, loan: LoanId) -> InspectionResult | None:
    """The newest inspection of a loan that passed and is not older than VALID_FOR. Heads that it counted are brought
    forward by what movements have since taken out of the pen's groups and put into them."""
    passed = [
        i for i in facts.inspections
        if i.loan_id == loan and i.passed and facts.as_of - VALID_FOR <= i.closed_at <= facts.as_of
    ]  # fmt: skip
    found = max(passed, key=lambda i: i.closed_at, default=None)
    return None if found is None else _brought_forward(facts, found)


def _brought_forward(facts: HerdFacts, inspection: InspectionResult) -> InspectionResult:
    groups = {g.group_id: g for g in facts.groups if g.moved}  # one that secures several loans has moved once
    if not groups or not inspection.counted:
        return inspection
    came: dict[PenId, int] = defaultdict(int)
    for group in groups.values():
        came[group.pen.pen_id] += group.came_since(inspection.closed_at)
    return replace(inspection, counted=tuple((pen, max(0, head + came[pen])) for pen, head in inspection.counted))


def aged(facts: HerdFacts, inspection: InspectionResult, found: int, moved: int) -> float:
    """The standard deviation in head of `found`, now: of the day, plus what may have changed since."""
    days = (facts.as_of - inspection.closed_at) / timedelta(days=1)
    return math.sqrt(max(0.25, (SIGMA_SHARE * found) ** 2) + CHANGE_PER_DAY * days * found + moved)


def moved_since(facts: HerdFacts, inspection: InspectionResult) -> frozenset[AnimalId]:
    """Animals that approved movements of this loan have let go since the count."""
    return frozenset(
        animal
        for m in facts.movements
        if m.loan_id == inspection.loan_id and inspection.closed_at < m.end and m.start <= facts.as_of
        for animal in m.animal_ids
    )
