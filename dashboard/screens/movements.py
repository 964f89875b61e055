"""变动申请: what moves in and out of the pledge, who asked, who approved, what is still missing."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import LoanSummary
from collateral.contract.ledger import MovementSummary
from dashboard import frame, session
from dashboard.figures import ago, day_and_clock, head
from dashboard.movement_words import MOVEMENT_STATES
from dashboard.screens import movement, movement_form
from dashboard.screens.loans import titled
from dashboard.tables import MOVEMENTS, called, mark
from dashboard.words import _

WAITING = ("requested", "approved", "executed")


def show() -> None:
    """The list, or one request when the URL names it; `loan` narrows to one loan."""
    number = st.query_params.get("id", "")
    if number.isdigit():
        movement.show(int(number))
        return
    frame.heading(_("Movements"), _("Sales, deaths, births, purchases, transfers, substitutions, releases"))
    loan_id = st.query_params.get("loan")
    if session.handles():
        frame.calmly(lambda: movement_form.show(loan_id))
    frame.live(lambda: _draw(loan_id), every_s=15)


def _draw(loan_id: str | None) -> None:
    requests, now = session.api().movements(loan_id), frame.now()
    loans = {loan.loan_id: loan for loan in session.api().loans()}
    waiting = [one for one in requests if one.state in WAITING]
    done = [one for one in requests if one.state not in WAITING]
    if not requests:
        st.success(_("No movement has been asked for."), icon=":material/task_alt:")
    if waiting:
        st.subheader(_("Waiting: {n}").format(n=head(len(waiting))), anchor=False)
    for one in waiting:
        _row(one, loans.get(one.loan_id), now)
    if done:
        st.subheader(_("Done"), anchor=False)
    for one in done:
        _row(one, loans.get(one.loan_id), now)


def _row(one: MovementSummary, loan: LoanSummary | None, now: datetime) -> None:
    with st.container(border=True, key=f"movement_row_{one.request_id}"):
        what, when, state, go = st.columns([4, 2.6, 2.4, 1.3], vertical_alignment="center")
        whose = titled(loan) if loan else one.loan_id
        what.markdown(f"**{called(MOVEMENTS, one.kind)}** · {heads(one)} · {one.reason}")
        what.caption(f"#{one.request_id} · {whose}")
        when.markdown(f"{day_and_clock(one.window_from)} – {day_and_clock(one.window_to)}")
        when.caption(_("asked for {age}").format(age=ago(one.requested_at, now)))
        state.markdown(mark(MOVEMENT_STATES, one.state).badge())
        with go:
            frame.link("movements", _("Open"), f"movement_link_{one.request_id}", id=str(one.request_id))


def heads(one: MovementSummary) -> str:
    """How many leave, how many enter."""
    parts = [
        _("{n} head out").format(n=head(one.leaving)) if one.leaving else "",
        _("{n} head in").format(n=head(one.entering)) if one.entering else "",
    ]
    return " · ".join(part for part in parts if part)
