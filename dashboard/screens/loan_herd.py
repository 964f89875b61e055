"""Are the animals there: the witnesses side by side, pen by pen, and those that nobody has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from collateral.contract.http import Count, LoanDetail, LoanSummary, PenLine, UnseenAnimal
from collateral.contract.reconciliation import PenReconciliation, Reconciliation, UnseenLine
from dashboard import session
from dashboard.client import NotThere
from dashboard.figures import (
    DASH,
    ago,
    as_of,
    count,
    day_and_clock,
    exact_money,
    head,
    interval,
    is_stale,
    labelled,
    share,
    why_unknown,
    zone_of,
)
from dashboard.pen_chart import MOST_PENS, pens_against_book, worst_first
from dashboard.tables import SPECIES, UNSEEN_STATES, called, mark
from dashboard.words import _, named

TABLE_PX = 320
NEVER = datetime.min.replace(tzinfo=UTC)
KEPT_STALE_AFTER = timedelta(hours=2)  # reconciliations are kept by the hour


def witnesses(detail: LoanDetail, now: datetime) -> None:
    """Book, tags, camera and estimate: four figures in a row."""
    loan = detail.loan
    book, tags, camera, estimate = st.columns(4)
    with book.container(border=True, key="witness_book", height="stretch"):
        st.metric(_("Book"), head(loan.book), icon=":material/menu_book:")
        st.caption(_("pledged head, approved movements included"))
    with tags.container(border=True, key="witness_tags", height="stretch"):
        st.metric(_("Ear tags"), head(loan.tags_seen), icon=":material/sell:")
        st.caption(_("animals whose tag was heard inside the fence within 24 hours"))
    with camera.container(border=True, key="witness_camera", height="stretch"):
        _counted(_("Camera"), loan.camera, now, ":material/videocam:")
        if loan.camera.best is not None:
            st.caption(_counted_pens(detail.pens))
    with estimate.container(border=True, key="witness_estimate", height="stretch"):
        _counted(_("Reconciled estimate"), loan.estimate, now, ":material/balance:")
        st.caption(_verdict(loan))


def show(detail: LoanDetail, now: datetime) -> None:
    """Pens and unseen animals: from the newest kept reconciliation where there is one, else as reckoned now."""
    try:
        told: Reconciliation | None = session.api().reconciliation(detail.loan.loan_id)
    except NotThere:
        told = None
    if told is not None and told.pens:
        _against_book(told, now)
    st.subheader(_("Pens"), anchor=False)
    by_pen = {pen.pen_id: pen for pen in told.pens} if told else {}
    rows = [_pen_row(pen, by_pen.get(pen.pen_id), detail.loan.currency) for pen in detail.pens]
    with st.container(key="pens_table"):
        st.table(_telling(rows), hide_index=True, border="horizontal")
    _unseen(detail, {line.animal_id: line for line in told.unseen} if told else {}, now)


def _counted(label: str, value: Count, now: datetime, icon: str) -> None:
    if value.best is None:
        st.metric(label, _("unknown"), icon=icon)
        st.caption(f":material/visibility_off: {why_unknown(value)}")
        return
    st.metric(label, head(value.best), icon=icon)
    text = _("between {interval}").format(interval=interval(value))
    if value.as_of:
        text += f" · {ago(value.as_of, now)}"
    st.caption(f":gray[:material/history: {text} · {_('stale')}]" if is_stale(value, now) else text)


def _counted_pens(pens: Sequence[PenLine]) -> str:
    """What the cameras' sum is made of: a count of some pens must not be read as one of all."""
    seen = [pen for pen in pens if pen.camera.best is not None]
    return _("counted in {seen} of {pens} pens, {book} head in the book").format(
        seen=head(len(seen)), pens=head(len(pens)), book=head(sum(pen.book for pen in seen))
    )


def _verdict(loan: LoanSummary) -> str:
    if loan.estimate.high is None:
        return f":material/help: {_('cannot be judged')}"
    if loan.estimate.high >= loan.book:
        return f":green[:material/check_circle: {_('no shortfall proved')}]"
    short = head(loan.book - loan.estimate.high)
    return f":red[:material/error: {_('at least {n} head short').format(n=short)}]"


