"""Asking for a movement: which loan, what kind, which animals and groups, when, with which papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from collateral.contract.ledger import MovementAsked, MovementDetail
from dashboard import frame, session
from dashboard.deeds import do, moment, say_done
from dashboard.ear_tags import meant, numbers_of
from dashboard.figures import FEN, default_zone, labelled, listed
from dashboard.movement_words import ENTERS, LEAVES, NEEDED, PAPERS
from dashboard.screens import movement_groups
from dashboard.screens.loans import choose
from dashboard.tables import MOVEMENTS, all_called, called
from dashboard.words import _


def show(loan_id: str | None) -> None:
    """Folded away until wanted. Kind and loan stand outside the form: the rest depends on them."""
    say_done("movement_form")
    with st.expander(_("Ask for a movement"), icon=":material/add:"):
        loans = {loan.loan_id: loan for loan in session.api().loans()}
        if not loans:
            st.caption(_("There are no loans in your branch."))
            return
        which, what = st.columns(2)
        loan = choose(which, loans, loan_id, "ask_loan")
        kinds = all_called(MOVEMENTS)
        kind = what.selectbox(_("Kind"), list(kinds), format_func=kinds.__getitem__, key="ask_kind")
        if kind:
            _form(loan, kind, movement_groups.choose(kind, session.api().groups(loan)))


def _form(loan_id: str, kind: str, groups: movement_groups.Chosen) -> None:
    now = frame.now().astimezone(default_zone())
    needed = [called(PAPERS, paper) for paper in NEEDED.get(kind, ())]
    with st.form("ask_form"):
        st.caption(labelled(_("Papers needed before it can be approved"), listed(needed)))
        leaving = entering = ""
        value = 0.0
        if kind in LEAVES:
            leaving = st.text_area(_("Animals that leave (ear tag numbers, one a line)"), key="ask_leaving", height=100)
        if kind in ENTERS:
            entering = st.text_area(
                _("Animals that enter (ear tag numbers, one a line)"), key="ask_entering", height=100
            )
            value = st.number_input(_("Value of each (yuan)"), min_value=0.0, step=100.0, key="ask_value")
        by_number = movement_groups.asked(groups)
        pen = st.text_input(_("To pen"), key="ask_pen") if kind == "transfer" else ""
        begin, end = st.columns(2)
        window_from = moment(begin, _("From"), "ask_from", now)
        window_to = moment(end, _("To"), "ask_to", now + timedelta(hours=6))
        reason = st.text_input(_("Reason"), key="ask_reason", max_chars=500)
        paper = st.text_input(_("Number of the paper, if at hand"), key="ask_paper", max_chars=64)
        sent = st.form_submit_button(_("Ask for it"), type="primary", key="ask_submit")
    if sent and not reason.strip():
        st.warning(_("Please write down the reason."), icon=":material/edit:")
    elif sent:
        known = numbers_of(loan_id)
        papers = [{"kind": NEEDED[kind][0], "number": paper.strip()}] if paper.strip() and NEEDED.get(kind) else []
        _ask(
            {
                "loan_id": loan_id, "kind": kind, "leaving": meant(leaving, known),
                "entering": [{"animal_id": a, "value_minor": round(value * FEN)} for a in meant(entering, known)],
                "to_pen_id": pen.strip() or None, "window_from": window_from, "window_to": window_to,
                "reason": reason.strip(), "documents": papers, **by_number,
            }
        )  # fmt: skip


def _ask(told: dict[str, Any]) -> None:
    do("movement_form", lambda: session.api().ask_movement(MovementAsked.model_validate(told)), _said)


def _said(made: MovementDetail) -> str:
    text = _("Request #{n} is asked for; somebody else approves it.").format(n=made.summary.request_id)
    missing = labelled(_("Still missing"), "; ".join(made.objections)) if made.objections else ""
    return f"{text} {missing}".strip()
