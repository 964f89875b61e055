"""Camera pictures as they are kept: the counted animals boxed, people hidden, the count written below."""

from __future__ import annotations

from io import BytesIO

import streamlit as st
from PIL import Image

from dashboard import session
from dashboard.client import Api, Refused


def fetch(sha256: str) -> bytes | None:
    """The picture's bytes, or None when this person may not see it or it is not kept."""
    try:
        return _fetched(session.token() or "", sha256)
    except Refused:
        return None


@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def _fetched(token: str, sha256: str) -> bytes:
    # The token is part of the key: one person's pictures are never another's.
    return Api(token).evidence(sha256)


def show(sha256: str, caption: str, missing: str) -> None:
    """Draw the picture, or say that there is none. `sha256`: of the frame that was counted."""
    picture = _opened(fetch(sha256))
    if picture is None:
        st.caption(f":material/image_not_supported: {missing} · {caption}")
    else:
        st.image(picture, caption=caption, width="stretch")


def _opened(jpeg: bytes | None) -> Image.Image | None:
    try:
        return Image.open(BytesIO(jpeg)).convert("RGB") if jpeg else None
    except OSError:  # not a picture, or cut short
        return None
