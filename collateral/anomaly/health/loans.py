"""Which loans a set of animals secures."""

from __future__ import annotations

from collections.abc import Iterable

from collateral.facts.herd import HerdFacts
from collateral.model.ids import LoanId


def by_loan(facts: HerdFacts, rows: Iterable[int]) -> dict[LoanId | None, list[int]]:
    """Rows (of tracks and series) by the loan they secure, in order; None for animals that are not pledged."""
    found: dict[LoanId | None, list[int]] = {}
    for row in rows:
        found.setdefault(facts.tracks[row].loan_id, []).append(int(row))
    return dict(sorted(found.items(), key=lambda item: item[0] or ""))


def worth(facts: HerdFacts, rows: Iterable[int]) -> int:
    """What these animals are worth together, in minor units."""
    return sum(facts.tracks[row].value_minor for row in rows)
