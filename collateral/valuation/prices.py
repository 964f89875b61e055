"""What a kilogram costs on a day: the last known price with its age, averages, and the change over a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from collateral.facts.loan import ClassLine, PricePoint, PriceSeries
from collateral.model.herd import Species
from collateral.valuation.terms import TERMS, PriceRule, ValuationTerms

THREE_YEARS, THREE_MONTHS = timedelta(days=3 * 365), timedelta(days=91)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price that values an animal, in 厘 per kg, and the market price that it rests on, with that one's age."""

    li_per_kg: int
    market_li: int
    on: date
    age_days: int
    is_stale: bool
    source: str


def chosen(
    known: Iterable[PriceSeries], species: Species, stock_class: str, county: str, on: date
) -> PriceSeries | None:
    """The series that speaks for such an animal in that county: the nearest region, then its own class, then the
    newest price, then the lower one. None: nobody has a price by then."""
    fitting = [
        (len(s.region), s.stock_class == stock_class, last.on, -last.li_per_kg, s.source, s)
        for s in known
        if s.species is species and s.stock_class in ("", stock_class) and county.startswith(s.region)
        if (last := last_known(s, on)) is not None
    ]
    return max(fitting, key=lambda row: row[:5])[-1] if fitting else None


def last_known(series: PriceSeries, on: date) -> PricePoint | None:
    """The newest price of that day or before."""
    at = bisect_right(series.points, on, key=lambda point: point.on)
    return series.points[at - 1] if at else None


def average(series: PriceSeries, since: date, until: date) -> int | None:
    """The mean over the days after `since` up to `until`, each at its last known price, rounded down to a 厘.

    A series that begins later is averaged from its first price on. None: no price by `until`.
    """
    known = [p for p in series.points if p.on <= until]
    if not known:
        return None
    total, days, end = 0, 0, until + timedelta(days=1)
    for point in reversed(known):
        begin = max(point.on, since + timedelta(days=1))
        if end > begin:
            total, days, end = total + point.li_per_kg * (end - begin).days, days + (end - begin).days, begin
        if point.on <= since:
            break
    return total // days


def quote(series: PriceSeries, on: date, terms: ValuationTerms = TERMS) -> Quote | None:
    """The price by the bank's rule on a day, never above the market's; None when no price was known by then."""
    last = last_known(series, on)
    if last is None:
        return None
    price = last.li_per_kg
    if terms.price_rule is PriceRule.LOWER_AVERAGE:
        means = (average(series, on - back, on) for back in (THREE_YEARS, THREE_MONTHS))
        price = min(price, *(mean for mean in means if mean is not None))
    age = (on - last.on).days
    return Quote(
        li_per_kg=price, market_li=last.li_per_kg, on=last.on, age_days=age, is_stale=age > terms.price_stale_days,
        source=series.source,
    )  # fmt: skip


def change(series: PriceSeries, on: date, days: int) -> float | None:
    """The relative change of the market price over `days` until `on`; None when the series is younger than that."""
    now, before = last_known(series, on), last_known(series, on - timedelta(days=days))
    return now.li_per_kg / before.li_per_kg - 1.0 if now and before else None


def series_of(line: ClassLine, prices: tuple[PriceSeries, ...], on: date) -> PriceSeries | None:
    """The series a line was valued by on a day; None where no price is known."""
    for series in prices:
        last = last_known(series, on)
        alike = series.species is line.species and series.stock_class in ("", line.stock_class)
        if alike and series.source == line.price_source and last is not None and last.on == line.priced_on:
            return series
    return None
