"""What each witness of a case said: since when, the particulars, the pictures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import streamlit as st

from collateral.contract.http import CaseDetail, CountRecord, NamedAnimal, TestimonyShape
from dashboard import pictures, session
from dashboard.client import Refused
from dashboard.figures import ago, clock, count, labelled
from dashboard.particular_words import PARTICULARS
from dashboard.particulars import particular
from dashboard.tables import WITNESSES, mark
from dashboard.words import _

RECENT_COUNTS = 200


def show(case: CaseDetail, now: datetime) -> None:
    """One card per witness."""
    if not case.testimonies:
        st.caption(_("No testimony is on record."))
    for place, told in enumerate(case.testimonies):
        with st.container(border=True, key=f"testimony_{place}"):
            _card(told, pen_names(case.animals), case.summary.currency, now)


def pen_names(animals: Iterable[NamedAnimal]) -> dict[str, str]:
    """What the pens of these animals are called."""
    return {animal.pen_id: animal.pen_name for animal in animals if animal.pen_name}


def _card(told: TestimonyShape, pens: dict[str, str], currency: str, now: datetime) -> None:
    since = _("since {clock}, {age}").format(clock=clock(told.since), age=ago(told.since, now))
    st.markdown(f"{mark(WITNESSES, told.witness).badge()} {since}")
    known = sorted((name for name in told.particulars if name != "frames"), key=_place)
    st.markdown(" · ".join(particular(name, told.particulars[name], pens, currency) for name in known))
    frames = told.frames or list(told.particulars.get("frames", []))
    if frames:
        _frames(frames, str(told.particulars.get("camera", "")))


def _place(name: str) -> int:
    """Particulars stand in the order of their table, unknown ones last."""
    return list(PARTICULARS).index(name) if name in PARTICULARS else len(PARTICULARS)


def _frames(frames: list[str], camera: str) -> None:
    """The last picture before and those after, side by side."""
    records = _records(camera)
    for place, (column, sha256) in enumerate(zip(st.columns(3), frames[:3], strict=False)):
        record = records.get(sha256)
        title = _("Before") if place == 0 else _("After")
        with column:
            pictures.show(sha256, _caption(title, record), _("The picture is not kept here"))
            if record is not None:
                _source(record)


def _caption(title: str, record: CountRecord | None) -> str:
    if record is None:
        return f"{title} · {_('the count of this picture is not at hand')}"
    counted = _("counted {count}").format(count=count(record.count))
    return f"{title} · {clock(record.captured_at)} · {counted}"


def _source(record: CountRecord) -> None:
    """What the figure rests on, for whoever wants to check it."""
    st.caption(
        f":material/fingerprint: {labelled(_('Model'), record.model_version)}"
        f" · {labelled(_('Frame'), f'`{record.frame_sha256[:12]}`')}"
    )


def _records(camera: str) -> dict[str, CountRecord]:
    if not camera:
        return {}
    try:
        return {record.frame_sha256: record for record in session.api().counts(camera, limit=RECENT_COUNTS)}
    except Refused:
        return {}
