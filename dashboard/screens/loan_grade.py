"""The early-warning grade of a loan at a glance: grade and score, three models as bars, the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from collateral.contract.early_warning import EarlyWarningPoint, ReasonShape
from dashboard.bars import bar
from dashboard.figures import as_of, head, labelled, listed
from dashboard.grades import COLOURS, GRADES, MODELS, reason, unknown
from dashboard.tables import Mark
from dashboard.words import _

FIRST_REASONS = 4
FULL = 100
QUIET = "#8CA0B3"
GRADE_STALE_AFTER = timedelta(hours=2)  # a grade that does not change is kept by the hour


def show(points: Sequence[EarlyWarningPoint], now: datetime) -> None:
    """The newest grade; a calm line before the first."""
    if not points:
        st.caption(f":material/pending: {_('No early-warning grade yet: the first comes with the next look.')}")
        return
    point, before = points[-1], points[-2] if len(points) > 1 else None
    with st.container(border=True, key=f"grade_card_{point.grade}"):
        grade, models, reasons = st.columns([1.15, 1.5, 2.2])
        with grade:
            _grade(point, before, now)
        with models:
            _models(point)
        with reasons:
            _reasons(point)


def _grade(point: EarlyWarningPoint, before: EarlyWarningPoint | None, now: datetime) -> None:
    mark = GRADES[point.grade]
    st.metric(
        _("Early-warning grade"), _(mark.word), icon=mark.icon,
        delta=f"{point.score - before.score:+.0f}" if before and round(point.score - before.score) else None,
        delta_color="inverse",
    )  # fmt: skip
    st.caption(_("Score {score} of 100").format(score=f"{point.score:.0f}"))
    st.caption(as_of(point.as_of, now, GRADE_STALE_AFTER))


def _models(point: EarlyWarningPoint) -> None:
    gravest = max(point.models, key=lambda model: point.models[model], default="")
    for model, name in MODELS.items():
        points = point.models.get(model, 0.0)
        st.markdown(f"<small>{_(name)} · **{points:.0f}**</small>", unsafe_allow_html=True)
        bar(points / FULL, colour=COLOURS[point.grade] if model == gravest and points else QUIET)


def _reasons(point: EarlyWarningPoint) -> None:
    st.markdown(f"**{_('Why')}**")
    if not point.reasons:
        st.markdown(f":green[:material/check_circle:] {_('Nothing speaks against this loan.')}")
    for told in point.reasons[:FIRST_REASONS]:
        st.markdown(line(told))
    if len(point.reasons) > FIRST_REASONS:
        more = head(len(point.reasons) - FIRST_REASONS)
        st.caption(_("and {n} more, under Warning over time").format(n=more))
    if point.unknown:
        st.caption(labelled(_("Not known"), listed(unknown(name) for name in point.unknown)))


def line(told: ReasonShape) -> str:
    """A reason with its points."""
    return f"{badge(told.points)} {reason(told)}"


def badge(points: float) -> str:
    """Points of 100 on the scale of severities: 15 blue, 35 yellow, 60 orange, 90 red."""
    steps = ((90, "red"), (60, "orange"), (35, "yellow"), (15, "blue"))
    colour = next((GRADES[word].colour for least, word in steps if points >= least), "gray")
    return Mark(f"+{points:.0f}", ":material/add_alert:", colour).badge()
