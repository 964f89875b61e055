"""What a person does about a case: acknowledge it, resolve it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from collateral.contract.http import CaseDetail, ResolveRequest
from dashboard import session
from dashboard.client import Away, Refused
from dashboard.tables import DISPOSITIONS, called
from dashboard.words import _


def forms(case: CaseDetail) -> None:
    """The forms that this person may use on this case now."""
    if message := st.session_state.pop("verdict_done", None):
        st.success(message, icon=":material/task_alt:")
    if case.may_acknowledge:
        _acknowledge(case.summary.case_id)
    if case.may_resolve:
        _resolve(case.summary.case_id)
    if not case.may_acknowledge and not case.may_resolve and case.summary.state != "resolved":
        st.caption(f":material/lock: {_('You can read this case; officers and risk staff decide on it.')}")


def _acknowledge(case_id: int) -> None:
    with st.form("acknowledge_form"):
        st.markdown(f"**{_('Acknowledge: I am looking into it')}**")
        note = st.text_input(
            _("Note"), key="acknowledge_note", placeholder=_("What you do first, for example: called the farm"),
            max_chars=2000,
        )  # fmt: skip
        sent = st.form_submit_button(
            _("Acknowledge"), type="primary", key="acknowledge_submit", icon=":material/how_to_reg:"
        )
    if sent:
        _do(lambda: session.api().acknowledge(case_id, note), _("Acknowledged."))


def _resolve(case_id: int) -> None:
    labels = {code: called(DISPOSITIONS, code) for code in DISPOSITIONS}
    with st.form("resolve_form"):
        st.markdown(f"**{_('Resolve: what it turned out to be')}**")
        disposition = st.radio(
            _("Disposition"), list(labels), format_func=labels.__getitem__, horizontal=True,
            key="resolve_disposition",
        )  # fmt: skip
        note = st.text_area(
            _("Note (required)"), key="resolve_note", max_chars=2000, height=90,
            placeholder=_("What was found, by whom, with which documents"),
        )  # fmt: skip
        sent = st.form_submit_button(_("Resolve"), type="primary", key="resolve_submit", icon=":material/task_alt:")
    if sent and not note.strip():
        st.warning(_("Please write down what was found."), icon=":material/edit:")
    elif sent and disposition:
        request = ResolveRequest.model_validate({"disposition": disposition, "note": note.strip()})
        _do(lambda: session.api().resolve(case_id, request), _("Resolved."))


def _do(move: Callable[[], None], done: str) -> None:
    try:
        move()
    except Refused as refusal:
        st.warning(_("This was refused: {reason}").format(reason=refusal), icon=":material/block:")
        return
    except Away:
        st.warning(_("The system is not answering. Please try again in a moment."), icon=":material/cloud_off:")
        return
    st.session_state["verdict_done"] = done
    st.rerun()
