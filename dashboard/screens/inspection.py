"""One count session: its window and commitment, what it found pen by pen, and what speaks against it."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from collateral.contract.http import LoanSummary
from collateral.contract.inspection import SessionReport
from dashboard import frame, session
from dashboard.client import NotThere
from dashboard.ear_tags import named, numbers_of
from dashboard.figures import day_and_clock, head, labelled, listed, span, zone_of
from dashboard.inspection_chart import MOST_PENS, pens_counted
from dashboard.inspection_words import STAGES, farm_name, stage_of
from dashboard.screens import inspection_sample, inspection_steps
from dashboard.screens.loans import titled
from dashboard.tables import mark
from dashboard.words import _, ngettext

NAMED = 60
TABLE_PX = 280
HASH_SHOWN = 16


def show(session_id: str) -> None:
    """The page of one session. What it tells is live; its forms are not, so that nothing written is lost."""
    told: list[SessionReport] = []

    def tell() -> None:
        report = session.api().count_session(session_id)
        told[:] = [report]
        _facts(report, frame.now())
        inspection_sample.show(report)

    frame.live(tell, every_s=15)
    if told and session.handles():
        frame.calmly(lambda: inspection_steps.show(told[0]))
    frame.link("inspections", _("All inspections"), "to_inspections")


def _facts(told: SessionReport, now: datetime) -> None:
    line, loan = told.session, _loan(told.session.loan_id)
    whose = titled(loan) if loan else line.loan_id
    opened = _("opened {at} by {who}").format(at=day_and_clock(line.opened_at), who=line.opened_by)
    zone = _("Times are {zone}.").format(zone=zone_of(now))
    title = _("Inspection of {farm}").format(farm=farm_name(line, loan))
    frame.heading(title, f"{whose} · {opened} · {zone}")
    st.markdown(mark(STAGES, stage_of(line)).badge())
    window, pens, promise = st.columns(3)
    with window.container(border=True, key="session_window", height="stretch"):
        st.markdown(f"**{_('Nothing may move')}**")
        st.markdown(f"{day_and_clock(line.freeze_from)} – {day_and_clock(line.freeze_until)}")
        st.caption(_window(told, now))
    with pens.container(border=True, key="session_pen_names", height="stretch"):
        counted = sum(pen.tags > 0 or pen.heads is not None for pen in told.pens)
        st.markdown(f"**{_('{n} of {all} pens counted').format(n=head(counted), all=head(len(told.pens)))}**")
        st.markdown(listed(pen.pen_name for pen in told.pens[:NAMED]))
    with promise.container(border=True, key="session_commitment", height="stretch"):
        st.markdown(f"**{_('Commitment to the sample')}** `{told.secret_sha256[:HASH_SHOWN]}…`")
        st.caption(
            _(
                "Published when the session was opened, before any tag was read: neither inspector nor bank can "
                "choose which animals are photographed."
            )
        )
    _result(told)


def _loan(loan_id: str) -> LoanSummary | None:
    try:
        return session.api().loan(loan_id).loan
    except NotThere:
        return None


def _window(told: SessionReport, now: datetime) -> str:
    line = told.session
    if told.closed:
        return _("closed {at}").format(at=day_and_clock(told.as_of))
    if now < line.freeze_from:
        return f":material/schedule: {_('begins in {time}').format(time=span(line.freeze_from - now))}"
    if now <= line.freeze_until:
        return f":orange[:material/lock_clock: {_('{time} left').format(time=span(line.freeze_until - now))}]"
    return f":material/history: {_('is over since {time}').format(time=span(now - line.freeze_until))}"


def _result(told: SessionReport) -> None:
    with st.container(border=True, key="session_result"):
        st.markdown(f"#### {_verdict(told)}")
        figures = (
            ("gross", _("Counted in all"), told.gross),
            ("unique", _("Different tags"), told.unique_tags),
            ("duplicates", _("Read in two pens"), told.duplicates),
            ("foreign", _("Foreign"), told.foreign_total),
            ("untagged", _("Untagged"), told.untagged),
            ("absent", _("Absent"), told.absent_total),
        )
        if told.gross:
            for place, (key, label, value) in zip(st.columns(len(figures)), figures, strict=True):
                with place.container(key=f"session_{key}"):
                    st.metric(label, head(value))
            st.altair_chart(pens_counted(told.pens), width="stretch", key="session_chart")
            note = _("Bars: what was counted in each pen; pale: who is absent. Black mark: the pen's book.")
            few = _("The {n} pens with most to explain are drawn.").format(n=head(MOST_PENS))
            st.caption(f"{note} {few}" if len(told.pens) > MOST_PENS else note)
        _reasons(told)
        if told.gross:
            _named(told)


def _verdict(told: SessionReport) -> str:
    """What the session proves, in one sentence."""
    if not told.gross:
        return _("Nothing was read yet")
    if told.passed:
        text = _("Passed: {n} different animals were shown") if told.closed else _("As it stands it would pass: {n}")
        return f":green[:material/verified: {text.format(n=head(told.unique_tags))}]"
    if told.duplicates:
        text = _("The pens add up to {gross}, but only {unique} different tags were read")
        words = text.format(gross=head(told.gross), unique=head(told.unique_tags))
    else:
        text = _("{unique} different tags were read of {book} in the book")
        words = text.format(unique=head(told.unique_tags), book=head(sum(pen.book for pen in told.pens)))
    return f":red[:material/gpp_bad: {words}]" if told.closed else words


def _reasons(told: SessionReport) -> None:
    if not told.refused_because:
        return
    title = _("Why it did not pass, and what to do") if told.closed else _("What still speaks against passing")
    st.markdown(f":orange[:material/warning:] **{title}**")
    st.markdown("\n".join(f"- {reason}" for reason in told.refused_because))


def _named(told: SessionReport) -> None:
    if told.seen_twice:
        text = ngettext("{n} tag was read in two pens", "{n} tags were read in two pens", told.seen_twice_total)
        with st.expander(text.format(n=head(told.seen_twice_total)), icon=":material/alt_route:"):
            rows = _walked(told)
            st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), TABLE_PX))
    for title, total, names in (
        (_("Foreign tags"), told.foreign_total, told.foreign),
        (_("Absent animals"), told.absent_total, told.absent),
    ):
        if names:
            known = numbers_of(told.session.loan_id)
            with st.expander(labelled(title, head(total))):
                st.markdown(listed(named(names[:NAMED], known)) + (" …" if total > NAMED else ""))


def _walked(told: SessionReport) -> list[dict[str, str]]:
    names = {pen.pen_id: pen.pen_name for pen in told.pens}
    return [
        {
            _("Ear tag"): one.tag,
            _("First read in"): names.get(one.first_pen_id, one.first_pen_id),
            _("First read at"): day_and_clock(one.first_at),
            _("Then read in"): names.get(one.then_pen_id, one.then_pen_id),
            _("Later by"): span(timedelta(seconds=one.apart_s)),
        }
        for one in told.seen_twice
    ]
