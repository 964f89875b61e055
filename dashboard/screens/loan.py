"""One loan: its grade and why, the witnesses and the worth at a glance, and a section for each question behind it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from collateral.contract.early_warning import EarlyWarningPoint
from collateral.contract.http import LoanDetail, LoanSummary
from dashboard import frame, session
from dashboard.client import Api, api_url
from dashboard.figures import as_of, labelled, listed
from dashboard.screens import loan_book, loan_cameras, loan_course, loan_grade, loan_herd, loan_outlook, loan_worth
from dashboard.screens.loans import borrower, tally
from dashboard.words import _, named

SHARED_S = 3
GRADED_DAYS = 30
HERD, WORTH, OUTLOOK, COURSE, CAMERAS, BOOK = "herd", "worth", "outlook", "course", "cameras", "book"


def show() -> None:
    """The page of the loan in the URL; the section too stands there."""
    loan_id = st.query_params.get("id")
    if not loan_id:
        st.info(_("Choose a loan first."), icon=":material/info:")
        frame.link("loans", _("Loans and collateral"), "to_loans")
        return
    frame.live(lambda: _state(loan_id))
    section = _section()
    every_s, draw = _SECTIONS[section]
    frame.live(lambda: draw(loan_id), every_s=every_s)


def detail_of(loan_id: str) -> LoanDetail:
    """The loan as the parts of this page share it."""
    return _asked(api_url(), session.token() or "", loan_id)


@st.cache_data(ttl=SHARED_S, max_entries=64, show_spinner=False)
def _asked(url: str, token: str, loan_id: str) -> LoanDetail:
    # The parts of the page ask at the same moment, and the system reckons a loan anew each time.
    return Api(token, url).loan(loan_id)


@st.cache_data(ttl=30, max_entries=64, show_spinner=False)
def _graded(url: str, token: str, loan_id: str) -> list[EarlyWarningPoint]:
    return Api(token, url).early_warning(loan_id, GRADED_DAYS).points


def _state(loan_id: str) -> None:
    detail, now = detail_of(loan_id), frame.now()
    loan, farms = detail.loan, listed(named(f) for f in detail.loan.farms)
    frame.heading(borrower(loan), f"{loan.contract_no} · {named(loan.branch)} · {farms} · {as_of(loan.as_of, now)}")
    _cases(loan)
    loan_grade.show(_graded(api_url(), session.token() or "", loan_id), now)
    loan_herd.witnesses(detail, now)
    loan_worth.at_a_glance(loan)


def _cases(loan: LoanSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="loan_cases"):
        st.markdown(labelled(_("Open cases"), tally(loan)), width="content")
        frame.link("alerts", _("See its alerts"), "loan_alerts_link", loan=loan.loan_id)
        if loan.farms:
            frame.link("map", _("See the farm map"), "loan_map_link", farm=loan.farms[0].id)
        frame.link("movements", _("See its movements"), "loan_movements_link", loan=loan.loan_id)
        frame.link("inspections", _("See its inspections"), "loan_inspections_link", loan=loan.loan_id)
        frame.link("pledges", _("See its pledge check"), "loan_pledges_link", loan=loan.loan_id)


def _section() -> str:
    names = {
        HERD: _("Count by pen"), WORTH: _("Value and availability"), OUTLOOK: _("Outlook of the LTV"),
        COURSE: _("Warning over time"), CAMERAS: _("Camera pictures"), BOOK: _("Roll-forward"),
    }  # fmt: skip
    current = st.query_params.get("part", HERD)
    chosen = st.segmented_control(
        _("Section"), list(names), default=current if current in names else HERD, format_func=names.__getitem__,
        key="loan_section", label_visibility="collapsed", required=True,
    )  # fmt: skip
    if chosen and chosen != current:
        st.query_params["part"] = chosen
    return chosen or HERD


def _herd(loan_id: str) -> None:
    loan_herd.show(detail_of(loan_id), frame.now())


def _outlook(loan_id: str) -> None:
    loan_outlook.show(loan_id)


def _course(loan_id: str) -> None:
    loan_course.show(_graded(api_url(), session.token() or "", loan_id), session.api().coverage(loan_id), frame.now())


def _cameras(loan_id: str) -> None:
    loan_cameras.show(detail_of(loan_id).pens, frame.now())


def _worth(loan_id: str) -> None:
    loan_worth.show(loan_id, frame.now())


def _book(loan_id: str) -> None:
    loan_book.show(loan_id, frame.now())


_SECTIONS: dict[str, tuple[float, Callable[[str], None]]] = {
    HERD: (15, _herd), WORTH: (60, _worth), OUTLOOK: (300, _outlook), COURSE: (60, _course), CAMERAS: (30, _cameras),
    BOOK: (60, _book),
}  # fmt: skip
"""How often each section is drawn anew, in seconds, and what draws it."""
