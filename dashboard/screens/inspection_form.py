"""Opening a count session: which farm of which loan, which pens, and the window in which nothing may move."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from collateral.contract.http import LoanSummary, PenLine
from collateral.contract.inspection import SessionAsked, SessionReport
from dashboard import frame, session
from dashboard.deeds import do, moment
from dashboard.figures import default_zone, head
from dashboard.screens.loans import choose
from dashboard.words import _, named

USUAL_WINDOW = timedelta(hours=4)


def show(loan_id: str | None) -> None:
    """Folded away until wanted. Loan and farm stand outside the form: the pens depend on them."""
    with st.expander(_("Open a count session"), icon=":material/add:"):
        loans = {loan.loan_id: loan for loan in session.api().loans() if loan.farms}
        if not loans:
            st.caption(_("There are no loans in your branch."))
            return
        which, where = st.columns(2)
        chosen = choose(which, loans, loan_id, "session_loan")
        farms = {farm.id: named(farm) for farm in loans[chosen].farms}
        farm = where.selectbox(_("Farm"), list(farms), format_func=farms.__getitem__, key="session_farm")
        if farm:
            pens = [pen for pen in session.api().loan(chosen).pens if pen.farm.id == farm]
            _form(loans[chosen], farm, pens)


def _form(loan: LoanSummary, farm_id: str, pens: list[PenLine]) -> None:
    now = frame.now().astimezone(default_zone())
    names = {pen.pen_id: _("{pen} · {n} in the book").format(pen=pen.name, n=head(pen.book)) for pen in pens}
    with st.form("session_form"):
        chosen = st.multiselect(
            _("Pens to count"), list(names), default=list(names), format_func=names.__getitem__, key="session_pens",
            placeholder=_("None"),
        )  # fmt: skip
        begin, end = st.columns(2)
        freeze_from = moment(begin, _("Nothing moves from"), "session_from", now)
        freeze_until = moment(end, _("Nothing moves until"), "session_until", now + USUAL_WINDOW)
        st.caption(
            _("Within this time no animal may go from pen to pen. Keep it short: over 6 hours a session does not pass.")
        )
        sent = st.form_submit_button(_("Open the session"), type="primary", key="session_submit")
    if sent and not chosen:
        st.warning(_("Please choose at least one pen."), icon=":material/edit:")
    elif sent:
        asked = SessionAsked(farm_id=farm_id, pens=chosen, freeze_from=freeze_from, freeze_until=freeze_until)
        do("inspection", lambda: session.api().open_count_session(loan.loan_id, asked), _said)


def _said(opened: SessionReport) -> str:
    st.query_params["id"] = opened.session.session_id
    return _("The session is open. Read the tags of every pen.")
