"""All loans of this person, those most at risk first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collateral.contract.http import LoanSummary
from dashboard import frame, session
from dashboard.bars import bar
from dashboard.charts import RED, coverage_colour, coverage_word
from dashboard.figures import as_of, count, head, listed, money, share
from dashboard.tables import SEVERITIES
from dashboard.words import _, language, named

PER_PAGE = 20
WIDTHS = [3.2, 2.4, 1.7, 2.3, 1.6, 1.3]


def show() -> None:
    """The page."""
    frame.live(_draw)


def borrower(loan: LoanSummary) -> str:
    """The borrower's name in the reader's language."""
    return str(getattr(loan, f"borrower_{language()}"))


def titled(loan: LoanSummary) -> str:
    """Borrower and contract: which loan it is, in one line."""
    return f"{borrower(loan)} · {loan.contract_no}"


def choose(column: Any, loans: Mapping[str, LoanSummary], loan_id: str | None, key: str) -> str:
    """Which of these loans, there is one at least; `loan_id` is chosen before anybody chooses."""
    names = {one: titled(loan) for one, loan in loans.items()}
    first = list(names).index(loan_id) if loan_id in names else 0
    return str(column.selectbox(_("Loan"), list(names), index=first, format_func=names.__getitem__, key=key))


def tally(loan: LoanSummary) -> str:
    """Open cases as badges, or the word none."""
    counts = loan.open_cases.model_dump()
    badges = [f":{m.colour}-badge[{m.icon} {_(m.word)} {counts[s]}]" for s, m in SEVERITIES.items() if counts[s]]
    return " ".join(badges) or _("None")


def _draw() -> None:
    loans, now = sorted(session.api().loans(), key=_risk), frame.now()
    oldest = min((loan.as_of for loan in loans), default=now)
    frame.heading(_("Loans and collateral"), as_of(oldest, now))
    if not loans:
        st.info(_("There are no loans in your branch."), icon=":material/info:")
        return
    _head_row()
    for loan in _page_of(loans):
        _row(loan)


def _risk(loan: LoanSummary) -> tuple[int, ...]:
    cases = loan.open_cases
    return (-cases.red, -cases.orange, -cases.yellow, round(loan.coverage * 1000))


def _page_of(loans: list[LoanSummary]) -> list[LoanSummary]:
    pages = -(-len(loans) // PER_PAGE)
    page = st.pagination(pages, key="loans_page") if pages > 1 else 1
    return loans[(page - 1) * PER_PAGE : page * PER_PAGE]


def _head_row() -> None:
    titles = (_("Borrower"), _("Head: book / tags"), _("Coverage"), _("Balance / value"), _("Open cases"), "")
    with st.container(key="loans_header"):
        for column, title in zip(st.columns(WIDTHS), titles, strict=True):
            column.caption(title)


def _row(loan: LoanSummary) -> None:
    with st.container(border=True, key=f"loan_row_{loan.loan_id}"):
        who, heads, coverage, worth, cases, go = st.columns(WIDTHS, vertical_alignment="center")
        who.markdown(f"**{borrower(loan)}**")
        who.caption(f"{loan.contract_no} · {listed(named(f) for f in loan.farms)}")
        heads.markdown(f"{head(loan.book)} / {head(loan.tags_seen)}")
        heads.caption(_("Estimate {count}").format(count=count(loan.estimate)))
        with coverage:
            _coverage(loan)
        with worth:
            _worth(loan)
        cases.markdown(tally(loan))
        with go:
            frame.link("loan", _("Open"), f"loan_link_{loan.loan_id}", id=loan.loan_id)


def _coverage(loan: LoanSummary) -> None:
    st.markdown(f"**{share(loan.coverage)}** {coverage_word(loan.coverage)}")
    bar(loan.coverage, colour=coverage_colour(loan.coverage))


def _worth(loan: LoanSummary) -> None:
    over = loan.ltv > loan.ltv_ceiling
    st.markdown(f"{money(loan.balance_minor, loan.currency)} / {money(loan.value_minor, loan.currency)}")
    bar(loan.ltv, loan.ltv_ceiling, RED if over else "#14507A")
    words = _("LTV {ltv}, over its ceiling of {ceiling}") if over else _("LTV {ltv}, ceiling {ceiling}")
    st.caption(words.format(ltv=share(loan.ltv), ceiling=share(loan.ltv_ceiling, 0)))