def _against_book(told: Reconciliation, now: datetime) -> None:
    with st.container(border=True, key="pens_against_book"):
        st.markdown(f"**{_worst(told.pens)}**")
        st.altair_chart(pens_against_book(told.pens), width="stretch", key="pens_chart")
        note = _("Each mark as a share of the pen's book; the bar is the estimate's interval.")
        age = as_of(told.pens_as_of or told.as_of, now, KEPT_STALE_AFTER)
        st.caption(f"{note} {_inspected(told, now)} {age}")
        if len(told.pens) > MOST_PENS:
            st.caption(_("The {n} pens that fall shortest are drawn.").format(n=head(MOST_PENS)))


def _worst(pens: Sequence[PenReconciliation]) -> str:
    """The sentence over the chart: where to look first."""
    first = worst_first(pens)[0]
    high = first.estimate.high
    if high is None or high >= first.book - first.excused:
        return _("No pen is proved short of its book")
    short = head(first.book - first.excused - high)
    return _("Look first at pen {pen}: at least {n} head short").format(pen=first.pen_name, n=short)


def _inspected(told: Reconciliation, now: datetime) -> str:
    if told.physical is None:
        return _("No physical count on record.")
    found = head(told.physical.found)
    return _("Last physical count {n} head, {age}.").format(n=found, age=ago(told.physical.counted_at, now))


def _pen_row(pen: PenLine, kept: PenReconciliation | None, currency: str) -> dict[str, str]:
    if not pen.camera_ids:
        camera = _("no camera")
    elif pen.camera.best is None:
        camera = f":material/visibility_off: {labelled(_('unknown'), why_unknown(pen.camera))}"
    else:
        camera = count(pen.camera)
    return {
        _("Pen"): pen.name,
        _("Farm"): named(pen.farm),
        _("Species"): called(SPECIES, pen.species),
        _("Book"): head(pen.book),
        _("Tags seen / tagged"): f"{head(pen.tags_seen)} / {head(pen.tagged)}",
        _("Camera"): camera,
        _("Physical count"): head(kept.physical) if kept else DASH,
        _("Excused"): head(kept.excused) if kept else DASH,
        _("Estimate"): count(pen.estimate),
        _("Coverage"): share(pen.coverage),
        _("Value"): exact_money(pen.value_minor, currency),
    }


def _telling(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Without the columns that say the same of every pen, where there are several pens."""
    dull = {name for name in (_("Farm"), _("Species"), _("Physical count"), _("Excused")) if _is_same(rows, name)}
    return [{name: text for name, text in row.items() if name not in dull} for row in rows]


def _is_same(rows: list[dict[str, str]], name: str) -> bool:
    told = {row[name] for row in rows}
    return len(rows) > 1 and len(told) == 1 and (name in {_("Farm"), _("Species")} or told <= {DASH, "0"})


def _unseen(detail: LoanDetail, kept: dict[str, UnseenLine], now: datetime) -> None:
    title = _("Animals not evidenced in their pens within 24 hours: {n}").format(n=head(detail.unseen_total))
    st.subheader(title, anchor=False)
    if not detail.unseen:
        st.caption(f":material/check_circle: {_('Every pledged animal was heard.')}")
        return
    tally = Counter(str(line.state) for line in kept.values())
    badges = [f":{m.colour}-badge[{m.icon} {_(m.word)} {tally[s]}]" for s, m in UNSEEN_STATES.items() if tally[s]]
    if badges:
        st.markdown(" ".join(badges))
    oldest = sorted(detail.unseen, key=lambda animal: (not animal.outside_fence, animal.last_seen_at or NEVER))
    rows = [_unseen_row(animal, kept.get(animal.animal_id), detail.loan.currency, now) for animal in oldest]
    with st.container(key="unseen_table"):
        st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), TABLE_PX))
    if detail.unseen_total > len(rows):
        st.caption(_("The first {n} are shown.").format(n=head(len(rows))))


def _unseen_row(animal: UnseenAnimal, kept: UnseenLine | None, currency: str, now: datetime) -> dict[str, str]:
    heard = _("At ({zone})").format(zone=zone_of(now))
    return {
        _("Ear tag number"): animal.identity,
        _("Pen"): animal.pen_name,
        _("Last heard"): ago(animal.last_seen_at, now),
        heard: day_and_clock(animal.last_seen_at),
        _("State"): _(mark(UNSEEN_STATES, kept.state).word) if kept else _whereabouts(animal),
        _("Value"): exact_money(animal.value_minor, currency),
    }


def _whereabouts(animal: UnseenAnimal) -> str:
    if animal.last_seen_at is None:
        return _("unknown")
    return _("outside the fence") if animal.outside_fence else _("inside the fence")
