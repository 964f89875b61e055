"""Camera pictures with the counted animals boxed and the count written on."""

from __future__ import annotations

from io import BytesIO

import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from collateral.contract.http import CountRecord
from dashboard import session
from dashboard.client import Api, Refused

BOX, BANNER, INK = (255, 196, 0), (20, 34, 48), (255, 255, 255)


def boxed(jpeg: bytes, record: CountRecord | None, banner: str) -> Image.Image:
    """The picture with one box per counted animal and a banner. Raises OSError.

    The banner holds figures and ids alone: words stand in the caption, where every language has its letters.
    """
    picture = Image.open(BytesIO(jpeg)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    line = max(1, picture.width // 400)
    for x1, y1, x2, y2, _score in record.boxes if record else []:
        draw.rectangle((x1, y1, x2, y2), outline=BOX, width=line)
    _write(draw, picture, banner.replace("–", "-"))  # the built-in font is plain ASCII
    return picture


def _write(draw: ImageDraw.ImageDraw, picture: Image.Image, banner: str) -> None:
    size = max(12, picture.width // 30)
    font = ImageFont.load_default(size)
    draw.rectangle((0, 0, draw.textlength(banner, font) + size, size * 1.6), fill=BANNER)
    draw.text((size * 0.5, size * 0.2), banner, fill=INK, font=font)


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


def show(sha256: str, record: CountRecord | None, banner: str, caption: str, missing: str) -> None:
    """Draw the picture, or say that there is none."""
    picture = _drawn(sha256, record, banner)
    if picture is None:
        st.caption(f":material/image_not_supported: {missing} · {caption}")
    else:
        st.image(picture, caption=caption, width="stretch")


def _drawn(sha256: str, record: CountRecord | None, banner: str) -> Image.Image | None:
    jpeg = fetch(sha256)
    try:
        return boxed(jpeg, record, banner) if jpeg else None
    except OSError:  # not a picture, or cut short
        return None
