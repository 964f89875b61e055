"""What each pledged animal or group is worth on a day, and the lines of animals that are valued alike.

Rounding: a head's value is rounded down to whole fen, so that it is never above the market's; a group is its head times
that, and every sum is a sum of whole fen. Nothing else is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from collateral.facts.loan import ClassLine, Ineligible, PriceSeries
from collateral.model.herd import Species
from collateral.valuation.growth import PRODUCTION, weight_g
from collateral.valuation.prices import Quote, chosen, quote
from collateral.valuation.terms import TERMS, WHOLE_BP, ValuationTerms

LI_GRAMS_PER_FEN = 10_000  # 10 厘 to the fen, 1,000 g to the kg


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One pledged animal, or a group pledged by number, as its papers and witnesses have it.

    `county`: of its official tag, or of its farm. `assessed_minor`: per head, on the day of the pledge. `seen_at`: when
    its tag was last heard, or a camera last counted its pen. `held`: what a case or its status says against it.
    """

    key: str
    species: Species
    head: int
    assessed_minor: int
    is_group: bool = False
    stock_class: str = ""
    county: str = ""
    weight_g: int | None = None
    weighed_on: date | None = None
    born: date | None = None
    has_tag: bool = True
    seen_at: datetime | None = None
    held: frozenset[Ineligible] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Worth:
    """A standing with its weight and value per head on a day; `quote` None: valued as it was when it was pledged."""

    standing: Standing
    weight_g: int
    per_head_minor: int
    quote: Quote | None

    @property
    def value_minor(self) -> int:
        return self.standing.head * self.per_head_minor


def market_minor(grams: int, li_per_kg: int, haircut_bp: int = 0) -> int:
    """The value of a weight at a price, in whole fen, rounded down."""
    return grams * li_per_kg * (WHOLE_BP - haircut_bp) // (LI_GRAMS_PER_FEN * WHOLE_BP)


def valued(
    standings: Iterable[Standing], prices: Sequence[PriceSeries], on: date, terms: ValuationTerms = TERMS
) -> list[Worth]:
    """What each is worth on a day."""
    quotes: dict[tuple[Species, str, str], Quote | None] = {}
    found = []
    for standing in standings:
        kind = (standing.species, standing.stock_class, standing.county)
        if kind not in quotes:
            series = chosen(prices, *kind, on)
            quotes[kind] = quote(series, on, terms) if series else None
        found.append(_worth(standing, quotes[kind], on, terms))
    return found


def lines(worths: Iterable[Worth]) -> tuple[ClassLine, ...]:
    """The animals by species, class and price, in that order."""
    alike: dict[tuple[Species, str, Quote | None], list[Worth]] = {}
    for worth in worths:
        alike.setdefault((worth.standing.species, worth.standing.stock_class, worth.quote), []).append(worth)
    return tuple(
        _line(*kind, found)
        for kind, found in sorted(alike.items(), key=lambda item: (item[0][0], item[0][1], str(item[0][2])))
    )


def _worth(standing: Standing, price: Quote | None, on: date, terms: ValuationTerms) -> Worth:
    if standing.weight_g is None:
        return Worth(standing, 0, standing.assessed_minor, None)
    grams = weight_g(standing.weight_g, standing.weighed_on, on, PRODUCTION[standing.species], terms.growth_days)
    if price is None:
        return Worth(standing, grams, standing.assessed_minor, None)
    return Worth(standing, grams, market_minor(grams, price.li_per_kg, terms.haircut_bp), price)


def _line(species: Species, stock_class: str, price: Quote | None, found: list[Worth]) -> ClassLine:
    return ClassLine(
        species=species, stock_class=stock_class, head=sum(w.standing.head for w in found),
        mass_g=sum(w.standing.head * w.weight_g for w in found), value_minor=sum(w.value_minor for w in found),
        li_per_kg=price.li_per_kg if price else None, priced_on=price.on if price else None,
        price_source=price.source if price else None, is_stale=price.is_stale if price else False,
    )  # fmt: skip
