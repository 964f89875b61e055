"""The roll-forward of a loan's pledged head over a month: opening + in - out = closing, or who is not accounted for."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import streamlit as st

from collateral.contract.ledger import RollForwardShape
from dashboard import frame, session
from dashboard.ear_tags import named, numbers_of
from dashboard.figures import default_zone, head, labelled, listed
from dashboard.words import _

MONTHS_BACK = 6
NAMED = 20


def show(loan_id: str, now: datetime) -> None:
    """One month, chosen in the URL; this month so far unless another is asked."""
    months = _months(now, default_zone())
    month = _choice(list(months))
    start, end = months[month]
    told = session.api().roll_forward(loan_id, start, min(end, now))
    with st.container(border=True, key="roll_forward"):
        st.markdown(f"#### {_verdict(told)}")
        st.table(_lines(told), hide_index=True, border="horizontal")
        _open_ends(told)
    frame.link("movements", _("See its movements"), "book_movements_link", loan=loan_id)


def _choice(months: list[str]) -> str:
    current = st.query_params.get("month", months[0])
    chosen = st.segmented_control(
        _("Month"), months, default=current if current in months else months[0], key="roll_month", required=True
    )  # fmt: skip
    if chosen and chosen != current:
        st.query_params["month"] = chosen
    return chosen or months[0]


def _months(now: datetime, zone: ZoneInfo) -> dict[str, tuple[datetime, datetime]]:
    """The newest months, newest first, with their bounds at the farms."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begins = [(first + timedelta(days=32)).replace(day=1)]
    while len(begins) <= MONTHS_BACK:
        begins.append((begins[-1] - timedelta(days=1)).replace(day=1))
    return {f"{begin:%Y-%m}": (begin, end) for end, begin in pairwise(begins)}


def _verdict(told: RollForwardShape) -> str:
    if told.ties:
        return f":green[:material/check_circle:] {_('The book ties: every change has its approved movement')}"
    text = _("The book does not tie: {n} head are not accounted for")
    open_ends = len(told.unexplained_in) + len(told.unexplained_out)
    return f":red[:material/error:] {text.format(n=head(max(abs(told.difference), open_ends)))}"


def _lines(told: RollForwardShape) -> list[dict[str, str]]:
    lines = [
        (_("Opening"), told.opening, ""),
        (_("Enrolled"), told.enrolled, "+"),
        (_("Births"), told.births, "+"),
        (_("Purchases"), told.purchases, "+"),
        (_("Transfers in"), told.transfers_in, "+"),
        (_("Substitutions in"), told.substitutions_in, "+"),
        (_("Sales"), told.sales, "−"),
        (_("Deaths"), told.deaths, "−"),
        (_("Transfers out"), told.transfers_out, "−"),
        (_("Substitutions out"), told.substitutions_out, "−"),
        (_("Releases"), told.releases, "−"),
        (_("Closing"), told.closing, "="),
        (_("Difference"), told.difference, ""),
    ]
    kept = [line for line in lines if line[1] or line[2] in {"", "="}]
    return [{_("Line"): name, _("Head"): f"{sign} {head(number)}".strip()} for name, number, sign in kept]


def _open_ends(told: RollForwardShape) -> None:
    for title, animals in (
        (_("In without an approved movement"), told.unexplained_in),
        (_("Gone without an approved movement"), told.unexplained_out),
    ):
        if animals:
            names = named(animals[:NAMED], numbers_of(told.loan_id))
            more = " …" if len(animals) > NAMED else ""
            st.markdown(f":red[:material/error:] {labelled(title, listed(names))}{more}")
    if told.contradicted:
        numbers = listed(f"#{number}" for number in told.contradicted)
        st.markdown(f":red[:material/error:] {labelled(_('Movements that the book contradicts'), numbers)}")
