"""What has become of a case: its events and its notices, in order."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import CaseDetail, CaseEvent, Notice
from dashboard.figures import ago, day_and_clock, head, zone_of
from dashboard.tables import CHANNELS, EVENTS, called
from dashboard.words import _

TOLD_BY_NOTICES = {"notice_delivered", "notice_failed"}


def show(case: CaseDetail, now: datetime) -> None:
    """Events and notices together, newest first."""
    st.subheader(_("Timeline"), anchor=False)
    st.caption(_("Times are {zone}.").format(zone=zone_of(now)))
    lines = [(e.at, _event(e)) for e in case.events if e.event not in TOLD_BY_NOTICES] + [
        (n.created_at, _notice(n)) for n in case.notices
    ]
    with st.container(border=True, key="timeline"):
        for at, text in sorted(lines, key=lambda line: line[0], reverse=True):
            st.markdown(f"`{day_and_clock(at)}` {text} :gray[· {ago(at, now)}]")


def _event(event: CaseEvent) -> str:
    note = f" “{event.note}”" if event.note else ""
    who = _("the system") if event.actor in {"", "engine", "system", "watchkeeper"} else event.actor
    return f":material/history: **{called(EVENTS, event.event)}** · {who}{note}"


def _notice(notice: Notice) -> str:
    what = _("{channel} ({reason})").format(
        channel=called(CHANNELS, notice.channel), reason=called(EVENTS, notice.reason)
    )
    if notice.delivered_at:
        return f":green[:material/mark_email_read:] {what} · {_('delivered')}"
    tries = _("{n} attempts").format(n=head(notice.attempts))
    if notice.given_up_at:
        return f":red[:material/unsubscribe:] {what} · {_('given up')} · {tries} · {notice.last_error or ''}"
    return f":orange[:material/schedule_send:] {what} · {_('on its way')} · {tries}"
