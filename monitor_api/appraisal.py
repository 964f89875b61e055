"""From a loan's facts to what the interface says of its value. Pure."""

from __future__ import annotations

from datetime import timedelta

from collateral.contract.valuation import (
    BorrowingBaseShape,
    ClassLineShape,
    ForecastPointShape,
    IneligibleShape,
    LoanForecast,
    LoanValuation,
    PricePointShape,
    PriceSeriesShape,
)
from collateral.facts.loan import ClassLine, IneligibleSum, LoanFacts, PriceSeries
from collateral.valuation.base import borrowing_base
from collateral.valuation.forecast import Forecast, forecast
from collateral.valuation.prices import series_of

PRICES_SHOWN = timedelta(days=2 * 365)


def valuation(facts: LoanFacts) -> LoanValuation:
    """Value, ratio and availability, with the prices that they rest on."""
    base = borrowing_base(facts)
    return LoanValuation(
        loan_id=base.loan_id, as_of=facts.as_of, currency=base.currency, head=facts.head, value_minor=base.gross_minor,
        balance_minor=base.outstanding_minor, ltv=facts.ltv, ltv_ceiling=facts.loan.ltv_ceiling,
        cure_minor=base.cure_minor, lines=_lines(facts.lines), ineligible=_ineligible(facts.ineligible),
        eligible_head=base.eligible_head, eligible_minor=base.eligible_minor, limit_minor=base.limit_minor,
        base_minor=base.base_minor, available_minor=base.available_minor, is_insurance_known=bool(facts.policies),
        prices=_prices(facts),
    )  # fmt: skip


def outlook(facts: LoanFacts) -> LoanForecast:
    """Where the ratio is heading."""
    told: Forecast = forecast(facts)
    return LoanForecast(
        loan_id=facts.loan.loan_id, as_of=facts.as_of, ltv_ceiling=facts.loan.ltv_ceiling, level=told.level,
        points=[
            ForecastPointShape(week=p.week, on=p.on, low=p.low, median=p.median, high=p.high) for p in told.points
        ],
        breach_earliest=told.breach_earliest, breach_median=told.breach_median, breach_latest=told.breach_latest,
    )  # fmt: skip


def certificate(facts: LoanFacts) -> BorrowingBaseShape:
    """The figures of the borrowing base."""
    base = borrowing_base(facts)
    return BorrowingBaseShape(
        loan_id=base.loan_id, contract_no=base.contract_no, borrower_zh=base.borrower_zh, borrower_en=base.borrower_en,
        currency=base.currency, as_of=base.as_of, lines=_lines(base.lines), gross_minor=base.gross_minor,
        ineligible=_ineligible(base.ineligible), eligible_head=base.eligible_head, eligible_minor=base.eligible_minor,
        advance_bp=base.advance_bp, limit_minor=base.limit_minor, base_minor=base.base_minor,
        outstanding_minor=base.outstanding_minor, available_minor=base.available_minor,
        deficit_minor=base.deficit_minor, cure_minor=base.cure_minor, coverage_bp=base.coverage_bp, sha256=base.sha256,
    )  # fmt: skip


def _lines(lines: tuple[ClassLine, ...]) -> list[ClassLineShape]:
    return [
        ClassLineShape(
            species=line.species, stock_class=line.stock_class, head=line.head,
            mean_weight_kg=line.mass_g / line.head / 1000 if line.mass_g else None, li_per_kg=line.li_per_kg,
            priced_on=line.priced_on, price_source=line.price_source, is_stale=line.is_stale,
            value_minor=line.value_minor,
        )
        for line in lines
    ]  # fmt: skip


def _ineligible(sums: tuple[IneligibleSum, ...]) -> list[IneligibleShape]:
    return [IneligibleShape(reason=one.reason, head=one.head, value_minor=one.value_minor) for one in sums]


def _prices(facts: LoanFacts) -> list[PriceSeriesShape]:
    on = facts.as_of.date()
    used: list[PriceSeries] = []
    for line in facts.lines:
        series = series_of(line, facts.prices, on)
        if series is not None and series not in used:
            used.append(series)
    return [
        PriceSeriesShape(
            species=series.species, stock_class=series.stock_class, region=series.region, source=series.source,
            points=[
                PricePointShape(on=p.on, li_per_kg=p.li_per_kg) for p in series.points if p.on > on - PRICES_SHOWN
            ],
        )
        for series in used
    ]  # fmt: skip
