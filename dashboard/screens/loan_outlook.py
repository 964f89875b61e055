"""Where the loan-to-value ratio is heading, week by week, and the prices that this rests on."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from collateral.contract.valuation import LoanForecast, PriceSeriesShape
from dashboard import session
from dashboard.figures import per_kg, share
from dashboard.tables import SPECIES, called
from dashboard.words import _
from dashboard.worth_charts import ltv_forecast, price_course

SPANS = (30, 365)


def show(loan_id: str) -> None:
    """A sentence, the band, the prices."""
    forecast, told = session.api().forecast(loan_id), session.api().valuation(loan_id)
    with st.container(border=True, key="ltv_forecast"):
        st.markdown(f"#### {sentence(forecast)}")
        st.altair_chart(ltv_forecast(forecast), width="stretch", key="forecast_chart")
        note = _("The band holds {share} of the futures: growth, deaths and the market's swings; balance unchanged.")
        st.caption(note.format(share=share(forecast.level, 0)))
    with st.container(border=True, key="price_course"):
        st.markdown(f"**{_('Market price of live weight')}**")
        priced = [series for series in told.prices if series.points]
        if not priced:
            st.caption(_("No market price is on record: the animals stand at the value of the day of the pledge."))
            return
        for series in priced:
            st.markdown(_moved(series, told.currency))
        st.altair_chart(price_course([_name(s) for s in priced], priced), width="stretch", key="price_chart")


def sentence(told: LoanForecast) -> str:
    """When the ratio will be above its ceiling."""
    weeks = max((point.week for point in told.points), default=0)
    now = told.points[0].median if told.points else 0.0
    if now > told.ltv_ceiling:
        return f":red[:material/error:] {_('The LTV is above its ceiling now')}"
    if told.breach_median is not None:
        text = _("The LTV is expected above its ceiling in week {week} ({day})")
        return f":red[:material/error:] {text.format(week=told.breach_median, day=_day(told, told.breach_median))}"
    if told.breach_earliest is not None:
        text = _("If prices fall, the LTV may be above its ceiling from week {week} on ({day})")
        text = text.format(week=told.breach_earliest, day=_day(told, told.breach_earliest))
        return f":orange[:material/warning:] {text}"
    return f":green[:material/check_circle:] {_('No breach of the ceiling in sight within {n} weeks').format(n=weeks)}"


def _day(told: LoanForecast, week: int) -> str:
    return next((point.on.isoformat() for point in told.points if point.week == week), "")


def _name(series: PriceSeriesShape) -> str:
    return " · ".join(part for part in (called(SPECIES, series.species), series.stock_class, series.region) if part)


def _moved(series: PriceSeriesShape, currency: str) -> str:
    """The newest price and how it moved over a month and a year."""
    last = series.points[-1]
    moved = []
    for days in SPANS:
        before = [p for p in series.points if p.on <= last.on - timedelta(days=days)]
        if before and before[-1].li_per_kg:
            change = last.li_per_kg / before[-1].li_per_kg - 1
            moved.append(_("{change} in {days} days").format(change=f"{change:+.1%}", days=days))
    price = f"**{per_kg(last.li_per_kg, currency)}**"
    return f"{_name(series)} {price} ({last.on.isoformat()}, {series.source}) · {' · '.join(moved)}"
