"""Asking for a movement: which loan, what kind, which animals, when, with which papers."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from collateral.contract.ledger import MovementAsked
from dashboard import frame, session
from dashboard.client import Away, Refused
from dashboard.figures import default_zone, labelled, listed
from dashboard.movement_words import ENTERS, LEAVES, NEEDED, PAPERS
from dashboard.screens.loans import borrower
from dashboard.tables import MOVEMENTS, all_called, called
from dashboard.words import _

FEN = 100
BETWEEN = re.compile(r"[\s,;，；、]+")


def show(loan_id: str | None) -> None:
    """Folded away until wanted. Kind and loan stand outside the form: the rest depends on them."""
    if message := st.session_state.pop("movement_asked", None):
        st.success(message, icon=":material/task_alt:")
    with st.expander(_("Ask for a movement"), icon=":material/add:"):
        loans = {loan.loan_id: loan for loan in session.api().loans()}
        if not loans:
            st.caption(_("There are no loans in your branch."))
            return
        which, what = st.columns(2)
        names = {key: f"{borrower(loan)} · {loan.contract_no}" for key, loan in loans.items()}
        loan = which.selectbox(
            _("Loan"), list(names), index=list(names).index(loan_id) if loan_id in names else 0, key="ask_loan",
            format_func=names.__getitem__,
        )  # fmt: skip
        kinds = all_called(MOVEMENTS)
        kind = what.selectbox(_("Kind"), list(kinds), format_func=kinds.__getitem__, key="ask_kind")
        if loan and kind:
            _form(loan, kind)


def _form(loan_id: str, kind: str) -> None:
    now = frame.now().astimezone(default_zone())
    needed = [called(PAPERS, paper) for paper in NEEDED.get(kind, ())]
    with st.form("ask_form"):
        st.caption(labelled(_("Papers needed before it can be approved"), listed(needed)))
        leaving = entering = ""
        value = 0.0
        if kind in LEAVES:
            leaving = st.text_area(_("Animals that leave (numbers, one a line)"), key="ask_leaving", height=100)
        if kind in ENTERS:
            entering = st.text_area(_("Animals that enter (numbers, one a line)"), key="ask_entering", height=100)
            value = st.number_input(_("Value of each (yuan)"), min_value=0.0, step=100.0, key="ask_value")
        pen = st.text_input(_("To pen"), key="ask_pen") if kind == "transfer" else ""
        begin, end = st.columns(2)
        window_from = _moment(begin, _("From"), "ask_from", now)
        window_to = _moment(end, _("To"), "ask_to", now + timedelta(hours=6))
        reason = st.text_input(_("Reason"), key="ask_reason", max_chars=500)
        paper = st.text_input(_("Number of the paper, if at hand"), key="ask_paper", max_chars=64)
        sent = st.form_submit_button(_("Ask for it"), type="primary", key="ask_submit")
    if sent and not reason.strip():
        st.warning(_("Please write down the reason."), icon=":material/edit:")
    elif sent:
        papers = [{"kind": NEEDED[kind][0], "number": paper.strip()}] if paper.strip() and NEEDED.get(kind) else []
        _ask(
            {
                "loan_id": loan_id, "kind": kind, "leaving": split(leaving),
                "entering": [{"animal_id": a, "value_minor": round(value * FEN)} for a in split(entering)],
                "to_pen_id": pen.strip() or None, "window_from": window_from, "window_to": window_to,
                "reason": reason.strip(), "documents": papers,
            }
        )  # fmt: skip


def split(text: str) -> list[str]:
    """Numbers as people paste them: by line, blank, comma or the Chinese comma."""
    return [part for part in BETWEEN.split(text) if part]


def _moment(column: Any, label: str, key: str, default: datetime) -> datetime:
    day: date = column.date_input(label, value=default.date(), key=f"{key}_day")
    at: time = column.time_input(
        label, value=default.time().replace(second=0, microsecond=0), key=f"{key}_time", label_visibility="collapsed"
    )
    return datetime.combine(day, at, default_zone())


def _ask(told: dict[str, Any]) -> None:
    try:
        made = session.api().ask_movement(MovementAsked.model_validate(told))
    except Refused as refusal:
        st.warning(_("This was refused: {reason}").format(reason=refusal), icon=":material/block:")
        return
    except Away:
        st.warning(_("The system is not answering. Please try again in a moment."), icon=":material/cloud_off:")
        return
    text = _("Request #{n} is asked for; somebody else approves it.").format(n=made.summary.request_id)
    if made.objections:
        text += " " + labelled(_("Still missing"), "; ".join(made.objections))
    st.session_state["movement_asked"] = text
    st.rerun()
