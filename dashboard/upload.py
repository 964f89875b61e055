"""Asking for files. Streamlit says "Upload" and the limit in English alone; here both are in the reader's language."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard.figures import labelled
from dashboard.words import _

BUTTON = "[data-testid=stFileUploaderDropzone] button [data-testid=stMarkdownContainer] p"
LIMIT = "[data-testid=stFileUploaderDropzoneInstructions] span"
HIDDEN = "font-size: 0"
SHOWN = "font-size: 0.9rem"


def upload(label: str, endings: list[str], key: str, *, most_mb: int, several: bool = False) -> Any:
    """What was chosen: a file or None; with `several`, a list. `most_mb`: of one file, in MiB."""
    _say(key, _("Choose files") if several else _("Choose a file"), _limit(endings, most_mb))
    return st.file_uploader(label, type=endings, accept_multiple_files=several, key=key, max_upload_size=most_mb)


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
