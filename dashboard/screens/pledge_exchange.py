"""Exchanging lists, for the head office: this bank's to give away, another bank's to compare."""

from __future__ import annotations

from functools import partial

import streamlit as st

from collateral.contract.pledge_match import PartnerListAnswer
from dashboard import frame, session
from dashboard.deeds import calmly_told, do, say_done
from dashboard.figures import default_zone, head
from dashboard.upload import rows_left_out, upload
from dashboard.words import _

OWN, FAULTS = "own_pledge_list", "partner_faults"
MOST_MB = 200  # two million rows
BEFORE_ROWS = 2  # header and key check


def show(round_name: str) -> None:
    """Two forms side by side; what was wrong with the last list below them."""
    st.subheader(_("Exchange of round {round}").format(round=round_name), anchor=False)
    say_done("pledge_list")
    ours, theirs = st.columns(2)
    with ours.container(border=True, key="own_list", height="stretch"):
        _own(round_name)
    with theirs:
        _theirs()
    rows_left_out(st.session_state.get(FAULTS))


def _own(round_name: str) -> None:
    st.markdown(f"**{_('List of this bank')}**")
    st.caption(_("Keyed hashes alone: no names, ear tag numbers or values. Partners delete it once it is compared."))
    if st.button(_("Make the list"), key="own_list_make", icon=":material/key:"):
        with calmly_told():
            st.session_state[OWN] = session.api().own_pledge_list()
    data = st.session_state.get(OWN)
    if data is not None:
        rows = head(max(0, len(data.splitlines()) - BEFORE_ROWS))
        st.download_button(
            _("Download {n} hashes").format(n=rows), data, f"pledges-{round_name}-{frame.now():%Y%m%d}.csv", "text/csv",
            key="own_list_file", icon=":material/download:", on_click="ignore", type="primary",
        )  # fmt: skip


def _theirs() -> None:
    today = frame.now().astimezone(default_zone()).date()
    with st.form("partner_form", height="stretch"):
        st.markdown(f"**{_('List of another bank')}**")
        code, day = st.columns(2)
        partner = code.text_input(_("The bank's code"), key="partner_code", max_chars=32)
        as_of = day.date_input(_("The day it speaks of"), value=today, key="partner_day")
        given = upload(_("Its list as it was sent (CSV)"), ["csv"], "partner_file", most_mb=MOST_MB)
        with st.container(horizontal=True):
            check = st.form_submit_button(_("Only check the file"), key="partner_check")
            sent = st.form_submit_button(_("Take it and compare"), type="primary", key="partner_submit")
    if not (check or sent):
        return
    if given is None or not partner.strip():
        st.warning(_("Please give the bank's code and its file."), icon=":material/edit:")
        return
    step = partial(session.api().take_partner_list, given.getvalue(), partner.strip(), as_of, dry_run=not sent)
    do("pledge_list", step, _said)


def _said(answer: PartnerListAnswer) -> str:
    st.session_state[FAULTS] = answer.faults
    if answer.refused:
        return _("The list cannot be read: nothing was taken. Below stands why.")
    if answer.dry_run:
        return _("Checked: {n} rows are good; nothing was taken.").format(n=head(answer.rows))
    if not answer.stored:
        return _("This very list was taken before; nothing has changed.")
    text = _("Taken: {n} rows compared; {animals} of our animals stand on it (loans: {loans}).")
    return text.format(n=head(answer.rows), animals=head(answer.exact_animals), loans=head(len(answer.loans_matched)))
