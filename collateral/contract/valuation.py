"""Shapes of valuation over HTTP: what a loan's animals are worth, what of it counts, and where its ratio is heading.

Prices are thousandths of the currency's main unit (厘) per kg of live weight; amounts are fen; shares 0-1, but those of
a certificate are whole hundredths of a percent (`_bp`).
"""

from __future__ import annotations

from datetime import date, datetime

from collateral.contract.http import Shape


class ClassLineShape(Shape):
    """Animals valued alike. `priced_on` null: no price is known, they stand at the value of the day of the pledge."""

    species: str
    stock_class: str
    head: int
    mean_weight_kg: float | None
    li_per_kg: int | None
    priced_on: date | None
    price_source: str | None
    is_stale: bool
    value_minor: int


class IneligibleShape(Shape):
    """`reason`: gone, dead_unconfirmed, missing, disputed, foreign, untagged, tampered, cloned, unseen, diseased,
    over_age or uninsured. Each animal is counted once, under the first that applies."""

    reason: str
    head: int
    value_minor: int


class PricePointShape(Shape):
    on: date
    li_per_kg: int


class PriceSeriesShape(Shape):
    species: str
    stock_class: str
    region: str
    source: str
    points: list[PricePointShape]


class LoanValuation(Shape):
    """`ltv` looks at all pledged animals (抵押率); `available_minor` at those that count, below 0 it is a deficit.
    `cure_minor`: the cash that brings the ratio back to its ceiling. `is_insurance_known` false: no policy was ever on
    record, and nobody is counted as uninsured. `prices`: two years of the series that valued the lines."""

    loan_id: str
    as_of: datetime
    currency: str
    head: int
    value_minor: int
    balance_minor: int
    ltv: float
    ltv_ceiling: float
    cure_minor: int
    lines: list[ClassLineShape]
    ineligible: list[IneligibleShape]
    eligible_head: int
    eligible_minor: int
    limit_minor: int
    base_minor: int
    available_minor: int
    is_insurance_known: bool
    prices: list[PriceSeriesShape]


class ForecastPointShape(Shape):
    """The ratio after `week` weeks: better end, median, worse end of the band."""

    week: int
    on: date
    low: float
    median: float
    high: float


class LoanForecast(Shape):
    """Week 0 is `as_of`. A breach is the first week above the ceiling, null if there is none: `breach_earliest` at the
    worse end of the band, `breach_latest` at its better end. `level`: the share of futures within the band."""

    loan_id: str
    as_of: datetime
    ltv_ceiling: float
    level: float
    points: list[ForecastPointShape]
    breach_earliest: int | None
    breach_median: int | None
    breach_latest: int | None


class BorrowingBaseShape(Shape):
    """The figures of a borrowing base certificate. `sha256`: of their canonical bytes; the same figures, the same hash.
    `coverage_bp` null: not reconciled within the last day."""

    loan_id: str
    contract_no: str
    borrower_zh: str
    borrower_en: str
    currency: str
    as_of: datetime
    lines: list[ClassLineShape]
    gross_minor: int
    ineligible: list[IneligibleShape]
    eligible_head: int
    eligible_minor: int
    advance_bp: int
    limit_minor: int
    base_minor: int
    outstanding_minor: int
    available_minor: int
    deficit_minor: int
    cure_minor: int
    coverage_bp: int | None
    sha256: str
