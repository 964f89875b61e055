"""How a bank values live animals: defaults that it can change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collateral.model.herd import Species

WHOLE_BP = 10_000  # one whole, in hundredths of a percent


class PriceRule(StrEnum):
    """Which price is used. Never above the market's."""

    MARKET = "market"
    LOWER_AVERAGE = "lower_average"  # Wenzhou: the lower of the 3-year and the 3-month average


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationTerms:
    """`price_stale_days`: an older price is used and said to be stale [I]. `haircut_bp`: taken off the market value,
    in hundredths of a percent; 0, for the ceiling of the loan already holds the margin [I]. `growth_days`: growth since
    the last weighing counts for so long at most [I]. `unseen_h`: domain 3.6. The ages are ours [I]: a fattened animal
    that is kept for longer is no longer one."""

    price_rule: PriceRule = PriceRule.MARKET
    price_stale_days: int = 14
    haircut_bp: int = 0
    growth_days: int = 120
    unseen_h: float = 72.0
    most_months_cattle: int = 96
    most_months_sheep: int = 72
    most_months_pig: int = 36

    def most_months(self, species: Species) -> int:
        """The age, in months, above which an animal does not count."""
        return {
            Species.CATTLE: self.most_months_cattle,
            Species.SHEEP: self.most_months_sheep,
            Species.PIG: self.most_months_pig,
        }[species]


TERMS = ValuationTerms()
