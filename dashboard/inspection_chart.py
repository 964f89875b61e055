"""A count session pen by pen: what the counted head turned out to be, and where the book stands."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from collateral.contract.inspection import SessionPen
from dashboard.figures import head
from dashboard.inspection_words import FOUND
from dashboard.words import _

MOST_PENS = 16
ROW_PX = 44
AROUND_PX = 92  # axis above and legend below stand within the chart's height
INK = "#1B2733"


def worst_first(pens: Sequence[SessionPen]) -> list[SessionPen]:
    """Those with most to explain first: counted twice, foreign, untagged or absent head."""
    return sorted(pens, key=lambda pen: (-(pen.twice + pen.foreign + pen.untagged + pen.absent), pen.pen_name))


def pens_counted(pens: Sequence[SessionPen]) -> alt.LayerChart:
    """One bar a pen: all that was counted there, then, pale, who is absent; a black mark where the book stands."""
    shown = worst_first(pens)[:MOST_PENS]
    parts = [part for pen in shown for part in _parts(pen)]
    marks = [_row(pen) for pen in shown]
    drawn = [code for code in FOUND if any(part["code"] == code for part in parts)]
    names = alt.Axis(labelFontSize=13, ticks=False, domain=False, labelLimit=240, labelOverlap=False)
    y = alt.Y("pen:N", sort=[row["pen"] for row in marks], title=None, axis=names)
    room = max([1, *(max(pen.gross + pen.absent, pen.book) for pen in shown)]) * 1.32
    scale = alt.Scale(domain=[0, room], nice=False)
    axis = alt.Axis(labelFontSize=12, tickCount=6, tickMinStep=1, orient="top")
    colour = alt.Color(
        "what:N", scale=alt.Scale(domain=[_(FOUND[code][0]) for code in drawn], range=[FOUND[c][1] for c in drawn]),
        legend=alt.Legend(
            title=None, orient="bottom", labelFontSize=12, symbolType="square", labelLimit=400, columns=3
        ),
    )  # fmt: skip
    tooltip = ["pen:N", "what:N", alt.Tooltip("head:Q", title=_("Head"))]
    bars = alt.Chart(alt.Data(values=parts)).mark_bar(height=18).encode(
        x=alt.X("head:Q", title=None, stack="zero", scale=scale, axis=axis), y=y, color=colour,
        order=alt.Order("place:Q"), tooltip=tooltip,
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=marks)).encode(y=y, tooltip=["pen:N", "text:N"])
    book = base.mark_tick(color=INK, thickness=3, size=28).encode(x=alt.X("book:Q", scale=scale))
    text = base.mark_text(align="left", dx=9, fontSize=12, color=INK).encode(
        x=alt.X("end:Q", scale=scale), text="text:N"
    )
    return alt.layer(bars, book, text).properties(height=ROW_PX * len(shown) + AROUND_PX).configure_view(strokeWidth=0)


def _parts(pen: SessionPen) -> list[dict[str, Any]]:
    figures: dict[str, int] = pen.model_dump(include=set(FOUND))
    return [
        {"pen": pen.pen_name, "code": code, "what": _(word), "place": place, "head": figures[code]}
        for place, (code, (word, _colour)) in enumerate(FOUND.items())
        if figures[code]
    ]


def _row(pen: SessionPen) -> dict[str, Any]:
    text = _("book {book}, counted {gross}, tags {tags}").format(
        book=head(pen.book), gross=head(pen.gross), tags=head(pen.tags)
    )
    return {"pen": pen.pen_name, "book": pen.book, "end": max(pen.book, pen.gross + pen.absent), "text": text}
