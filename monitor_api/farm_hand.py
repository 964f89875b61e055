"""What a farm hand is shown of a case: the animals and devices, not the bank's figures. Pure."""

from __future__ import annotations

from typing import Any

from collateral.contract.http import CaseSummary, NamedAnimal
from collateral.model.finding import Audience
from collateral.model.person import Person, Role

_OF_THE_LOAN = {
    "loan_id": None, "contract_no": None, "borrower_zh": None, "borrower_en": None, "value_affected_minor": 0,
    "coverage_before": None, "coverage_after": None,
}  # fmt: skip
_BANK_WORDS = ("loan", "value", "coverage", "ltv", "balance", "principal", "contract", "borrower", "minor")


def audience(person: Person) -> Audience | None:
    """Whose cases a person is shown unless they ask: the bank's; a farm hand all of the own farm (None)."""
    return None if person.role is Role.FARM else Audience.BANK


def shown(case: CaseSummary, person: Person) -> CaseSummary:
    """The case as `person` may see it."""
    return case.model_copy(update=_OF_THE_LOAN) if person.role is Role.FARM else case


def shown_animal(animal: NamedAnimal, person: Person) -> NamedAnimal:
    """The animal as `person` may see it."""
    return animal.model_copy(update={"value_minor": 0}) if person.role is Role.FARM else animal


def shown_figures(figures: dict[str, Any], person: Person) -> dict[str, Any]:
    """Figures or particulars as `person` may see them."""
    if person.role is not Role.FARM:
        return figures
    return {name: value for name, value in figures.items() if not any(word in name for word in _BANK_WORDS)}
