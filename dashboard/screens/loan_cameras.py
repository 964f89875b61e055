"""The newest camera pictures of a loan's pens, each with the course of its count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from collateral.contract.http import CountRecord, PenLine
from dashboard import pictures, session
from dashboard.count_chart import count_history
from dashboard.figures import ago, count, head, is_stale, labelled, why_unknown
from dashboard.words import _

MOST_PICTURES = 6
COUNT_DAYS = 3


def show(pens: Sequence[PenLine], now: datetime) -> None:
    """One card per camera."""
    watched = [(pen, camera) for pen in pens for camera in pen.camera_ids][:MOST_PICTURES]
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
