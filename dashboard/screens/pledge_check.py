"""重复质押核查: whether another bank holds what secures our loans, without either showing its customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from collateral.contract.http import LoanSummary
from collateral.contract.pledge_match import MatchedLoan, PartnerShape, PledgeOverview
from dashboard import frame, session
from dashboard.figures import ago, head, labelled, listed
from dashboard.particulars import on_day
from dashboard.pledge_words import BLOCKS
from dashboard.screens import pledge_exchange, pledge_loan
from dashboard.screens.loans import borrower, titled
from dashboard.tables import mark
from dashboard.words import _, ngettext


def show() -> None:
    """The overview, or one loan when the URL names it."""
    if loan_id := st.query_params.get("loan"):
        pledge_loan.show(loan_id)
        return
    frame.heading(
        _("Pledge check"), _("Banks compare keyed hashes of ear tag numbers: what both hold shows, and nothing else")
    )
    st.caption(f":material/visibility: {limits_told()}")
    frame.live(_matched, every_s=30)
    frame.calmly(_exchange)
    frame.live(_partners, every_s=30)
    frame.calmly(_another_loan)


def limits_told() -> str:
    """What the check does not hide, in one sentence."""
    return _(
        "What it does not hide: whoever has the round's key can try out ear tag numbers on a list, and every list "
        "tells how many animals and farms its bank holds, species and time of a farm's pledges in the clear."
    )


def _matched() -> None:
    told = session.api().pledge_overview()
    loans = {loan.loan_id: loan for loan in session.api().loans()}
    found = sorted(told.loans, key=lambda one: (one.allowed, -one.exact_animals, one.loan_id))
    blocked = [one for one in found if not one.allowed]
    if blocked:
        text = ngettext("{n} loan may not be drawn on", "{n} loans may not be drawn on", len(blocked))
        st.subheader(text.format(n=head(len(blocked))), anchor=False)
    elif not found:
        _nothing(told)
    for one in found:
        _row(one, loans)


def _nothing(told: PledgeOverview) -> None:
    """No match is good news only where there was something to compare with."""
    if any(partner.comparable for partner in told.partners):
        st.success(_("No pledged animal stands on another bank's list."), icon=":material/task_alt:")
    else:
        text = _("There is no list of another bank to compare with, so nothing is known yet.")
        st.info(text, icon=":material/help:")


def _row(one: MatchedLoan, loans: Mapping[str, LoanSummary]) -> None:
    loan = loans.get(one.loan_id)
    with st.container(border=True, key=f"pledge_row_{one.loan_id}"):
        what, found, state, go = st.columns([3.4, 3, 2.6, 1.2], vertical_alignment="center")
        what.markdown(f"**{borrower(loan)}**" if loan else f"**{one.loan_id}**")
        what.caption(f"{loan.contract_no} · {labelled(_('Book'), head(loan.book))}" if loan else "")
        found.markdown(_("{n} animals stand on another bank's list").format(n=f"**{head(one.exact_animals)}**"))
        found.caption(_also(one))
        state.markdown(mark(BLOCKS, one.state or "free").badge())
        with go:
            frame.link("pledges", _("Open"), f"pledge_link_{one.loan_id}", loan=one.loan_id)


def _also(one: MatchedLoan) -> str:
    banks = labelled(_("Bank"), listed(one.partners)) if one.partners else ""
    farms = ngettext("{n} farm to look into", "{n} farms to look into", one.manual) if one.manual else ""
    return " · ".join(part for part in (banks, farms.format(n=head(one.manual))) if part)


def _exchange() -> None:
    told = session.api().pledge_overview()
    if told.round is None:
        text = _("This bank takes part in no round yet: IT sets the round and its key.")
        st.info(text, icon=":material/info:")
    elif told.may_exchange:
        pledge_exchange.show(told.round)


def _partners() -> None:
    told, now = session.api().pledge_overview(), frame.now()
    if told.partners:
        st.subheader(_("Lists of other banks"), anchor=False)
        rows = [_partner(one, now) for one in told.partners]
        st.dataframe(rows, hide_index=True, width="stretch")


def _partner(one: PartnerShape, now: datetime) -> dict[str, str]:
    return {
        _("Bank"): one.partner,
        _("Round"): one.round,
        _("List of"): on_day(one.as_of),
        _("Rows"): head(one.rows),
        _("Taken"): ago(one.imported_at, now),
        _("Taken by"): one.imported_by,
        _("Compared"): _("yes") if one.comparable else _("no: it is of another round"),
    }


def _another_loan() -> None:
    loans = {loan.loan_id: titled(loan) for loan in session.api().loans()}
    with st.expander(_("Look at any loan"), icon=":material/search:"):
        which, go = st.columns([4, 1], vertical_alignment="bottom")
        loan = which.selectbox(_("Loan"), list(loans), format_func=loans.__getitem__, key="pledge_any")
        if loan:
            with go:
                frame.link("pledges", _("Open"), "pledge_any_link", loan=loan)
