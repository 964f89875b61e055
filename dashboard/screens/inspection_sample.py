"""The animals of a session's draw: which to photograph and where, which are done, and how anybody checks the draw."""

from __future__ import annotations

import csv
import io

import streamlit as st

from collateral.contract.inspection import SampleAnimal, SampleShape, SessionReport
from dashboard.figures import DASH, day_and_clock, head
from dashboard.words import _


def show(told: SessionReport) -> None:
    """Nothing before the draw."""
    if told.sample is None:
        return
    drawn = told.sample
    st.subheader(
        _("Sample: {done} of {n} animals photographed").format(
            done=head(drawn.photographed), n=head(len(drawn.animals))
        ),
        anchor=False,
    )
    with st.container(border=True, key="session_sample"):
        st.caption(_proof(drawn))
        rows = [_row(place, animal) for place, animal in enumerate(drawn.animals, 1)]
        st.table(rows, hide_index=True, border="horizontal")
        if not told.closed:
            st.download_button(
                _("Take the list along (CSV)"), _sheet(drawn.animals), f"sample-{told.session.session_id}.csv",
                "text/csv", key="sample_list", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
        with st.expander(_("How anybody can check the draw"), icon=":material/function:"):
            _check(told, drawn)


def _proof(drawn: SampleShape) -> str:
    if not drawn.photographed:
        return _("Photograph each of these animals with its ear tag in view.")
    text = _(
        "{n} of {herd} animals photographed, {faults} of them not the enrolled one: at most {ghosts} of the {herd} "
        "can be animals that do not exist (95 % confidence)."
    )
    figures = {"n": drawn.photographed, "herd": drawn.herd, "faults": drawn.faults, "ghosts": drawn.ghosts_at_most}
    return text.format(**{name: head(value) for name, value in figures.items()})


def _row(place: int, animal: SampleAnimal) -> dict[str, str]:
    done = {
        None: f":gray[:material/photo_camera: {_('to be photographed')}]",
        True: f":green[:material/check_circle: {_('is the enrolled animal')}]",
        False: f":red[:material/error: {_('is another animal')}]",
    }
    return {
        _("No."): str(place),
        _("Ear tag number"): animal.identity or DASH,
        _("Ear tag"): f"`{animal.tag}`",
        _("Read in"): animal.pen_name or DASH,
        _("Read at"): day_and_clock(animal.read_at),
        _("Photo"): done[animal.matches],
        "SHA-256": f"`{animal.photo_sha256[:12]}…`" if animal.photo_sha256 else DASH,
    }


def _sheet(animals: list[SampleAnimal]) -> bytes:
    """For a spreadsheet, which needs the byte order mark to read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_("No."), _("Ear tag number"), _("Ear tag"), _("Read in")])
    writer.writerows(
        # The apostrophe keeps a spreadsheet from rounding 15 digits.
        (place, f"'{animal.identity}" if animal.identity else "", animal.tag, animal.pen_name or "")
        for place, animal in enumerate(animals, 1)
    )
    return out.getvalue().encode("utf-8-sig")


def _check(told: SessionReport, drawn: SampleShape) -> None:
    st.markdown(
        _(
            "The secret's SHA-256 is the commitment. The seed is the SHA-256 of session, reads and secret. Ordered by "
            "the SHA-256 of seed and tag, the first tags are the sample."
        )
    )
    told_of = {
        _("Commitment"): told.secret_sha256,
        _("Secret"): drawn.secret,
        _("SHA-256 of the reads"): drawn.reads_sha256,
        _("Seed"): drawn.seed,
        _("Session"): told.session.session_id,
    }
    st.code("\n".join(f"{name}: {value}" for name, value in told_of.items()), language=None, wrap_lines=True)
