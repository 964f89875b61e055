"""The early-warning score over time, on the colour of the grade that held at each moment."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import altair as alt

from collateral.contract.early_warning import EarlyWarningPoint
from dashboard.charts import FEW_DAYS, wall
from dashboard.grades import GRADES, PALE
from dashboard.words import _

INK = "#1B2733"
FULL = 100


def score_course(points: Sequence[EarlyWarningPoint], now: datetime) -> alt.LayerChart:
    """The score as steps: each holds until the next, the newest until `now`.

    A bank sets its own thresholds, so the colours are those of the grades that were given, not lines drawn here.
    """
    ends = [*(after.as_of for _point, after in pairwise(points)), now]
    spans = [_row(point) | {"until": wall(end)} for point, end in zip(points, ends, strict=True)]
    held = [*spans, spans[-1] | {"at": wall(now)}]
    few = now - points[0].as_of <= FEW_DAYS
    axis = alt.Axis(format="%m-%d %H:%M" if few else "%m-%d", labelFontSize=12, grid=False, tickCount=6)
    x = alt.X("at:T", title=None, axis=axis)
    scale = alt.Scale(domain=[0, FULL])
    names = [_(mark.word) for mark in GRADES.values()]
    colour = alt.Color(
        "grade:N",
        scale=alt.Scale(domain=names, range=[PALE[code] for code in GRADES]),
        legend=alt.Legend(title=None, orient="top", labelFontSize=12, symbolType="square"),
    )
    ground = alt.Chart(alt.Data(values=spans)).mark_rect(y=0, y2="height")
    ground = ground.encode(x=x, x2="until:T", color=colour)
    base = alt.Chart(alt.Data(values=held)).encode(x=x)
    y = alt.Y("score:Q", title=None, scale=scale, axis=alt.Axis(labelFontSize=12, tickCount=5))
    line = base.mark_line(color=INK, strokeWidth=2.2, interpolate="step-after").encode(y=y)
    dots = base.mark_circle(color=INK, size=26).encode(y=y, tooltip=_tooltip())
    return alt.layer(ground, line, dots).properties(height=240).configure_view(strokeWidth=0)


def _row(point: EarlyWarningPoint) -> dict[str, Any]:
    return {"at": wall(point.as_of), "score": point.score, "grade": _(GRADES[point.grade].word)}


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("at:T", title=_("Time"), format="%m-%d %H:%M"),
        alt.Tooltip("score:Q", title=_("Score"), format=".0f"),
        alt.Tooltip("grade:N", title=_("Grade")),
    ]
