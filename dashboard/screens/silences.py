"""Planned work that silences what it causes: what is announced, announcing it, ending it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from collateral.contract.casework import SilenceRecord, SilenceRequest
from dashboard import frame, session
from dashboard.case_words import WORKS
from dashboard.deeds import do, moment, say_done
from dashboard.figures import day_and_clock, default_zone, head, labelled, listed
from dashboard.rule_words import RULES
from dashboard.tables import all_called, called
from dashboard.words import _, language, named


def show() -> None:
    """Folded away: a list, and for those who handle cases a form. Not live, so that nothing written is lost."""
    say_done("silence")
    told = session.api().silences()
    title = _("Planned work that silences alerts: {n}").format(n=head(len(told)))
    may_set = session.handles()
    with st.expander(title, icon=":material/notifications_off:"):
        for one in told:
            _row(one, may_end=may_set)
        if not told:
            st.caption(_("None is announced."))
        if may_set:
            _form()


def _row(one: SilenceRecord, *, may_end: bool) -> None:
    with st.container(border=True, key=f"silence_{one.silence_id}"):
        what, go = st.columns([5, 1], vertical_alignment="center")
        badge = f":gray-badge[{_('in force')}]" if one.in_force else f":blue-badge[{_('to come')}]"
        farm = getattr(one, f"farm_{language()}")
        what.markdown(f"{badge} **{called(WORKS, one.work)}** · {farm} · {one.why}")
        covers = listed(called(RULES, rule) for rule in one.rules) or _("all that such work can cause")
        span = f"{day_and_clock(one.starts_at)} – {day_and_clock(one.ends_at)}"
        silenced = _("{n} cases silenced").format(n=head(one.cases))
        what.caption(f"#{one.silence_id} · {span} · {one.set_by} · {labelled(_('Covers'), covers)} · {silenced}")
        if may_end and go.button(_("End now"), key=f"silence_end_{one.silence_id}"):
            do("silence", partial(session.api().end_silence, one.silence_id), _("Ended."))


def _form() -> None:
    now = frame.now().astimezone(default_zone())
    farms = {line.farm.id: named(line.farm) for line in session.api().herds()}
    works = all_called(WORKS)
    with st.form("silence_form"):
        st.markdown(f"**{_('Announce planned work')}**")
        where, what = st.columns(2)
        farm = where.selectbox(_("Farm"), list(farms), format_func=farms.__getitem__, key="silence_farm")
        work = what.selectbox(_("Kind of work"), list(works), format_func=works.__getitem__, key="silence_work")
        begin, end = st.columns(2)
        starts = moment(begin, _("From"), "silence_from", now)
        ends = moment(end, _("To"), "silence_to", now + timedelta(hours=4))
        movement = st.text_input(_("Number of the approved movement (for a planned move)"), key="silence_movement")
        why = st.text_input(_("Reason (stands in the record)"), key="silence_why", max_chars=2000)
        sent = st.form_submit_button(_("Announce"), type="primary", key="silence_submit")
    if sent and not why.strip():
        st.warning(_("Please write down why."), icon=":material/edit:")
    elif sent and farm and work:
        asked = {
            "work": work, "farm_id": farm, "movement_id": movement.strip().lstrip("#") or None, "starts_at": starts,
            "ends_at": ends, "why": why.strip(),
        }  # fmt: skip
        request = SilenceRequest.model_validate(asked)
        do(
            "silence",
            partial(session.api().set_silence, request),
            _("Announced: nobody is called for what this work causes."),
        )
