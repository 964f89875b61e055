"""收件箱: the alert inbox, filtered by state, severity and loan."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import CaseSummary
from dashboard import frame, session
from dashboard.case_words import STAGES
from dashboard.figures import ago, as_of, due_in, head, money
from dashboard.rule_words import RULES
from dashboard.screens import silences
from dashboard.sentences import coverage_change
from dashboard.tables import SEVERITIES, STATES, Mark, called, mark
from dashboard.words import _, language, named, ngettext

PER_PAGE = 25
NEEDS_SOMEBODY = {"open", "acknowledged"}
ANY = "any"


def show() -> None:
    """The page; its filters stand in the URL."""
    frame.heading(_("Alert inbox"))
    _filters()
    frame.live(_draw)
    if session.me().role != "farm":
        frame.calmly(silences.show)


def due_badge(case: CaseSummary, now: datetime) -> str:
    """How long is left for the present stage, or the overdue badge; nothing once the case needs nobody."""
    if case.state not in NEEDS_SOMEBODY:
        return ""
    if case.overdue or case.due_at < now:
        return f":red-badge[:material/alarm: {due_in(case.due_at, now)}]"
    return f":gray-badge[:material/schedule: {due_in(case.due_at, now)}]"


def stage_badge(case: CaseSummary) -> str:
    """Where the case stands, as finely as the system says; and whether it comes and goes."""
    standing = STAGES.get(case.stage) or mark(STATES, case.state)
    comes_and_goes = f" :gray-badge[:material/sync_alt: {_('comes and goes')}]" if case.flapping else ""
    return standing.badge() + comes_and_goes


def at_risk(case: CaseSummary) -> str:
    """The loan a case is about, or that no pledged animal is touched. A farm is told nothing of loans."""
    if session.me().role == "farm":
        return ""
    name = getattr(case, f"borrower_{language()}")
    return f"{name} · {case.contract_no}" if name else _("no loan at risk")


def _filters() -> None:
    with st.container(horizontal=True, key="alert_filters"):
        _choice(_("State"), "state", _options(_("All states"), STATES))
        _choice(_("Severity"), "severity", _options(_("All severities"), SEVERITIES))


def _options(every: str, marks: dict[str, Mark]) -> dict[str, str]:
    return {ANY: every} | {code: _(entry.word) for code, entry in marks.items()}


def _choice(label: str, name: str, options: dict[str, str]) -> None:
    current = st.query_params.get(name, ANY)
    chosen = st.segmented_control(
        label, list(options), default=current if current in options else ANY, format_func=options.__getitem__,
        key=f"filter_{name}", required=True,
    )  # fmt: skip
    if chosen and chosen != current:
        st.query_params[name] = chosen


def _draw() -> None:
    asked = {name: _asked(name) for name in ("state", "severity")}
    page = int(st.session_state.get("alerts_page", 1))
    cases = session.api().alerts(
        **asked, loan_id=st.query_params.get("loan"), limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE
    )  # fmt: skip
    now = frame.now()
    st.caption(as_of(now, now))
    if not cases:
        st.success(_("No alerts of this kind."), icon=":material/task_alt:")
    for case in cases[:PER_PAGE]:
        _row(case, now)
    if page > 1 or len(cases) > PER_PAGE:
        st.pagination(page + (len(cases) > PER_PAGE), key="alerts_page")


def _asked(name: str) -> str | None:
    value = st.query_params.get(name, ANY)
    return None if value == ANY else value


def _row(case: CaseSummary, now: datetime) -> None:
    with st.container(border=True, key=f"case_row_{case.severity}_{case.case_id}"):
        what, stakes, due, go = st.columns([3.9, 2.8, 3, 1.3], vertical_alignment="center")
        what.markdown(f"{mark(SEVERITIES, case.severity).badge()} **{called(RULES, case.rule)}** · {named(case.farm)}")
        happened = _("happened {age}").format(age=ago(case.event_at, now))
        what.caption(" · ".join(part for part in (at_risk(case), happened) if part))
        stakes.markdown(_stakes(case))
        if case.coverage_after is not None:
            change = coverage_change(case.coverage_before, case.coverage_after)
            stakes.caption(_("Coverage {change}").format(change=change))
        due.markdown(stage_badge(case))
        if badge := due_badge(case, now):
            due.markdown(badge)
        with go:
            frame.link("case", _("Open"), f"case_link_{case.case_id}", id=str(case.case_id))


def _stakes(case: CaseSummary) -> str:
    times = ngettext("seen {n} time", "seen {n} times", case.occurrences).format(n=head(case.occurrences))
    if not case.animals:
        return times
    animals = _("{n} head").format(n=head(case.animals))
    worth = f"**{money(case.value_affected_minor, case.currency)}**" if case.value_affected_minor else ""
    return " · ".join(part for part in (animals, worth, times) if part)
