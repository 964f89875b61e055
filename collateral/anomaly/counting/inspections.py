"""Which closed count sessions the rules of this room look at."""

from __future__ import annotations

from datetime import timedelta

from collateral.facts.herd import HerdFacts
from collateral.model.inspection import InspectionResult


def standing(facts: HerdFacts, days: float) -> list[InspectionResult]:
    """The newest closed session of each loan, when it is not older than `days`: a repeated inspection replaces it."""
    newest: dict[str, InspectionResult] = {}
    for found in sorted(facts.inspections, key=lambda i: i.closed_at):
        if found.closed_at <= facts.as_of:
            newest[found.loan_id] = found
    since = facts.as_of - timedelta(days=days)
    return [i for _, i in sorted(newest.items()) if i.closed_at >= since]
