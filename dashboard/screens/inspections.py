"""盘点: the count sessions of a loan or of all, how far each has come and whether it passed."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import LoanSummary
from collateral.contract.inspection import SessionLine
from dashboard import frame, session
from dashboard.figures import ago, day_and_clock, head, labelled, zone_of
from dashboard.inspection_words import STAGES, farm_name, stage_of
from dashboard.screens import inspection, inspection_form
from dashboard.screens.loans import titled
from dashboard.tables import mark
from dashboard.words import _, ngettext


def show() -> None:
    """The list, or one session when the URL names it; `loan` narrows to one loan."""
    if session_id := st.query_params.get("id"):
        inspection.show(session_id)
        return
    frame.heading(
        _("Inspections"),
        _("Count sessions: every tag read once while nothing moves, and a sample nobody can choose photographed"),
    )
    loan_id = st.query_params.get("loan")
    if session.handles():
        frame.calmly(lambda: inspection_form.show(loan_id))
    frame.live(lambda: _draw(loan_id), every_s=15)


def _draw(loan_id: str | None) -> None:
    lines, now = session.api().count_sessions(loan_id), frame.now()
    loans = {loan.loan_id: loan for loan in session.api().loans()}
    if not lines:
        st.info(_("No inspection has been held yet."), icon=":material/info:")
    for title, found in (
        (_("Under way"), [line for line in lines if line.stage != "closed"]),
        (_("Closed"), [line for line in lines if line.stage == "closed"]),
    ):
        if found:
            st.subheader(labelled(title, head(len(found))), anchor=False)
        for line in found:
            _row(line, loans.get(line.loan_id), now)
    if lines:
        st.caption(_("Times are {zone}.").format(zone=zone_of(now)))
    if loan_id:
        frame.link("inspections", _("All inspections"), "to_inspections")


def _row(line: SessionLine, loan: LoanSummary | None, now: datetime) -> None:
    with st.container(border=True, key=f"inspection_row_{line.session_id}"):
        what, when, state, go = st.columns([4, 2.6, 2.4, 1.3], vertical_alignment="center")
        pens = ngettext("{n} pen", "{n} pens", len(line.pens)).format(n=head(len(line.pens)))
        what.markdown(f"**{farm_name(line, loan)}** · {pens}{_counted(line)}")
        what.caption(titled(loan) if loan else line.loan_id)
        when.markdown(f"{day_and_clock(line.freeze_from)} – {day_and_clock(line.freeze_until)}")
        when.caption(_("opened {age} by {who}").format(age=ago(line.opened_at, now), who=line.opened_by))
        state.markdown(mark(STAGES, stage_of(line)).badge())
        with go:
            frame.link("inspections", _("Open"), f"inspection_link_{line.session_id}", id=line.session_id)


def _counted(line: SessionLine) -> str:
    if line.gross is None or line.unique_tags is None:
        return ""
    text = _("{gross} head counted, {unique} different tags")
    return " · " + text.format(gross=head(line.gross), unique=head(line.unique_tags))
