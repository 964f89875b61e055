"""What an inspector does in a session: file reads and counted heads, draw the sample, file photographs, close."""

from __future__ import annotations

from functools import partial

import streamlit as st

from collateral.contract.inspection import HeadsAsked, HeadsShape, ReadsFileAnswer, SessionReport
from dashboard import frame, session
from dashboard.deeds import do, moment, say_done
from dashboard.figures import default_zone, head
from dashboard.screens import inspection_photos
from dashboard.upload import rows_left_out, upload
from dashboard.words import _

MOST_MB = 16  # the system takes no more
FAULTS = "reads_faults"


def show(told: SessionReport) -> None:
    """The forms of the present stage; a closed session has none."""
    say_done("inspection")
    if told.session.stage == "reading":
        st.subheader(_("1. Read the tags of every pen"), anchor=False)
        reads, heads = st.columns([1.5, 1])
        with reads:
            _reads(told)
        with heads:
            _heads(told)
        rows_left_out(st.session_state.get(FAULTS))
        st.subheader(_("2. Draw the sample"), anchor=False)
        _draw(told)
    elif told.session.stage == "photographing":
        st.subheader(_("3. Photograph the sample"), anchor=False)
        inspection_photos.show(told)
        st.subheader(_("4. Close the session"), anchor=False)
        _close(told)


def _reads(told: SessionReport) -> None:
    name = told.session.session_id
    pens = {"": _("As the file says"), **{pen.pen_id: pen.pen_name for pen in told.pens}}
    with st.form("reads_form", height="stretch"):
        st.markdown(f"**{_('File of the hand reader')}**")
        pen = st.selectbox(
            _("Pen in which the tags were read"), list(pens), format_func=pens.__getitem__, key="reads_pen"
        )
        given = upload(
            _("CSV with tag, time and, unless chosen above, pen"), ["csv", "txt"], "reads_file", most_mb=MOST_MB
        )
        with st.container(horizontal=True):
            check = st.form_submit_button(_("Only check the file"), key="reads_check")
            sent = st.form_submit_button(_("Record the reads"), type="primary", key="reads_submit")
    if (check or sent) and given is None:
        st.warning(_("Please choose a file."), icon=":material/edit:")
    elif (check or sent) and given is not None:
        step = partial(session.api().add_reads_file, name, given.getvalue(), pen or None, dry_run=not sent)
        do("inspection", step, _said)


def _said(answer: ReadsFileAnswer) -> str:
    st.session_state[FAULTS] = answer.faults
    text = _("Checked: {added} of {received} rows are good; nothing was written.")
    if not answer.dry_run:
        text = _("Recorded: {added} new reads from {received} rows.")
    return text.format(added=head(answer.added), received=head(answer.received))


def _heads(told: SessionReport) -> None:
    pens = {pen.pen_id: pen.pen_name for pen in told.pens}
    now = frame.now().astimezone(default_zone())
    with st.form("heads_form", height="stretch"):
        st.markdown(f"**{_('Heads counted by eye')}**")
        pen = st.selectbox(_("Pen"), list(pens), format_func=pens.__getitem__, key="heads_pen")
        number = st.number_input(_("Head"), min_value=0, step=1, value=None, key="heads_number")
        at = moment(st, _("Counted at"), "heads_at", now)
        sent = st.form_submit_button(_("Record the count"), key="heads_submit")
    if sent and number is None:
        st.warning(_("Please give the number of head."), icon=":material/edit:")
    elif sent and number is not None and pen:
        counted = HeadsShape(pen_id=pen, heads=int(number), counted_at=at, counted_by="eye")
        asked = HeadsAsked(heads=[counted])
        do("inspection", lambda: session.api().add_heads(told.session.session_id, asked), _("Recorded."))


def _draw(told: SessionReport) -> None:
    with st.form("sample_form"):
        st.caption(_("Once the sample is drawn the reads are final: read every pen first."))
        sent = st.form_submit_button(_("Draw the sample"), type="primary", key="sample_submit", disabled=not told.gross)
    if sent:
        st.session_state.pop(FAULTS, None)
        said = _("The sample is drawn. Photograph the animals it names.")
        do("inspection", lambda: session.api().draw_sample(told.session.session_id), said)


def _close(told: SessionReport) -> None:
    with st.form("close_form"):
        if told.refused_because:
            st.caption(_("As it stands the session would not pass; closed, it cannot be changed any more."))
        sure = st.checkbox(_("Close it for good"), key="close_sure")
        sent = st.form_submit_button(_("Close the session"), type="primary", key="close_submit")
    if sent and not sure:
        st.warning(_("Please confirm that it is to be closed for good."), icon=":material/edit:")
    elif sent:
        name = told.session.session_id
        do("inspection", lambda: session.api().close_count_session(name), _("The session is closed."))
