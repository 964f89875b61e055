"""Asking for files, and saying which of their rows could not be taken.

Streamlit says "Upload" and the limit in English alone; here both are in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from collateral.contract.ledger import RowFaultShape
from dashboard.figures import head, labelled
from dashboard.words import _

BUTTON = "[data-testid=stFileUploaderDropzone] button [data-testid=stMarkdownContainer] p"
LIMIT = "[data-testid=stFileUploaderDropzoneInstructions] span"
HIDDEN = "font-size: 0"
SHOWN = "font-size: 0.9rem"
TABLE_PX = 280


def upload(label: str, endings: list[str], key: str, *, most_mb: int, several: bool = False) -> Any:
    """What was chosen: a file or None; with `several`, a list. `most_mb`: of one file, in MiB."""
    _say(key, _("Choose files") if several else _("Choose a file"), _limit(endings, most_mb))
    return st.file_uploader(label, type=endings, accept_multiple_files=several, key=key, max_upload_size=most_mb)


def rows_left_out(faults: Sequence[RowFaultShape] | None) -> None:
    """The rows of the last file that could not be taken: line by line what is wrong, and what to do about it."""
    if not faults:
        return
    st.markdown(f":orange[:material/warning:] **{_('Rows that were left out: {n}').format(n=head(len(faults)))}**")
    rows = [
        {
            _("Line"): fault.line, _("Column"): fault.column, _("Value"): fault.value, _("What is wrong"): fault.why,
            _("What to do"): fault.fix,
        }
        for fault in faults
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), TABLE_PX))


def _limit(endings: list[str], most_mb: int) -> str:
    kinds = ", ".join(ending.upper() for ending in endings)
    return labelled(_("At most {n} MB").format(n=most_mb), kinds)


def _say(key: str, button: str, limit: str) -> None:
    places = {BUTTON: button, LIMIT: limit}
    rules = [
        f".st-key-{key} {place} {{ {HIDDEN}; }} "
        f".st-key-{key} {place}::after {{ content: {json.dumps(said, ensure_ascii=False)}; {SHOWN}; }}"
        for place, said in places.items()
    ]
    st.html(f"<style>{' '.join(rules)}</style>")
