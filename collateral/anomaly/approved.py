"""What an approved movement (出栏, 转群) lets happen: judged by when an animal left, not by when somebody looks."""

from __future__ import annotations

from datetime import datetime

from collateral.facts.herd import HerdFacts
from collateral.model.ids import AnimalId, LoanId
from collateral.model.loan import Movement


def left_with_leave(facts: HerdFacts, animal: AnimalId, left_at: datetime) -> bool:
    """Whether an animal that left at `left_at`, or leaves now, was allowed to. Leave does not end with its window for
    those who used it: the book follows when the papers come."""
    return facts.may_leave(animal) or any(
        animal in movement.animal_ids and movement.start <= left_at <= movement.end for movement in facts.movements
    )


def under_way(facts: HerdFacts, loan: LoanId, at: datetime) -> tuple[Movement, ...]:
    """The loan's approved movements in whose window `at` falls."""
    return tuple(m for m in facts.movements if m.loan_id == loan and m.start <= at <= m.end)
