"""今日工作: where the collateral stands, and what to do first."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import SeverityTally, Task, Today
from dashboard import frame, session
from dashboard.bars import bar
from dashboard.charts import coverage_colour, coverage_word
from dashboard.figures import as_of, due_in, head, money, share
from dashboard.rule_words import RULES
from dashboard.tables import SEVERITIES, TASKS, called, mark, unknown_reason
from dashboard.words import _, language, named, ngettext


def show() -> None:
    """The page."""
    frame.live(_draw)


def _draw() -> None:
    today, now = session.api().today(), frame.now()
    loans = ngettext("{n} loan", "{n} loans", today.loans).format(n=head(today.loans))
    frame.heading(_("Today's work"), f"{loans} · {as_of(today.as_of, now)}")
    _figures(today)
    st.subheader(_("To do, most urgent first"), anchor=False)
    if not today.tasks:
        st.success(_("Nothing is waiting for you."), icon=":material/task_alt:")
    for place, task in enumerate(today.tasks):
        _task(place, task, now, today.currency)


def _figures(today: Today) -> None:
    pledged, coverage, worth, cases = st.columns(4)
    with pledged.container(border=True, key="kpi_head", height="stretch"):
        st.metric(_("Pledged head"), head(today.pledged_head))
        st.caption(_("Head in the book of pledged animals"))
    with coverage.container(border=True, key="kpi_coverage", height="stretch"):
        st.metric(_("Coverage"), share(today.coverage))
        bar(today.coverage, colour=coverage_colour(today.coverage))
        st.caption(_("Share of pledged head positively evidenced: {word}").format(word=coverage_word(today.coverage)))
    with worth.container(border=True, key="kpi_value", height="stretch"):
        _worth(today)
    with cases.container(border=True, key="kpi_cases", height="stretch"):
        _open_cases(today.open_cases)


def _worth(today: Today) -> None:
    st.metric(_("Balance"), money(today.balance_minor, today.currency))
    ltv = today.balance_minor / today.value_minor if today.value_minor else 0.0
    bar(ltv)
    value = money(today.value_minor, today.currency)
    st.caption(_("of an assessed value of {value} · LTV {ltv}").format(value=value, ltv=share(ltv)))


def _open_cases(tally: SeverityTally) -> None:
    counts = tally.model_dump()
    st.metric(_("Open cases"), head(sum(counts.values())))
    badges = [f":{m.colour}-badge[{m.icon} {_(m.word)} {counts[s]}]" for s, m in SEVERITIES.items() if counts[s]]
    st.markdown(" ".join(badges) or _("None"))


def _task(place: int, task: Task, now: datetime, currency: str) -> None:
    with st.container(border=True, key=f"case_row_{task.severity}_{place}"):
        what, due, go = st.columns([6, 2, 1.6], vertical_alignment="center")
        what.markdown(f"{mark(SEVERITIES, task.severity).badge()} **{called(TASKS, task.kind)}** · {_about(task)}")
        what.caption(_particulars(task, currency))
        if task.due_at:
            due.markdown(_due(task.due_at, now))
        with go:
            _go(place, task)


def _about(task: Task) -> str:
    about = called(RULES, str(task.figures.get("rule", task.subject)))
    borrower = task.figures.get(f"borrower_{language()}")
    parts = [about, named(task.farm) if task.farm else "", str(borrower) if borrower and not task.farm else ""]
    return " · ".join(part for part in parts if part)


def _particulars(task: Task, currency: str) -> str:
    given = task.figures
    parts = []
    if given.get("contract_no"):
        parts.append(f"{given.get(f'borrower_{language()}') or ''} {given['contract_no']}".strip())
    if given.get("animals"):
        parts.append(_("{n} head").format(n=head(given["animals"])))
    if given.get("value_affected_minor"):
        parts.append(_("{value} affected").format(value=money(given["value_affected_minor"], currency)))
    if "coverage" in given:
        parts.append(_("coverage {share}").format(share=share(given["coverage"])))
    if "ltv" in given:
        parts.append(_("LTV {ltv}").format(ltv=share(given["ltv"])))
    if given.get("unknown_because"):
        parts.append(unknown_reason(str(given["unknown_because"])))
    return " · ".join(parts)


def _due(due_at: datetime, now: datetime) -> str:
    if due_at < now:
        return f":red-badge[:material/alarm: {due_in(due_at, now)}]"
    return f":material/schedule: {due_in(due_at, now)}"


def _go(place: int, task: Task) -> None:
    if task.case_id is not None:
        frame.link("case", _("Open the case"), f"task_link_{place}", id=str(task.case_id))
    elif task.loan_id is not None:
        frame.link("loan", _("Open the loan"), f"task_link_{place}", id=task.loan_id)
    else:
        frame.link("devices", _("See devices"), f"task_link_{place}")
