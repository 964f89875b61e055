"""One loan in the pledge check: what matches, whether it may be drawn on, and the override that takes two people."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from collateral.contract.pledge_match import DrawdownAnswer, MatchShape, OverrideAsked, PledgeCheckAnswer
from dashboard import frame, session
from dashboard.deeds import do, say_done
from dashboard.figures import DASH, ago, day_and_clock, head, labelled, listed
from dashboard.particulars import on_day
from dashboard.pledge_words import BLOCK_EVENTS, BLOCKS, SCHEMES
from dashboard.screens.loans import borrower
from dashboard.tables import called, mark
from dashboard.words import _, named

LEAST_REASON = 10
TABLE_PX = 420


def show(loan_id: str) -> None:
    """The page of one loan. Its facts are live; its forms are not, so that nothing written is lost."""
    frame.live(lambda: _facts(loan_id), every_s=30)
    if session.handles():
        frame.calmly(lambda: _steps(loan_id))
    frame.live(lambda: _history(session.api().drawdown(loan_id)), every_s=30)
    with st.container(horizontal=True):
        frame.link("pledges", _("The whole pledge check"), "to_pledges")
        frame.link("loan", _("Open the loan"), "pledge_loan_link", id=loan_id)


def _facts(loan_id: str) -> None:
    api, now = session.api(), frame.now()
    loan, found, drawn = api.loan(loan_id).loan, api.pledge_matches(loan_id), api.drawdown(loan_id)
    frame.heading(_("Pledge check of {borrower}").format(borrower=borrower(loan)), loan.contract_no)
    exact = sorted((one for one in found if one.scheme != "farm"), key=lambda one: (one.identity, one.partner))
    manual = [one for one in found if one.scheme == "farm"]
    with st.container(border=True, key="pledge_verdict"):
        st.markdown(f"#### {_verdict(exact, loan.book)}")
        st.markdown(mark(BLOCKS, drawn.state or "free").badge())
        if exact:
            st.caption(
                _("The other bank's customer is not known here and must not be asked for: ask the bank, by its code.")
            )
    if exact:
        rows = [_row(one, now) for one in exact]
        st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), TABLE_PX))
    if manual:
        st.subheader(_("Same farm, species and time: for a person to look into"), anchor=False)
        farms = {farm.id: named(farm) for farm in loan.farms}
        st.dataframe(
            [_farm(one, farms.get(one.subject, one.subject)) for one in manual], hide_index=True, width="stretch"
        )


def _verdict(exact: list[MatchShape], book: int) -> str:
    if not exact:
        return f":green[:material/check_circle: {_('No number of this loan stands on a list that was compared')}]"
    text = _("{n} of {book} animals stand on a list of: {banks}").format(
        n=head(len({one.subject for one in exact})), book=head(book), banks=listed(sorted({o.partner for o in exact}))
    )
    return f":red[:material/error: {text}]"


def _row(one: MatchShape, now: datetime) -> dict[str, str]:
    return {
        _("Our ear tag number"): one.identity or one.subject,
        _("What is the same"): called(SCHEMES, one.scheme),
        _("Bank"): one.partner,
        _("List of"): on_day(one.listed_on),
        _("Our tag last heard"): ago(one.heard_at, now) if one.heard_at else _("not within 14 days"),
        _("Let pass"): _("yes") if one.overridden else DASH,
    }


def _farm(one: MatchShape, name: str) -> dict[str, str]:
    return {_("Farm"): name, _("Bank"): one.partner, _("List of"): on_day(one.listed_on)}


def _steps(loan_id: str) -> None:
    say_done("pledge_loan")
    drawn = session.api().drawdown(loan_id)
    if st.button(_("Check it again now"), key="pledge_check", icon=":material/sync:"):
        do("pledge_loan", lambda: session.api().check_pledges(loan_id), _checked)
    if drawn.may_ask:
        _ask(loan_id)
    elif drawn.state == "override_asked":
        _decide(loan_id, drawn)


def _checked(answer: PledgeCheckAnswer) -> str:
    if not answer.partners:
        return _("There is no list of another bank to compare with, so nothing is known yet.")
    text = _("Compared with {banks}: {n} animals stand on their lists.")
    said = text.format(banks=listed(answer.partners), n=head(answer.exact_animals))
    return f"{said} {labelled(_('Not compared'), listed(answer.unchecked))}" if answer.unchecked else said


def _ask(loan_id: str) -> None:
    with st.form("override_form"):
        st.markdown(f"**{_('Ask to let it pass')}**")
        st.caption(_("It takes two people: you say why, somebody else of risk staff decides. Both stay on record."))
        reason = st.text_area(_("Reason"), key="override_reason", max_chars=1000, height=80)
        sent = st.form_submit_button(_("Ask for the override"), type="primary", key="override_submit")
    if sent and _is_told(reason):
        asked = OverrideAsked(reason=reason.strip())
        do("pledge_loan", lambda: session.api().ask_override(loan_id, asked), _("Asked for; somebody else decides."))


def _decide(loan_id: str, drawn: DrawdownAnswer) -> None:
    if not drawn.may_confirm:
        st.caption(_("An override is asked for: somebody else of risk staff decides it."))
        return
    with st.form("verdict_form"):
        st.markdown(f"**{_('Decide on the override')}**")
        reason = st.text_area(_("Reason"), key="verdict_reason", max_chars=1000, height=80)
        with st.container(horizontal=True):
            confirm = st.form_submit_button(_("Let it pass"), key="verdict_confirm")
            decline = st.form_submit_button(_("Leave it blocked"), type="primary", key="verdict_decline")
    if (confirm or decline) and _is_told(reason):
        asked = OverrideAsked(reason=reason.strip())
        step = partial(session.api().decide_override, loan_id, "confirm" if confirm else "decline", asked)
        do("pledge_loan", step, _("Decided."))


def _is_told(reason: str) -> bool:
    if len(reason.strip()) >= LEAST_REASON:
        return True
    st.warning(_("Please write down the reason, in ten letters or more."), icon=":material/edit:")
    return False


def _history(drawn: DrawdownAnswer) -> None:
    if not drawn.events:
        return
    st.subheader(_("History"), anchor=False)
    with st.container(border=True, key="pledge_history"):
        for event in reversed(drawn.events):
            note = f" “{event.note}”" if event.note else ""
            st.markdown(f"`{day_and_clock(event.at)}` **{called(BLOCK_EVENTS, event.event)}** · {event.actor}{note}")
