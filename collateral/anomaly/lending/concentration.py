"""Too much of the portfolio hangs on one farm, species, county or supervisor (R24)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.anomaly.lending.papers import finding
from collateral.facts.loan import Dimension, LoanFacts
from collateral.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcentrationLimits:
    """Share of all outstanding balances (R24: 20 % [I]). `least_loans`: a portfolio of fewer loans cannot be spread
    [I]. A bank that lends on one species sets `species` to 1."""

    farm: float = 0.20
    species: float = 0.20
    county: float = 0.20
    supervisor: float = 0.20
    least_loans: int = 10

    def of(self, dimension: Dimension) -> float:
        limits = {
            Dimension.FARM: self.farm, Dimension.SPECIES: self.species, Dimension.COUNTY: self.county,
            Dimension.SUPERVISOR: self.supervisor,
        }  # fmt: skip
        return limits[dimension]


LIMITS = ConcentrationLimits()


def concentration(facts: LoanFacts, limits: ConcentrationLimits = LIMITS) -> list[Finding]:
    """More than a fifth of the portfolio hangs on one farm, species, county or supervisor.

    Cause: lending that followed one customer or one market. Denominator: all outstanding balances. Window: now.
    Minimum sample: ten loans. Suppressed: all loans of a group but the largest, which speaks for it. Source: R24.
    """
    over = [
        share for share in facts.shares
        if share.is_largest and share.loans >= limits.least_loans and share.share > limits.of(share.dimension)
    ]  # fmt: skip
    if not over:
        return []
    figures = {
        "over": [{"by": str(s.dimension), "name": s.name, "share": round(s.share, 4)} for s in over],
        "loans": over[0].loans,
    }
    return [finding("concentration", facts, Severity.YELLOW, facts.as_of, figures)]
