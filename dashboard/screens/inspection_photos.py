"""Filing photographs of the sample. The pictures stay with the inspector; the system keeps their SHA-256."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import streamlit as st

from collateral.contract.inspection import PhotosAsked, PhotoShape, SampleAnimal, SessionReport
from dashboard import frame, session
from dashboard.deeds import do, moment
from dashboard.figures import default_zone, listed
from dashboard.upload import upload
from dashboard.words import _

BY_NAME = ""
MOST_MB = 20


def show(told: SessionReport) -> None:
    """One form for one photograph or for all of them."""
    wanted = [animal for animal in (told.sample.animals if told.sample else []) if animal.photo_sha256 is None]
    if not wanted:
        st.caption(f":material/task_alt: {_('Every animal of the sample is photographed.')}")
        return
    names = {BY_NAME: _("As the file names say"), **{one.tag: one.identity or one.tag for one in wanted}}
    now = frame.now().astimezone(default_zone())
    with st.form("photos_form"):
        st.caption(
            _(
                "A file's name holds the ear tag number, or choose the animal of a single photo. The photos stay with "
                "you; the system keeps their SHA-256, by which each can be proved later."
            )
        )
        which, at = st.columns(2)
        tag = which.selectbox(_("Animal"), list(names), format_func=names.__getitem__, key="photos_animal")
        taken_at = moment(at, _("Taken at"), "photos_at", now)
        given = upload(_("Photos"), ["jpg", "jpeg", "png", "heic"], "photos_files", most_mb=MOST_MB, several=True)
        others = {key: name for key, name in names.items() if key}
        wrong = st.multiselect(
            _("Animals that are not the enrolled ones"), list(others), format_func=others.__getitem__,
            key="photos_wrong", placeholder=_("None"),
        )  # fmt: skip
        sent = st.form_submit_button(_("File the photos"), type="primary", key="photos_submit")
    if sent:
        _file(told, _tags(given, wanted, tag or BY_NAME), taken_at, wrong)


def _tags(given: Sequence[Any], wanted: Sequence[SampleAnimal], chosen: str) -> list[tuple[str, Any]]:
    """Each file with its sampled tag: by its name, of a single file the animal that was chosen; "" where none fits."""
    if chosen and len(given) == 1:
        return [(chosen, given[0])]
    names = {name.lower(): one.tag for one in wanted for name in (one.tag, one.identity) if name}
    return [(next((tag for name, tag in names.items() if name in file.name.lower()), ""), file) for file in given]


def _file(told: SessionReport, files: Sequence[tuple[str, Any]], taken_at: datetime, wrong: Sequence[str]) -> None:
    many = Counter(tag for tag, _file in files)
    if not files:
        st.warning(_("Please choose at least one photo."), icon=":material/edit:")
    elif strange := [file.name for tag, file in files if not tag]:
        text = _("Not of this sample: {names}. Rename each after its ear tag number, or file it alone.")
        st.warning(text.format(names=listed(strange)), icon=":material/edit:")
    elif several := [file.name for tag, file in files if many[tag] > 1]:
        text = _("Several photos of one animal: {names}. Leave out all but one.")
        st.warning(text.format(names=listed(several)), icon=":material/edit:")
    else:
        asked = PhotosAsked(photos=[_photo(tag, file, taken_at, matches=tag not in wrong) for tag, file in files])
        do("inspection", lambda: session.api().add_photos(told.session.session_id, asked), _("The photos are filed."))


def _photo(tag: str, file: Any, taken_at: datetime, *, matches: bool) -> PhotoShape:
    return PhotoShape(tag=tag, sha256=sha256(file.getvalue()).hexdigest(), taken_at=taken_at, matches=matches)
