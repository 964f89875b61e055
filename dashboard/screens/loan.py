"""One loan: the three witnesses side by side, worth against balance, pens, unseen animals, pictures."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import Count, CountRecord, LoanDetail, LoanSummary, PenLine, UnseenAnimal
from dashboard import charts, frame, pictures, session
from dashboard.client import Api, api_url
from dashboard.count_chart import count_history
from dashboard.figures import (
    ago,
    as_of,
    count,
    day_and_clock,
    exact_money,
    head,
    interval,
    is_stale,
    labelled,
    listed,
    share,
    why_unknown,
    zone_of,
)
from dashboard.screens.loans import borrower, tally
from dashboard.tables import SPECIES, called
from dashboard.words import _, named

MOST_PICTURES = 6
HISTORY_DAYS = 14
COUNT_DAYS = 3
SHARED_S = 3


def show() -> None:
    """The page of the loan in the URL."""
    loan_id = st.query_params.get("id")
    if not loan_id:
        st.info(_("Choose a loan first."), icon=":material/info:")
        frame.link("loans", _("Loans and collateral"), "to_loans")
        return
    frame.live(lambda: _state(loan_id))
    frame.live(lambda: _history(loan_id), every_s=60)
    frame.live(lambda: _herd(loan_id), every_s=15)
    frame.live(lambda: _cameras(loan_id), every_s=30)


def _detail(loan_id: str) -> LoanDetail:
    return _asked(api_url(), session.token() or "", loan_id)


@st.cache_data(ttl=SHARED_S, max_entries=64, show_spinner=False)
def _asked(url: str, token: str, loan_id: str) -> LoanDetail:
    # The parts of the page ask at the same moment, and the system reckons a loan anew each time.
    return Api(token, url).loan(loan_id)


def _state(loan_id: str) -> None:
    detail, now = _detail(loan_id), frame.now()
    loan, farms = detail.loan, listed(named(f) for f in detail.loan.farms)
    frame.heading(borrower(loan), f"{loan.contract_no} · {named(loan.branch)} · {farms} · {as_of(loan.as_of, now)}")
    _cases(loan)
    _witnesses(detail, now)
    _worth(loan)


def _cases(loan: LoanSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="loan_cases"):
        st.markdown(labelled(_("Open cases"), tally(loan)), width="content")
        frame.link("alerts", _("See its alerts"), "loan_alerts_link", loan=loan.loan_id)
        if loan.farms:
            frame.link("map", _("See the farm map"), "loan_map_link", farm=loan.farms[0].id)


def _witnesses(detail: LoanDetail, now: datetime) -> None:
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


def _counted_pens(pens: list[PenLine]) -> str:
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


def _worth(loan: LoanSummary) -> None:
    gauge, value = st.columns([1, 2])
    with gauge.container(border=True, key="coverage_gauge", height="stretch"):
        st.markdown(f"**{_('Coverage')}**")
        st.altair_chart(charts.coverage_gauge(loan.coverage), width="stretch", key="gauge_chart")
    with value.container(border=True, key="value_balance", height="stretch"):
        st.markdown(f"**{_('Value against balance')}**")
        st.altair_chart(charts.value_against_balance(loan), width="stretch", key="value_chart")
        st.markdown(_ltv(loan))


def _ltv(loan: LoanSummary) -> str:
    if loan.ltv > loan.ltv_ceiling:
        icon, word = ":red[:material/error:]", _("over the ceiling: a top-up or repayment is due")
    elif loan.ltv > loan.ltv_ceiling - 0.05:
        icon, word = ":orange[:material/warning:]", _("near the ceiling")
    else:
        icon, word = ":green[:material/check_circle:]", _("within the ceiling")
    text = _("LTV {ltv} · ceiling {ceiling} · balance {balance} · matures {day}").format(
        ltv=share(loan.ltv), ceiling=share(loan.ltv_ceiling, 0), balance=exact_money(loan.balance_minor, loan.currency),
        day=loan.matures_on.isoformat(),
    )  # fmt: skip
    return f"{icon} {text} · **{word}**"


def _history(loan_id: str) -> None:
    series = session.api().coverage(loan_id, HISTORY_DAYS)
    with st.container(border=True, key="coverage_history"):
        st.markdown(f"**{_('Coverage over {days} days').format(days=HISTORY_DAYS)}**")
        if series.points:
            st.altair_chart(charts.coverage_history(series), width="stretch", key="history_chart")
        else:
            st.caption(_("No history yet."))


def _herd(loan_id: str) -> None:
    detail, now = _detail(loan_id), frame.now()
    st.subheader(_("Pens"), anchor=False)
    with st.container(key="pens_table"):
        st.table([_pen_row(pen, detail.loan.currency) for pen in detail.pens], hide_index=True, border="horizontal")
    _unseen(detail, now)


def _pen_row(pen: PenLine, currency: str) -> dict[str, str]:
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
        _("Estimate"): count(pen.estimate),
        _("Coverage"): share(pen.coverage),
        _("Value"): exact_money(pen.value_minor, currency),
    }


def _unseen(detail: LoanDetail, now: datetime) -> None:
    title = _("Animals not evidenced in their pens within 24 hours: {n}").format(n=head(detail.unseen_total))
    st.subheader(title, anchor=False)
    if not detail.unseen:
        st.caption(f":material/check_circle: {_('Every pledged animal was heard.')}")
        return
    rows = [_unseen_row(animal, detail.loan.currency, now) for animal in detail.unseen]
    with st.container(key="unseen_table"):
        st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), 320))
    if detail.unseen_total > len(rows):
        st.caption(_("The first {n} are shown.").format(n=head(len(rows))))


def _unseen_row(animal: UnseenAnimal, currency: str, now: datetime) -> dict[str, str]:
    heard = _("At ({zone})").format(zone=zone_of(now))
    return {
        _("Ear tag number"): animal.identity,
        _("Pen"): animal.pen_name,
        _("Last heard"): ago(animal.last_seen_at, now),
        heard: day_and_clock(animal.last_seen_at),
        _("Last position"): _whereabouts(animal),
        _("Value"): exact_money(animal.value_minor, currency),
    }


def _whereabouts(animal: UnseenAnimal) -> str:
    if animal.last_seen_at is None:
        return _("unknown")
    return _("outside the fence") if animal.outside_fence else _("inside the fence")


def _cameras(loan_id: str) -> None:
    pens, now = _detail(loan_id).pens, frame.now()
    watched = [(pen, camera) for pen in pens for camera in pen.camera_ids][:MOST_PICTURES]
    st.subheader(_("Camera pictures"), anchor=False)
    if not watched:
        st.caption(_("No camera looks at these pens."))
        return
    columns = st.columns(3)
    for place, (pen, camera) in enumerate(watched):
        with columns[place % 3].container(border=True, key=f"camera_{camera}"):
            _picture(pen, camera, now)


def _picture(pen: PenLine, camera: str, now: datetime) -> None:
    newest = session.api().counts(camera, limit=1)
    if not newest:
        st.caption(f":material/videocam_off: {camera} · {_('no count yet')}")
        return
    record = newest[0]
    pictures.show(record.frame_sha256, _caption(pen, record, now), _("The picture is not kept here"))
    series = session.api().count_series(camera, COUNT_DAYS)
    if series.points:
        st.caption(_("Count over {days} days, against the book").format(days=COUNT_DAYS))
        st.altair_chart(count_history(series), width="stretch", key=f"count_chart_{camera}")


def _caption(pen: PenLine, record: CountRecord, now: datetime) -> str:
    told = count(record.count) if record.count.best is not None else labelled(_("unknown"), why_unknown(record.count))
    text = _("Pen {pen}: count {count}, book {book}").format(pen=pen.name, count=told, book=head(record.book))
    stale = f" · {_('stale')}" if is_stale(record.count, now) else ""
    return f"{text} · {ago(record.captured_at, now)}{stale}"
