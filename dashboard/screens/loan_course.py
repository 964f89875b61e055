"""How a loan's warning and its coverage went, and every reason of the newest grade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from collateral.contract.early_warning import EarlyWarningPoint
from collateral.contract.http import CoverageSeries
from dashboard import charts
from dashboard.figures import day_and_clock
from dashboard.grade_chart import score_course
from dashboard.grades import GRADES, MODELS, reason
from dashboard.words import _

HISTORY_DAYS = 14
CHANGES_SHOWN = 8


def show(points: Sequence[EarlyWarningPoint], coverage: CoverageSeries, now: datetime) -> None:
    """Score, changes of grade, coverage."""
    with st.container(border=True, key="score_course"):
        st.markdown(f"**{_('Early-warning score over 30 days')}**")
        if points:
            st.altair_chart(score_course(points, now), width="stretch", key="score_chart")
        else:
            st.caption(_("No history yet."))
    if points:
        reasons, changes = st.columns(2)
        with reasons.container(border=True, key="all_reasons", height="stretch"):
            _reasons(points[-1])
        with changes.container(border=True, key="grade_changes", height="stretch"):
            _changes(points)
    with st.container(border=True, key="coverage_history"):
        st.markdown(f"**{_('Coverage over {days} days').format(days=HISTORY_DAYS)}**")
        if coverage.points:
            st.altair_chart(charts.coverage_history(coverage), width="stretch", key="history_chart")
        else:
            st.caption(_("No history yet."))


def _reasons(point: EarlyWarningPoint) -> None:
    st.markdown(f"**{_('Reasons of the newest grade')}**")
    for model, name in MODELS.items():
        own = [told for told in point.reasons if told.model == model]
        if own:
            st.caption(_(name))
        for told in own:
            st.markdown(f"**+{told.points:.0f}** {reason(told)}")
    st.caption(_("The gravest matter counts in full, what stands beside it by a quarter."))


def _changes(points: Sequence[EarlyWarningPoint]) -> None:
    st.markdown(f"**{_('When the grade changed')}**")
    firsts = [point for place, point in enumerate(points) if not place or points[place - 1].grade != point.grade]
    for point in reversed(firsts[-CHANGES_SHOWN:]):
        why = f" · {reason(point.reasons[0])}" if point.reasons else ""
        st.markdown(f"`{day_and_clock(point.as_of)}` {GRADES[point.grade].badge()}{why}")
