"""Where a loan's ratio is heading: a band per week, and the week in which it will be above its ceiling.

Per class line the value is price x weight x survivors. The logarithm of the price walks at random with the drift and
deviation of its own last weeks; weight grows by the average daily gain until the animal is finished; deaths come at the
base rate. Their deviations add in quadrature, so every quantile has a closed form. Lines move together: prices of one
market do, and a band that let them cancel out would be too narrow. The market price moves the value, also where a bank
values by averages, which follow it later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist, fmean, stdev

from collateral.facts.loan import ClassLine, LoanFacts, PriceSeries
from collateral.valuation.growth import PRODUCTION, Production
from collateral.valuation.prices import last_known, series_of

WEEK = timedelta(days=7)
DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastTerms:
    """`level`: the share of futures between the two ends of the band. `look_back_weeks`: prices from which drift and
    deviation are taken. `least_sigma`: no market is calmer, per week; `unknown_sigma`: where there are fewer than
    `least_returns` weekly changes. All ours [I]."""

    weeks: int = 26
    level: float = 0.80
    look_back_weeks: int = 13
    least_returns: int = 4
    least_sigma: float = 0.005
    unknown_sigma: float = 0.02


TERMS = ForecastTerms()


@dataclass(frozen=True, slots=True)
class Walk:
    """Weekly drift and deviation of the logarithm of a price, and from how many changes they were taken."""

    drift: float
    sigma: float
    returns: int

    def deviation(self, weeks: int) -> float:
        """Of the logarithm after so many weeks: the walk's own, and that of a drift known from few changes."""
        unsure = weeks * weeks / self.returns if self.returns else 0.0
        return self.sigma * math.sqrt(weeks + unsure)


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """The ratio after `week` weeks: the better end of the band, the median, the worse end."""

    week: int
    on: date
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Week 0 is today. A breach week is the first in which that line of the band is above the ceiling; None: in no
    week of the forecast. The true week lies between `breach_earliest` and `breach_latest` in `level` of futures."""

    level: float
    points: tuple[ForecastPoint, ...]
    breach_earliest: int | None
    breach_median: int | None
    breach_latest: int | None


def forecast(facts: LoanFacts, terms: ForecastTerms = TERMS) -> Forecast:
    """The band of a loan's ratio, at its present balance."""
    on = facts.as_of.date()
    walks = [walk(series_of(line, facts.prices, on), on, terms) for line in facts.lines]
    points = tuple(_point(facts, walks, week, terms) for week in range(terms.weeks + 1))
    ceiling = facts.loan.ltv_ceiling
    return Forecast(
        level=terms.level, points=points,
        breach_earliest=next((p.week for p in points if p.high > ceiling), None),
        breach_median=next((p.week for p in points if p.median > ceiling), None),
        breach_latest=next((p.week for p in points if p.low > ceiling), None),
    )  # fmt: skip


def walk(series: PriceSeries | None, on: date, terms: ForecastTerms = TERMS) -> Walk:
    """How a price has been moving by the week. Without enough of a past: no drift, and a wide guess."""
    if series is None:
        return Walk(0.0, terms.unknown_sigma, 0)
    known = [last_known(series, on - back * WEEK) for back in range(terms.look_back_weeks, -1, -1)]
    logs = [math.log(point.li_per_kg) for point in known if point is not None]
    returns = [later - earlier for earlier, later in pairwise(logs)]
    if len(returns) < max(2, terms.least_returns):
        return Walk(0.0, terms.unknown_sigma, 0)
    return Walk(fmean(returns), max(stdev(returns), terms.least_sigma), len(returns))


def _point(facts: LoanFacts, walks: list[Walk], week: int, terms: ForecastTerms) -> ForecastPoint:
    z = NormalDist().inv_cdf((1 + terms.level) / 2)
    low, median, high = 0.0, 0.0, 0.0
    for line, moving in zip(facts.lines, walks, strict=True):
        middle, deviation = _ahead(line, moving, week)
        low += middle * math.exp(-z * deviation)
        median += middle
        high += middle * math.exp(z * deviation)
    balance = facts.loan.balance.minor
    ratios = [balance / max(value, 1.0) for value in (high, median, low)]
    return ForecastPoint(week, facts.as_of.date() + week * WEEK, *ratios)


def _ahead(line: ClassLine, moving: Walk, week: int) -> tuple[float, float]:
    """A line's median value after so many weeks, and the deviation of its logarithm."""
    production = PRODUCTION[line.species]
    alive = math.exp(-production.deaths_per_day * DAYS * week)
    growth, growth_deviation = _growth(line, production, week)
    middle = line.value_minor * math.exp(moving.drift * week) * growth * alive
    deaths = (1 - alive) / (alive * max(line.head, 1))
    return middle, math.hypot(moving.deviation(week), growth_deviation, math.sqrt(deaths))


def _growth(line: ClassLine, production: Production, week: int) -> tuple[float, float]:
    """By which factor an average animal of the line will have grown, and the relative deviation of its weight."""
    weight = line.mass_g / line.head if line.head else 0.0
    if not 0 < weight < production.finished_g:
        return 1.0, 0.0
    # Growth ends where the animal is finished; so does what is not known of it.
    days = min(DAYS * week, (production.finished_g - weight) / production.gain_g)
    return (weight + production.gain_g * days) / weight, production.gain_sd_g * days / weight
