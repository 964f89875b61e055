"""How often each rule was right, with the interval that so few cases leave open."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# Altair leaves its constructors and operators untyped.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from collateral.contract.casework import RulePrecisionLine
from dashboard.charts import BLUE
from dashboard.figures import share
from dashboard.rule_words import RULES
from dashboard.tables import called
from dashboard.words import _

INTERVAL, INK = "#B9CCDC", "#1B2733"
ROW_PX = 28


def judged(lines: Sequence[RulePrecisionLine]) -> list[RulePrecisionLine]:
    """Those that somebody has judged, the least right first."""
    return sorted((line for line in lines if line.precision is not None), key=lambda line: (line.precision, line.rule))


def precision_by_rule(lines: Sequence[RulePrecisionLine]) -> alt.LayerChart:
    """A bar for the 95 % interval, a dot for what was found, and beside it of how many."""
    rows = [_row(line) for line in judged(lines)]
    names = alt.Axis(labelFontSize=13, ticks=False, domain=False, labelLimit=260, labelOverlap=False)
    y = alt.Y("rule:N", sort=[row["rule"] for row in rows], title=None, axis=names)
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format=".0%", labelFontSize=12, tickCount=5, orient="top")
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    bars = base.mark_bar(height=10, color=INTERVAL, cornerRadius=5).encode(
        x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q"
    )
    dots = base.mark_circle(color=BLUE, size=90).encode(x=alt.X("precision:Q"), tooltip=_tooltip())
    texts = base.mark_text(align="left", dx=8, fontSize=12, color=INK).encode(x=alt.X("high:Q"), text="text:N")
    return alt.layer(bars, dots, texts).properties(height=ROW_PX * len(rows) + 40).configure_view(strokeWidth=0)


def _row(line: RulePrecisionLine) -> dict[str, Any]:
    found = line.confirmed + line.false_alarms
    return {
        "rule": called(RULES, line.rule), "low": line.low, "high": line.high, "precision": line.precision,
        "text": _("{right} of {judged}").format(right=line.confirmed, judged=found),
        "interval": f"{share(line.low, 0)}–{share(line.high, 0)}",
    }  # fmt: skip


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("rule:N", title=_("Rule")),
        alt.Tooltip("precision:Q", title=_("Precision"), format=".0%"),
        alt.Tooltip("interval:N", title=_("95 % interval")),
        alt.Tooltip("text:N", title=_("Confirmed")),
    ]
