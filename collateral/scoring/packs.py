"""What differs between species (the N of 3+N+X), and what a bank sets for itself (the X)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collateral.model.finding import Severity
from collateral.model.herd import Species
from collateral.scoring.ladder import Ladder

MODELS = ("collateral", "operation", "repayment")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesPack:
    """How much each model weighs for a species, and how much of the herd can be expected to give a sign of life.

    `uncovered`: share of pledged head without evidence (R26: 5, 10, 20 %).
    """

    weights: Mapping[str, float]
    uncovered: Ladder


# Pigs are seen in groups by cameras alone, which find 92-94 % (domain 0.6), so their ladder begins later. Disease goes
# through a house of pigs within a week (ASF: all dead 5-8 days after infection), so the farm's own state weighs more.
# Weights are ours [I].
PACKS: Mapping[Species, SpeciesPack] = {
    Species.CATTLE: SpeciesPack(
        weights={"collateral": 1.0, "operation": 0.9, "repayment": 1.0},
        uncovered=Ladder(0.03, 0.05, 0.10, 0.20, 0.40),
    ),
    Species.SHEEP: SpeciesPack(
        weights={"collateral": 1.0, "operation": 0.9, "repayment": 1.0},
        uncovered=Ladder(0.03, 0.05, 0.10, 0.20, 0.40),
    ),
    Species.PIG: SpeciesPack(
        weights={"collateral": 0.9, "operation": 1.0, "repayment": 1.0},
        uncovered=Ladder(0.08, 0.12, 0.18, 0.28, 0.50),
    ),
}


SHORT_SHARE = Ladder(0.0, 0.01, 0.02, 0.05, 0.10)
LTV_OVER = Ladder(-0.12, -0.08, -0.05, 0.0, 0.10)
OVERDUE_DAYS = Ladder(0.0, 0.5, 1.0, 31.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankThresholds:
    """From which score on a loan is blue, yellow, orange, red; and the general ladders, each of which a bank can set.

    `short_share`: R3. `ltv_over`: LTV minus ceiling (R20: yellow 5 points below, orange at it, red 10 above).
    `overdue_days`: R22.
    """

    grades: Mapping[Severity, float] = field(
        default_factory=lambda: {
            Severity.BLUE: 15.0, Severity.YELLOW: 35.0, Severity.ORANGE: 60.0, Severity.RED: 85.0,
        }
    )  # fmt: skip
    short_share: Ladder = SHORT_SHARE
    ltv_over: Ladder = LTV_OVER
    overdue_days: Ladder = OVERDUE_DAYS
    unproved: float = 0.5  # a shortfall that the interval does not prove weighs half [I]


BANK = BankThresholds()
