"""Which animals do not count towards the borrowing base while a finding about their identity stands."""

from __future__ import annotations

from collections.abc import Iterable

from collateral.facts.loan import Ineligible
from collateral.model.finding import Finding
from collateral.model.ids import AnimalId

REASONS: dict[str, Ineligible] = {
    "tag_removed": Ineligible.TAMPERED,
    "tag_cloned": Ineligible.CLONED,
    "ghost_animals": Ineligible.DISPUTED,
    "tag_moved": Ineligible.DISPUTED,
}
"""What a rule of this room says against the animals it names, in the words of the borrowing base (domain 3.6)."""


def ineligible_animals(findings: Iterable[Finding]) -> dict[AnimalId, frozenset[Ineligible]]:
    """Every animal that a finding holds back, with all reasons that apply."""
    held: dict[AnimalId, frozenset[Ineligible]] = {}
    for finding in findings:
        if finding.rule in REASONS:
            for animal in finding.animals:
                held[animal] = held.get(animal, frozenset()) | {REASONS[finding.rule]}
    return held
