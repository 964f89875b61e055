"""One case: what happened, what is at stake, who says so, and what to do about it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import CaseDetail, CaseSummary, NamedAnimal
from dashboard import frame, session
from dashboard.client import Refused
from dashboard.deck import case_deck
from dashboard.figures import ago, as_of, clock, day_and_clock, exact_money, head, labelled, money, share, zone_of
from dashboard.rule_words import RULE_WORDS, RULES
from dashboard.screens import testimony, timeline, verdict
from dashboard.screens.alerts import at_risk, due_badge, stage_badge
from dashboard.sentences import coverage_change, what_happened
from dashboard.tables import NEXT_STEPS, SEVERITIES, SPECIES, called, mark
from dashboard.words import _, named


def show() -> None:
    """The page of the case in the URL."""
    case_id = st.query_params.get("id", "")
    if not case_id.isdigit():
        st.info(_("Choose a case first."), icon=":material/info:")
        frame.link("alerts", _("Alert inbox"), "to_alerts")
        return
    number = int(case_id)
    frame.live(lambda: _state(number))
    # Not live: a form that is drawn anew would lose what is being written.
    frame.calmly(lambda: verdict.forms(session.api().alert(number)))
    frame.live(lambda: _evidence(number), every_s=30)
    frame.live(lambda: timeline.show(session.api().alert(number), frame.now()), every_s=10)


def _state(number: int) -> None:
    case, now = session.api().alert(number), frame.now()
    summary = case.summary
    title = f"{called(RULES, summary.rule)} · {named(summary.farm)}"
    frame.heading(title, f"{_('Case {number}').format(number=number)} · {as_of(summary.last_seen_at, now)}")
    badges = [mark(SEVERITIES, summary.severity).badge(), stage_badge(summary), due_badge(summary, now)]
    with st.container(key="case_badges"):
        st.markdown(" ".join(badges))
    with st.container(key="case_sentence", border=True):
        st.markdown(f"#### {what_happened(case)}")
        if told := RULE_WORDS.get(summary.rule):
            st.markdown(_(told.means))
            st.markdown(f":material/directions_run: **{labelled(_('What to do now'), _(told.do))}**")
        st.markdown(f":material/checklist: {labelled(_('Time limits'), called(NEXT_STEPS, summary.next_step))}")
    if session.me().role != "farm":
        _stakes(summary, now)


def _stakes(summary: CaseSummary, now: datetime) -> None:
    loan, value, coverage, due = st.columns([1.5, 1, 1.3, 1])
    with loan.container(border=True, key="case_loan", height="stretch"):
        st.caption(_("Loan at risk"))
        st.markdown(f"**{at_risk(summary)}**")
        if summary.loan_id:
            frame.link("loan", _("Open the loan"), "case_loan_link", id=summary.loan_id)
    with value.container(border=True, key="case_value", height="stretch"):
        st.metric(_("Value affected"), money(summary.value_affected_minor, summary.currency))
        st.caption(_("{n} head named").format(n=head(summary.animals)))
        st.caption(_ltv_without(summary))
    with coverage.container(border=True, key="case_coverage", height="stretch"):
        st.metric(_("Coverage before → after"), coverage_change(summary.coverage_before, summary.coverage_after))
        st.caption(_("of the loan's pledged head"))
    with due.container(border=True, key="case_due", height="stretch"):
        st.metric(
            _("Acknowledge by") if summary.state == "open" else _("Time limit"), clock(summary.due_at).split(" ")[0]
        )
        st.caption(f"{day_and_clock(summary.due_at)} ({zone_of(now)})")


def _ltv_without(summary: CaseSummary) -> str:
    """What the loan-to-value ratio would be if the named animals were gone for good."""
    loan = next((loan for loan in session.api().loans() if loan.loan_id == summary.loan_id), None)
    if loan is None or summary.state == "resolved" or not 0 < summary.value_affected_minor < loan.value_minor:
        return ""
    ltv = loan.balance_minor / (loan.value_minor - summary.value_affected_minor)
    over = ltv > loan.ltv_ceiling
    words = _("LTV without them {ltv}, over its ceiling of {ceiling}") if over else _("LTV without them {ltv}")
    text = words.format(ltv=share(ltv), ceiling=share(loan.ltv_ceiling, 0))
    return f":red[:material/error: {text}]" if over else text


def _evidence(number: int) -> None:
    case, now = session.api().alert(number), frame.now()
    st.subheader(_("What the witnesses say"), anchor=False)
    testimony.show(case, now)
    if case.animals:
        _animals(case, now)


def _animals(case: CaseDetail, now: datetime) -> None:
    st.subheader(_("Named animals: {n}").format(n=head(len(case.animals))), anchor=False)
    table, place = st.columns([1.25, 1])
    rows = [_animal_row(animal, case.summary.currency, now) for animal in case.animals]
    with table.container(key="case_animals"):
        st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), 400))
    if any(animal.latitude is not None for animal in case.animals):
        with place.container(key="case_map", border=True):
            st.pydeck_chart(_map(case, now), height=340, key="case_deck", alt=_("Last positions of the named animals"))
            st.caption(f":red[●] {_('Last position')} · :blue[▢] {_('Fence')}")


def _map(case: CaseDetail, now: datetime) -> object:
    try:
        farm = session.api().farm_map(case.summary.farm.id)
    except Refused:
        farm = None  # the positions alone still help
    return case_deck(case.animals, farm, now)


def _animal_row(animal: NamedAnimal, currency: str, now: datetime) -> dict[str, str]:
    worth = {_("Value"): exact_money(animal.value_minor, currency)} if session.me().role != "farm" else {}
    return {
        _("Ear tag number"): animal.identity,
        _("Species"): called(SPECIES, animal.species),
        _("Pen"): animal.pen_name or animal.pen_id,
        _("Last seen"): ago(animal.last_seen_at, now),
        _("At ({zone})").format(zone=zone_of(now)): day_and_clock(animal.last_seen_at),
    } | worth
