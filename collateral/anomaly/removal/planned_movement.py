"""An approved movement that has begun and is not closed: nothing to fear, something to book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId
from collateral.model.loan import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMovementLimits:
    """`overdue_days`: a movement that is still not closed so long after its window is graver: animals sold and not
    paid for are what the largest frauds were made of [I]."""

    overdue_days: float = 5.0


LIMITS = PlannedMovementLimits()


def planned_movement(facts: HerdFacts, limits: PlannedMovementLimits = LIMITS) -> list[Finding]:
    """An approved movement is under way or waits to be closed, such as a sale for the buyer's proceeds.

    Cause: a sale, transfer or release that the bank approved. Denominator: animals on the approved list. Window: from
    the beginning of the movement's window until it is closed. Minimum sample: one approved movement. Suppressed: what
    is closed, by proceeds booked or by being executed. Blue; yellow when it is still open five days after its window.
    Source: R1 and R2 (an approved movement suppresses), story A4; five days [I].
    """
    waiting: dict[LoanId, list[Movement]] = {}
    for movement in facts.movements:
        if movement.start <= facts.as_of and not _is_closed(movement, facts.as_of) and _is_here(movement, facts):
            waiting.setdefault(movement.loan_id, []).append(movement)
    return [_finding(facts, loan, movements, limits) for loan, movements in sorted(waiting.items())]


def _is_closed(movement: Movement, as_of: datetime) -> bool:
    return movement.closed_at is not None and movement.closed_at <= as_of


def _is_here(movement: Movement, facts: HerdFacts) -> bool:
    """A movement that names no farm is told of at each farm of its loan; the case is one."""
    return movement.farm_id == facts.farm.farm_id if movement.farm_id else movement.loan_id in facts.loans


def _finding(
    facts: HerdFacts, loan: LoanId, movements: list[Movement], limits: PlannedMovementLimits
) -> Finding:  # fmt: skip
    first = min(movements, key=lambda m: m.start)
    overdue = any(facts.as_of > m.end + timedelta(days=limits.overdue_days) for m in movements)
    animals = sorted({a for m in movements for a in m.animal_ids})
    by_number = sum(head for m in movements for _, head in m.groups)
    gone = sum(facts.tracks[row].is_outside for a in animals if (row := facts.row_of.get(a)) is not None)
    figures = {
        "approved": len(animals) + by_number, "outside": gone, "movements": sorted(m.movement_id for m in movements),
        "kinds": sorted({str(m.kind) for m in movements}), "window_ends": max(m.end for m in movements).isoformat(),
    }  # fmt: skip
    return Finding(
        rule="planned_movement", severity=Severity.YELLOW if overdue else Severity.BLUE, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=loan, as_of=facts.as_of, since=first.start, animals=tuple(animals),
        testimonies=(Testimony(witness=Witness.DOCUMENT, since=first.start, particulars=figures),), figures=figures,
    )  # fmt: skip
