"""A camera's count against time: best figure, interval, the book, and when and why nothing was known."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from collateral.contract.http import CountSeries
from collateral.evidence.course import NO_COUNT, Moment, Stretch, known_runs, unknown_stretches
from dashboard.charts import BLUE, RED, wall
from dashboard.figures import default_zone, head
from dashboard.tables import unknown_reason
from dashboard.words import _

BAND, UNKNOWN = "#B9CCDC", "#DDE2E7"
HEIGHT = 170


def count_history(series: CountSeries) -> alt.LayerChart:
    """Best figure as a line, its interval as a band, the book dashed, unknown times grey with their reason."""
    moments = [Moment(p.at, p.low, p.best, p.high, p.unknown_because or "") for p in series.points]
    rows = [_row(moment, number) for number, run in enumerate(known_runs(moments)) for moment in run]
    spans = [_span(stretch) for stretch in unknown_stretches(moments)]
    return (
        alt.layer(*_unknown(spans), *_known(rows, series.book), *_book(series.book))
        .resolve_scale(color="independent")
        .properties(height=HEIGHT)
        .configure_view(strokeWidth=0)
    )


def _known(rows: Sequence[dict[str, Any]], book: int) -> tuple[alt.Chart, alt.Chart, alt.Chart]:
    time = alt.X("at:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelFontSize=11, grid=False, tickCount=4))
    base = alt.Chart(alt.Data(values=list(rows))).encode(x=time, detail="run:N")
    scale = alt.Scale(domain=_domain(rows, book), nice=True, zero=False)
    y = alt.Y("best:Q", title=None, scale=scale, axis=alt.Axis(labelFontSize=11, tickCount=4, format="d"))
    band = base.mark_area(color=BAND, opacity=0.8).encode(y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2).encode(y=y)
    # A count that stands alone has no line; each one tells its figures.
    dots = base.mark_circle(color=BLUE, size=18).encode(y=y, tooltip=_tooltip())
    return band, line, dots


def _unknown(spans: Sequence[dict[str, Any]]) -> tuple[alt.Chart, ...]:
    base = alt.Chart(alt.Data(values=list(spans)))
    told = [alt.Tooltip("why:N", title=_("unknown")), alt.Tooltip("from:N", title=_("Time"))]
    grey = base.mark_rect(color=UNKNOWN).encode(x=alt.X("since:T", title=None), x2="until:T", tooltip=told)
    return (grey,) if spans else ()


def _book(book: int) -> tuple[alt.Chart, alt.Chart]:
    base = alt.Chart(alt.Data(values=[{"book": book, "text": f"{_('Book')} {head(book)}"}])).encode(y="book:Q")
    rule = base.mark_rule(color=RED, strokeDash=[5, 3], strokeWidth=1.5)
    name = base.mark_text(align="left", x=4, dy=-7, fontSize=11, color=RED).encode(text="text:N")
    return rule, name


def _domain(rows: Sequence[dict[str, Any]], book: int) -> list[int]:
    """From a little under the lowest to a little over the highest figure, the book among them."""
    figures = [row[name] for row in rows for name in ("low", "high")] + [book]
    room = max(2, round((max(figures) - min(figures)) * 0.15))
    return [max(0, min(figures) - room), max(figures) + room]


def _row(moment: Moment, run: int) -> dict[str, Any]:
    return {"at": wall(moment.at), "low": moment.low, "best": moment.best, "high": moment.high, "run": run}


def _span(stretch: Stretch) -> dict[str, Any]:
    why = _("no count came") if stretch.why == NO_COUNT else unknown_reason(stretch.why)
    clocks = "–".join(f"{at.astimezone(default_zone()):%m-%d %H:%M}" for at in (stretch.since, stretch.until))
    return {"since": wall(stretch.since), "until": wall(stretch.until), "why": why, "from": clocks}


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("at:T", title=_("Time"), format="%m-%d %H:%M"),
        alt.Tooltip("best:Q", title=_("Head")),
        alt.Tooltip("low:Q", title=_("At least")),
        alt.Tooltip("high:Q", title=_("At most")),
    ]
