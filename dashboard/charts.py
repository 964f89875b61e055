"""Charts of a loan: coverage now, value against balance, coverage over time."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import altair as alt

from collateral.contract.http import CoverageSeries, LoanSummary
from dashboard.figures import default_zone, money, share
from dashboard.words import _

BLUE, GREY, PALE, RED, GREEN, AMBER = "#14507A", "#5B6875", "#E4EAF0", "#B3261E", "#1E6E45", "#C25700"
ENOUGH, LOW = 0.95, 0.90
GAUGE_PX = 124
FEW_DAYS = timedelta(days=5)


def coverage_colour(coverage: float) -> str:
    """Green from 95 %, amber from 90 %, red below; the word stands beside it."""
    return GREEN if coverage >= ENOUGH else AMBER if coverage >= LOW else RED


def coverage_word(coverage: float) -> str:
    """What that coverage means."""
    return _("sufficient") if coverage >= ENOUGH else _("low") if coverage >= LOW else _("too low")


def coverage_gauge(coverage: float) -> alt.LayerChart:
    """A half ring, filled by the covered share."""
    base = alt.Chart(alt.Data(values=[{}]))
    full, done = _arc(base, 1.0, PALE), _arc(base, min(coverage, 1.0), coverage_colour(coverage))
    figure = base.mark_text(text=share(coverage), fontSize=26, fontWeight=600, y=GAUGE_PX - 40, color="#1B2733")
    word = base.mark_text(text=coverage_word(coverage), fontSize=13, y=GAUGE_PX - 14, color=coverage_colour(coverage))
    return alt.layer(full, done, figure, word).properties(height=GAUGE_PX).configure_view(strokeWidth=0)


def _arc(base: alt.Chart, filled: float, colour: str) -> alt.Chart:
    start = -math.pi / 2
    return base.mark_arc(innerRadius=70, outerRadius=94, color=colour, y=GAUGE_PX - 16).encode(
        theta=alt.ThetaValue(start), theta2=alt.Theta2Value(start + math.pi * filled)
    )


def value_against_balance(loan: LoanSummary) -> alt.LayerChart:
    """Two bars and the mark that the balance must stay under."""
    allowed = loan.value_minor * loan.ltv_ceiling
    rows = [
        _amount(_("Assessed value"), loan.value_minor, loan.currency, "#1B2733"),
        _amount(_("Balance"), loan.balance_minor, loan.currency, "#FFFFFF"),
    ]
    room = max(loan.value_minor, loan.balance_minor) / 100 * 1.05
    axis = alt.Axis(labelFontSize=13, ticks=False, domain=False, labelLimit=160)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=axis),
        x=alt.X("amount:Q", title=None, axis=None, scale=alt.Scale(domainMax=room)),
    )
    hues = ["#9DB4C8", RED if loan.balance_minor > allowed else BLUE]
    bars = base.mark_bar(height=26, cornerRadiusEnd=3).encode(
        color=alt.Color("what:N", legend=None, scale=alt.Scale(domain=[str(r["what"]) for r in rows], range=hues))
    )
    # Inside the bars, at their beginning, where the mark of the ceiling never runs through the figures.
    labels = base.mark_text(align="left", dx=8, fontSize=13, fontWeight=600).encode(
        text="text:N", x=alt.value(0), color=alt.Color("ink:N", scale=None)
    )
    return (
        alt.layer(bars, labels, *_ceiling(allowed, loan.currency))
        .resolve_scale(color="independent")
        .properties(height=120)
        .configure_view(strokeWidth=0)
    )


def _amount(what: str, minor: int, currency: str, ink: str) -> dict[str, Any]:
    return {"what": what, "amount": minor / 100, "text": money(minor, currency), "ink": ink}


def _ceiling(allowed: float, currency: str) -> tuple[alt.Chart, alt.Chart]:
    text = _("Ceiling {amount}").format(amount=money(round(allowed), currency))
    limit = alt.Chart(alt.Data(values=[{"at": allowed / 100, "text": text}])).encode(x="at:Q")
    rule = limit.mark_rule(color=RED, strokeDash=[5, 3], strokeWidth=2)
    name = limit.mark_text(align="center", baseline="bottom", dy=-4, y=0, color=RED, fontSize=12)
    return rule, name.encode(text="text:N")


def coverage_history(series: CoverageSeries) -> alt.LayerChart:
    """Coverage as a line; the reconciled estimate's interval, as a share of the book, as a band behind it."""
    points = [_point(p) for p in series.points]
    scale = _scale(points)
    base = alt.Chart(alt.Data(values=points)).encode(x=alt.X("at:T", title=None, axis=_days(series)))
    band_name, line_name = _("Estimate interval (share of book)"), _("Coverage")
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=[line_name, band_name], range=[BLUE, "#B9CCDC"]),
        legend=alt.Legend(title=None, orient="top", labelFontSize=12, symbolType="square", labelLimit=400),
    )
    axis = alt.Axis(format=".0%", labelFontSize=12, tickCount=6, tickMinStep=0.05)
    band = base.transform_calculate(series=_quoted(band_name)).mark_area(opacity=0.75, interpolate="monotone")
    line = base.transform_calculate(series=_quoted(line_name)).mark_line(strokeWidth=2.2)
    return (
        alt.layer(
            band.encode(y=alt.Y("low:Q", title=None, scale=scale, axis=axis), y2="high:Q", color=colour),
            line.encode(y=alt.Y("coverage:Q", title=None, scale=scale), color=colour, tooltip=_tooltip()),
        )
        .properties(height=250)
        .configure_view(strokeWidth=0)
    )


def _days(series: CoverageSeries) -> alt.Axis:
    """One mark per day; while there are few days, marks by the hour that say so."""
    span = series.points[-1].as_of - series.points[0].as_of if series.points else timedelta()
    if span > FEW_DAYS:
        return alt.Axis(format="%m-%d", labelFontSize=12, grid=False, tickCount="day")
    return alt.Axis(format="%m-%d %H:%M", labelFontSize=12, grid=False, tickCount=6)


def _scale(points: list[dict[str, Any]]) -> alt.Scale:
    """From a little under the lowest figure to 100 %, or a little over when an estimate lies above the book."""
    lowest = min((min(p["low"], p["coverage"]) for p in points), default=0.9)
    highest = max((p["high"] for p in points), default=1.0)
    return alt.Scale(domain=[max(0.0, math.floor((lowest - 0.02) * 20) / 20), 1.0 if highest <= 1 else 1.05])


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("at:T", title=_("Time"), format="%m-%d %H:%M"),
        alt.Tooltip("coverage:Q", title=_("Coverage"), format=".1%"),
        alt.Tooltip("tags:Q", title=_("Tags seen")),
        alt.Tooltip("book:Q", title=_("Book")),
    ]


def _point(point: Any) -> dict[str, Any]:
    book = point.book or 1
    best = point.estimate.best if point.estimate.best is not None else point.tags_seen
    low, high = (point.estimate.low or best) / book, (point.estimate.high or best) / book
    return {
        "at": wall(point.as_of), "coverage": point.coverage, "low": low, "high": min(high, 1.05),
        "tags": point.tags_seen, "book": point.book,
    }  # fmt: skip


def wall(moment: datetime) -> str:
    """Farm time without a zone: the chart must not move it into the browser's zone."""
    return moment.astimezone(default_zone()).strftime("%Y-%m-%dT%H:%M:%S")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "’") + "'"
