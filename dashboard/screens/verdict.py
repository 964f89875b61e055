"""What a person does about a case: acknowledge, verify, say what it was, confirm what another said."""

from __future__ import annotations

from functools import partial

import streamlit as st

from collateral.contract.casework import MoveRequest
from collateral.contract.http import CaseDetail, CaseSummary, ResolveRequest
from dashboard import session
from dashboard.case_words import CAUSES, STEP_HINTS, STEPS
from dashboard.deeds import do, say_done
from dashboard.figures import labelled
from dashboard.tables import DISPOSITIONS, all_called, called
from dashboard.words import _

NOTE_PX = 90
MOST_CHARS = 2000


def forms(case: CaseDetail) -> None:
    """What stands about the case, and the forms that this person may use on it now."""
    say_done("verdict")
    summary = case.summary
    standing(summary)
    if case.may_acknowledge:
        _acknowledge(summary.case_id)
    if case.may_resolve and summary.disposition:
        _second_person(summary)
    elif case.may_resolve:
        _resolve(summary)
    _steps(summary.case_id, [move for move in STEPS if move in case.may])
    if summary.state != "resolved" and not (case.may_acknowledge or case.may_resolve or case.may):
        st.caption(f":material/lock: {_('You can read this case; officers and risk staff decide on it.')}")


def standing(summary: CaseSummary) -> None:
    """Silenced, withdrawn, flapping, proposed: what a reader must know before doing anything."""
    if summary.silenced_by is not None:
        text = _("Silenced by planned work no. {n}: recorded, and nobody is called.").format(n=summary.silenced_by)
        st.info(text, icon=":material/notifications_off:")
    if summary.withdrawn_because:
        text = labelled(_("Withdrawn, because late data took the ground away"), summary.withdrawn_because)
        st.info(text, icon=":material/undo:")
    if summary.flapping:
        text = _("It comes and goes: it is held open as one case, and changes are not sent one by one.")
        st.info(text, icon=":material/sync_alt:")
    if summary.disposition:
        _proposed(summary)


def _proposed(summary: CaseSummary) -> None:
    """Who said what it was, and who must still agree."""
    causes = CAUSES.get(summary.disposition or "", {})
    words = f"{called(DISPOSITIONS, summary.disposition or '')} · {called(causes, summary.cause or 'other')}"
    by = summary.decided_by or _("the system")
    if summary.state == "resolved":
        st.info(_("{by} found: **{what}**").format(by=by, what=words), icon=":material/gavel:")
    elif summary.severity == "red":
        text = _("{by} proposes: **{what}**. A second person, of risk staff, must confirm it; {by} cannot.")
        st.info(text.format(by=by, what=words), icon=":material/supervisor_account:")
    else:
        st.info(_("{by} says: **{what}**. It waits to be closed.").format(by=by, what=words), icon=":material/gavel:")


def _acknowledge(case_id: int) -> None:
    with st.form("acknowledge_form"):
        st.markdown(f"**{_('Acknowledge: I am looking into it')}**")
        note = st.text_input(
            _("Note"), key="acknowledge_note", placeholder=_("What you do first, for example: called the farm"),
            max_chars=MOST_CHARS,
        )  # fmt: skip
        sent = st.form_submit_button(
            _("Acknowledge"), type="primary", key="acknowledge_submit", icon=":material/how_to_reg:"
        )
    if sent:
        do("verdict", lambda: session.api().acknowledge(case_id, note), _("Acknowledged."))


def _resolve(summary: CaseSummary) -> None:
    """Disposition and cause stand outside the form: the causes depend on the disposition."""
    red = summary.severity == "red"
    title = _("Propose what it turned out to be") if red else _("Resolve: what it turned out to be")
    with st.container(border=True, key="resolve_box"):
        st.markdown(f"**{title}**")
        if red:
            st.caption(_("A red case is closed by two: you propose, a second person of risk staff confirms."))
        said = all_called(DISPOSITIONS)
        disposition = str(
            st.radio(
                _("Disposition"), list(said), format_func=said.__getitem__, horizontal=True, key="resolve_disposition"
            )
        )
        causes = all_called(CAUSES[disposition])
        cause = st.selectbox(
            _("Cause"), list(causes), index=len(causes) - 1, format_func=causes.__getitem__,
            key=f"resolve_cause_{disposition}",
        )  # fmt: skip
        note = st.text_area(
            _("Note (required)"), key="resolve_note", max_chars=MOST_CHARS, height=NOTE_PX,
            placeholder=_("What was found, by whom, with which documents"),
        )  # fmt: skip
        label = _("Propose") if red else _("Resolve")
        sent = st.button(label, type="primary", key="resolve_submit", icon=":material/task_alt:")
    if sent and _is_written(note):
        _verdict(summary.case_id, disposition, cause or "other", note, _("Proposed.") if red else _("Resolved."))


def _second_person(summary: CaseSummary) -> None:
    """The checker agrees by giving the same verdict; who does not agree sends it back with the step below."""
    with st.form("confirm_form"):
        st.markdown(f"**{_('Confirm and close')}**")
        note = st.text_input(
            _("Note (required)"), key="confirm_note", max_chars=MOST_CHARS, placeholder=_("What you checked yourself")
        )
        sent = st.form_submit_button(
            _("Confirm and close"), type="primary", key="confirm_submit", icon=":material/task_alt:"
        )
    if sent and _is_written(note):
        _verdict(summary.case_id, str(summary.disposition), summary.cause or "other", note, _("Resolved."))


def _steps(case_id: int, moves: list[str]) -> None:
    """The smaller steps, each with its note, folded away."""
    for move in moves:
        with st.expander(called(STEPS, move), icon=":material/arrow_right_alt:"), st.form(f"step_{move}"):
            note = st.text_input(
                _("Note (required)"), key=f"step_note_{move}", placeholder=called(STEP_HINTS, move),
                max_chars=MOST_CHARS,
            )  # fmt: skip
            sent = st.form_submit_button(called(STEPS, move), key=f"step_submit_{move}")
        if sent and _is_written(note):
            request = MoveRequest.model_validate({"move": move, "note": note.strip()})
            do("verdict", partial(session.api().move_case, case_id, request), _("Noted."))


def _is_written(note: str) -> bool:
    if note.strip():
        return True
    st.warning(_("Please write down what was found."), icon=":material/edit:")
    return False


def _verdict(case_id: int, disposition: str, cause: str, note: str, done: str) -> None:
    told = {"disposition": disposition, "cause": cause, "note": note.strip()}
    request = ResolveRequest.model_validate(told)
    do("verdict", lambda: session.api().resolve(case_id, request), done)
