"""One movement request: papers, what stands against it, its history, and the steps this person may take."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from collateral.contract.ledger import DocumentShape, ExecutionAsked, MovementDetail, ProceedsAsked, StepWord
from dashboard import frame, session
from dashboard.deeds import do, say_done
from dashboard.ear_tags import named, numbers_of
from dashboard.figures import DASH, FEN, day_and_clock, exact_money, head, listed, zone_of
from dashboard.movement_words import MOVEMENT_EVENTS, MOVEMENT_STATES, NEEDED, PAPERS
from dashboard.particulars import on_day
from dashboard.screens import movement_groups
from dashboard.tables import MOVEMENTS, all_called, called, mark
from dashboard.words import _

NAMED = 60


def show(request_id: int) -> None:
    """The page of one request. Its facts are live; its forms are not, so that nothing written is lost."""
    frame.live(lambda: _facts(session.api().movement(request_id), frame.now()), every_s=15)
    if session.handles():
        frame.calmly(lambda: _steps(session.api().movement(request_id)))
    frame.live(lambda: _history(session.api().movement(request_id)), every_s=15)
    frame.link("movements", _("All movements"), "to_movements")


def _facts(told: MovementDetail, now: datetime) -> None:
    one = told.summary
    frame.heading(
        f"{called(MOVEMENTS, one.kind)} · #{one.request_id}", _("Times are {zone}.").format(zone=zone_of(now))
    )
    st.markdown(mark(MOVEMENT_STATES, one.state).badge())
    who, window, papers = st.columns([1.2, 1, 1.3])
    with who.container(border=True, key="movement_who", height="stretch"):
        st.markdown(f"**{one.reason}**")
        st.caption(_("asked by {who}, {at}").format(who=_who(told, "requested"), at=day_and_clock(one.requested_at)))
        if one.decided_by:
            by, at = _who(told, "approved", "refused", "withdrawn"), day_and_clock(one.decided_at)
            st.caption(_("decided by {who}, {at}").format(who=by, at=at))
        frame.link("loan", _("Open the loan"), "movement_loan_link", id=one.loan_id)
    with window.container(border=True, key="movement_window", height="stretch"):
        st.metric(_("Head"), head(one.leaving + one.entering))
        st.caption(f"{day_and_clock(one.window_from)} – {day_and_clock(one.window_to)}")
        if one.executed_at:
            st.caption(_("executed {at}").format(at=day_and_clock(one.executed_at)))
        if one.proceeds_minor is not None:
            st.caption(_("proceeds {amount}").format(amount=exact_money(one.proceeds_minor, "CNY")))
    with papers.container(border=True, key="movement_papers", height="stretch"):
        _papers(told)
    if told.objections:
        with st.container(border=True, key="movement_objections"):
            st.markdown(f":orange[:material/warning:] **{_('What still stands against approving it')}**")
            st.markdown("\n".join(f"- {objection}" for objection in told.objections))
    _animals(told)


def _papers(told: MovementDetail) -> None:
    st.markdown(f"**{_('Papers')}**")
    held = {paper.kind for paper in told.documents}
    for paper in told.documents:
        number = paper.number or f"`{(paper.sha256 or '')[:12]}`"
        st.markdown(f":green[:material/task:] {called(PAPERS, paper.kind)} · {number} · {on_day(paper.issued_on)}")
    for kind in NEEDED.get(told.summary.kind, ()):
        if kind not in held:
            st.markdown(f":orange[:material/scan_delete:] {called(PAPERS, kind)} · {_('missing')}")


def _animals(told: MovementDetail) -> None:
    known = numbers_of(told.summary.loan_id)
    for title, animals in (
        (_("Leaving"), told.leaving),
        (_("Entering"), [entrant.animal_id for entrant in told.entering]),
    ):
        if animals:
            more = " …" if len(animals) > NAMED else ""
            with st.expander(f"{title}: {head(len(animals))}"):
                st.markdown(listed(named(animals[:NAMED], known)) + more)
    movement_groups.show(told)


def _steps(told: MovementDetail) -> None:
    say_done("movement")
    state = told.summary.state
    if state == "requested":
        _decide(told)
        _add_paper(told.summary.request_id)
    elif state == "approved":
        _execute(told)
    elif state == "executed":
        _proceeds(told.summary.request_id)


def _decide(told: MovementDetail) -> None:
    number, own = told.summary.request_id, _who(told, "requested") == session.me().login
    with st.form("decide_form"):
        st.markdown(f"**{_('Decide')}**")
        if own:
            st.caption(_("You asked for this yourself: somebody else approves it."))
        note = st.text_input(_("Note"), key="decide_note", max_chars=500)
        with st.container(horizontal=True):
            steps: list[tuple[StepWord, str, bool]] = [
                ("approve", _("Approve"), told.may_approve),
                ("refuse", _("Refuse"), not own),
                ("withdraw", _("Withdraw"), own),
            ]
            pressed = [
                step
                for step, label, allowed in steps
                if st.form_submit_button(
                    label,
                    key=f"decide_{step}",
                    disabled=not allowed,
                    type="primary" if step == "approve" else "secondary",
                )
            ]
    for step in pressed:
        do("movement", partial(session.api().decide_movement, number, step, note), _("Done."))


def _who(told: MovementDetail, *steps: str) -> str:
    """The login of whoever took such a step last; the request itself holds ids."""
    return next((event.actor for event in reversed(told.events) if event.event in steps), DASH)


def _add_paper(request_id: int) -> None:
    with st.expander(_("Add a paper"), icon=":material/attach_file:"), st.form("paper_form"):
        kinds = all_called(PAPERS)
        kind = st.selectbox(_("Paper"), list(kinds), format_func=kinds.__getitem__, key="paper_kind")
        number = st.text_input(_("Its number"), key="paper_number", max_chars=64)
        issued = st.date_input(_("Issued on"), value=None, key="paper_issued")
        sent = st.form_submit_button(_("Add the paper"), key="paper_submit")
    if sent and not number.strip():
        st.warning(_("Please give the paper's number."), icon=":material/edit:")
    elif sent:
        told = {"kind": kind, "number": number.strip(), "issued_on": issued}
        do("movement", lambda: session.api().add_document(request_id, DocumentShape.model_validate(told)), _("Added."))


def _execute(told: MovementDetail) -> None:
    number = told.summary.request_id
    known = numbers_of(told.summary.loan_id)
    names = dict(zip(told.leaving, named(told.leaving, known), strict=True))
    with st.form("execute_form"):
        st.markdown(f"**{_('Book what really moved')}**")
        stayed = []
        if names or not told.groups_leaving:
            stayed = st.multiselect(
                _("Animals that stayed after all"), list(names), format_func=names.__getitem__, key="execute_stayed",
                placeholder=_("None"),
            )  # fmt: skip
        groups = movement_groups.moved(told)
        sent = st.form_submit_button(_("Book the execution"), type="primary", key="execute_submit")
    if sent:
        left = [animal for animal in told.leaving if animal not in stayed] if stayed else None
        asked = ExecutionAsked(left=left, groups=groups)
        do("movement", lambda: session.api().execute_movement(number, asked), _("Booked."))


def _proceeds(request_id: int) -> None:
    with st.form("proceeds_form"):
        st.markdown(f"**{_('Book the buyer’s proceeds')}**")
        amount = st.number_input(_("Amount (yuan)"), min_value=0.0, step=1000.0, key="proceeds_amount")
        receipt = st.text_input(_("Receipt number"), key="proceeds_receipt", max_chars=64)
        sent = st.form_submit_button(_("Book the proceeds"), type="primary", key="proceeds_submit")
    if sent and not receipt.strip():
        st.warning(_("Please give the receipt's number."), icon=":material/edit:")
    elif sent:
        asked = ProceedsAsked(proceeds_minor=round(amount * FEN), receipt_no=receipt.strip())
        do("movement", lambda: session.api().book_proceeds(request_id, asked), _("Booked."))


def _history(told: MovementDetail) -> None:
    st.subheader(_("History"), anchor=False)
    with st.container(border=True, key="movement_history"):
        for event in reversed(told.events):
            note = f" “{event.note}”" if event.note else ""
            what = called(MOVEMENT_EVENTS, event.event)
            st.markdown(f"`{day_and_clock(event.at)}` **{what}** · {event.actor}{note}")
        if not told.events:
            st.caption(DASH)
