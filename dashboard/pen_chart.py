"""Pens by what each witness says of them, as a share of the pen's book: where a mark lies left of the line, look."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from collateral.contract.reconciliation import PenReconciliation
from dashboard.charts import BLUE, GREEN
from dashboard.figures import head, share
from dashboard.words import _

INTERVAL, INK, VIOLET = "#C9D6E2", "#1B2733", "#6B4FA0"
MOST_PENS = 12
ROW_PX = 28
AROUND_PX = 95  # axis above and legend below stand within the chart's height


def worst_first(pens: Sequence[PenReconciliation]) -> list[PenReconciliation]:
    """Those whose estimate falls shortest of the book first."""
    return sorted(pens, key=lambda pen: (_best(pen) / pen.book if pen.book else 1.0, pen.pen_name))


def pens_against_book(pens: Sequence[PenReconciliation]) -> alt.LayerChart:
    """At most a dozen pens, the worst first: estimate's interval as a bar, each witness as a mark."""
    shown = [pen for pen in worst_first(pens) if pen.book][:MOST_PENS]
    rows = [_row(pen) for pen in shown]
    marks = [mark for pen in shown for mark in _marks(pen)]
    ends = [row["low"] for row in rows] + [row["high"] for row in rows] + [mark["at"] for mark in marks] + [1.0]
    scale = alt.Scale(domain=[max(0.0, min(ends) - 0.04), max(ends) + 0.04], nice=False, zero=False)
    names = alt.Axis(labelFontSize=13, ticks=False, domain=False, labelLimit=200, labelOverlap=False)
    y = alt.Y("pen:N", sort=[row["pen"] for row in rows], title=None, axis=names)
    axis = alt.Axis(format=".0%", labelFontSize=12, tickCount=6, orient="top")
    x = alt.X("low:Q", title=None, scale=scale, axis=axis)
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=12, color=INTERVAL, cornerRadius=6)
        .encode(x=x, x2="high:Q", y=y, tooltip=_tooltip())
    )
    book = alt.Chart(alt.Data(values=[{"at": 1.0}])).mark_rule(color=INK, strokeWidth=1.5).encode(x=alt.X("at:Q"))
    legend = alt.Legend(title=None, orient="bottom", labelFontSize=12, symbolSize=110)
    domain = [_("Ear tags"), _("Camera"), _("Physical count")]
    dots = alt.Chart(alt.Data(values=marks)).mark_point(filled=True, size=85, opacity=0.95).encode(
        x=alt.X("at:Q"), y=y, tooltip=["witness:N", "text:N"],
        color=alt.Color("witness:N", scale=alt.Scale(domain=domain, range=[BLUE, VIOLET, GREEN]), legend=legend),
        shape=alt.Shape(
            "witness:N", legend=legend,
            scale=alt.Scale(domain=domain, range=["circle", "diamond", "triangle-up"]),
        ),
    )  # fmt: skip
    return alt.layer(bars, book, dots).properties(height=ROW_PX * len(rows) + AROUND_PX).configure_view(strokeWidth=0)


def _row(pen: PenReconciliation) -> dict[str, Any]:
    best, estimate = _best(pen), pen.estimate
    low, high = estimate.low if estimate.low is not None else best, estimate.high if estimate.high is not None else best
    return {
        "pen": _name(pen), "low": low / pen.book, "high": high / pen.book, "book": head(pen.book),
        "estimate": f"{head(low)}–{head(high)}", "coverage": share(pen.coverage),
    }  # fmt: skip


def _marks(pen: PenReconciliation) -> list[dict[str, Any]]:
    # A pen without tags, such as one of pigs, has no such witness: a mark at 0 % would say that they are gone.
    tags = pen.tags_seen if pen.tagged else None
    said = [(_("Ear tags"), tags), (_("Camera"), pen.camera.best), (_("Physical count"), pen.physical)]
    return [
        {"pen": _name(pen), "witness": witness, "at": told / pen.book, "text": head(told)}
        for witness, told in said
        if told is not None
    ]


def _name(pen: PenReconciliation) -> str:
    return f"{pen.pen_name} · {head(pen.book)}"


def _best(pen: PenReconciliation) -> int:
    return pen.estimate.best if pen.estimate.best is not None else pen.tags_seen


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("pen:N", title=_("Pen")),
        alt.Tooltip("book:N", title=_("Book")),
        alt.Tooltip("estimate:N", title=_("Estimate")),
        alt.Tooltip("coverage:N", title=_("Coverage")),
    ]
