"""Charts of worth: from the herd's value to what may be drawn, where the ratio is heading, what the market paid."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from collateral.contract.valuation import BorrowingBaseShape, LoanForecast, PriceSeriesShape
from dashboard.charts import BLUE, GREEN, GREY, RED
from dashboard.figures import money, share
from dashboard.tables import INELIGIBLES, called
from dashboard.words import _

SUM, BAND, INK = "#9DB4C8", "#B9CCDC", "#1B2733"
ROW_PX = 34


def steps_to_available(base: BorrowingBaseShape) -> alt.LayerChart:
    """A staircase: value, less what does not count, less the haircut, less what is owed, is what may be drawn."""
    rows = _steps(base)
    room = max(abs(row[end]) for row in rows for end in ("from", "to"))
    least = min(0.0, *(row["to"] for row in rows))
    axis = alt.Axis(labelFontSize=13, ticks=False, domain=False, labelLimit=260)
    chart = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("what:N", sort=None, title=None, axis=axis))
    scale = alt.Scale(domain=[least, room * 1.2])
    bars = chart.mark_bar(height=20, cornerRadius=2).encode(
        x=alt.X("from:Q", title=None, axis=None, scale=scale), x2="to:Q", color=alt.Color("hue:N", scale=None)
    )
    names = chart.mark_text(align="left", dx=6, fontSize=13).encode(
        x=alt.X("edge:Q", scale=scale), text="text:N", color=alt.value(INK)
    )
    return alt.layer(bars, names).properties(height=ROW_PX * len(rows)).configure_view(strokeWidth=0)


def _steps(base: BorrowingBaseShape) -> list[dict[str, Any]]:
    currency = base.currency
    rows = [_step(_("Assessed value"), 0, base.gross_minor, SUM, currency)]
    left = base.gross_minor
    for one in base.ineligible:
        rows.append(_step(called(INELIGIBLES, one.reason), left, left - one.value_minor, RED, currency))
        left -= one.value_minor
    rows.append(_step(_("Eligible collateral"), 0, base.eligible_minor, SUM, currency))
    may = min(base.base_minor, base.limit_minor)
    cut = _("Haircut (advance rate {rate})").format(rate=share(base.advance_bp / 10_000, 0))
    rows.append(_step(cut, base.eligible_minor, base.base_minor, GREY, currency))
    if may < base.base_minor:
        rows.append(_step(_("Above the credit limit"), base.base_minor, may, GREY, currency))
    rows.append(_step(_("Balance"), may, may - base.outstanding_minor, BLUE, currency))
    last = _("Available") if base.available_minor >= 0 else _("Deficit")
    rows.append(_step(last, 0, base.available_minor, GREEN if base.available_minor >= 0 else RED, currency))
    return rows


def _step(what: str, start: int, end: int, hue: str, currency: str) -> dict[str, Any]:
    text = money(end - start, currency)
    return {"what": what, "from": start / 100, "to": end / 100, "edge": max(start, end) / 100, "hue": hue, "text": text}


def ltv_forecast(told: LoanForecast) -> alt.LayerChart:
    """The band of the ratio by week, its ceiling, and the weeks in which it is crossed."""
    rows = [{"on": p.on.isoformat(), "low": p.low, "median": p.median, "high": p.high} for p in told.points]
    ends = [end for point in told.points for end in (point.low, point.high)] + [told.ltv_ceiling]
    scale = alt.Scale(domain=[min(ends) - 0.02, max(ends) + 0.03], zero=False, nice=False)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%m-%d", labelFontSize=12, grid=False, tickCount=8))
    )
    axis = alt.Axis(format=".0%", labelFontSize=12, tickCount=6)
    y = alt.Y("median:Q", title=None, scale=scale, axis=axis)
    band = base.mark_area(color=BAND, opacity=0.75).encode(y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2.2).encode(y=y)
    dots = base.mark_circle(color=BLUE, size=22).encode(y=y, tooltip=_forecast_tooltip())
    layers = [band, line, dots, *_ceiling(told), *_breach(told)]
    return alt.layer(*layers).properties(height=270).configure_view(strokeWidth=0)


def _ceiling(told: LoanForecast) -> tuple[alt.Chart, alt.Chart]:
    text = _("Ceiling {amount}").format(amount=share(told.ltv_ceiling, 0))
    base = alt.Chart(alt.Data(values=[{"at": told.ltv_ceiling, "text": text}])).encode(y="at:Q")
    rule = base.mark_rule(color=RED, strokeDash=[5, 3], strokeWidth=2)
    return rule, base.mark_text(align="left", x=6, dy=-8, fontSize=12, color=RED).encode(text="text:N")


def _breach(told: LoanForecast) -> tuple[alt.Chart, ...]:
    """A mark at the week in which the median is above the ceiling, or at the earliest where only the worse end is."""
    week = told.breach_median if told.breach_median is not None else told.breach_earliest
    point = next((p for p in told.points if p.week == week), None)
    if point is None:
        return ()
    by = _("expected") if told.breach_median is not None else _("at the earliest")
    text = _("week {week} ({by})").format(week=point.week, by=by)
    base = alt.Chart(alt.Data(values=[{"on": point.on.isoformat(), "text": text}])).encode(x="on:T")
    rule = base.mark_rule(color=RED, strokeWidth=1.5)
    return rule, base.mark_text(align="left", dx=5, y=10, fontSize=12, fontWeight=600, color=RED).encode(text="text:N")


def _forecast_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("on:T", title=_("Week of"), format="%Y-%m-%d"),
        alt.Tooltip("median:Q", title=_("LTV, median"), format=".1%"),
        alt.Tooltip("low:Q", title=_("Better end"), format=".1%"),
        alt.Tooltip("high:Q", title=_("Worse end"), format=".1%"),
    ]


def price_course(names: Sequence[str], series: Sequence[PriceSeriesShape]) -> alt.LayerChart:
    """Prices per kg of live weight, one line per series."""
    rows = [
        {"on": point.on.isoformat(), "price": point.li_per_kg / 1000, "series": name}
        for name, one in zip(names, series, strict=True)
        for point in one.points
    ]
    legend = alt.Legend(title=None, orient="top", labelFontSize=12, labelLimit=400) if len(names) > 1 else None
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%Y-%m", labelFontSize=12, grid=False, tickCount=8)),
        y=alt.Y("price:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(labelFontSize=12, tickCount=5)),
        color=alt.Color("series:N", legend=legend, scale=alt.Scale(range=[BLUE, "#C25700", GREEN, GREY])),
    )
    tip = [
        alt.Tooltip("on:T", title=_("Day"), format="%Y-%m-%d"),
        alt.Tooltip("price:Q", title=_("Price per kg"), format=".2f"),
    ]
    line, dots = base.mark_line(strokeWidth=2), base.mark_circle(size=16, opacity=0.5).encode(tooltip=tip)
    return alt.layer(line, dots).properties(height=210).configure_view(strokeWidth=0)
