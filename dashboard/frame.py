"""What every page shares: the live parts, the calm pages, links between pages, the red banner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path

import streamlit as st

from dashboard import session
from dashboard.client import Away, LoggedOut, Refused
from dashboard.words import _, language, ngettext

REFRESH_S = 5
STYLE = Path(__file__).with_name("style.css")
TARGETS = ("today", "loans", "loan", "alerts", "case", "map", "devices")


def calmly(draw: Callable[[], None]) -> None:
    """Draw; when the system is away, says no or has ended the login, say so instead of failing."""
    session.speak_again()
    try:
        draw()
    except Away:
        away()
    except LoggedOut:
        session.end(expired=True)
        st.rerun()
    except Refused as refusal:
        st.info(_("This cannot be shown: {reason}").format(reason=refusal), icon=":material/block:")


def live(draw: Callable[[], None], every_s: float = REFRESH_S) -> None:
    """Draw a part of a page, again and again. Never nested: an inner one would stay frozen."""

    @wraps(draw)
    def part() -> None:
        calmly(draw)

    st.fragment(part, run_every=every_s)()


def away() -> None:
    """The system does not answer."""
    with st.container(key="away", border=True):
        st.markdown(f"#### :material/cloud_off: {_('The system is not answering')}")
        st.markdown(_("No figures can be shown at present. Your work is safe; this page keeps trying by itself."))


def wait_for_system() -> None:
    """A page of its own while the system is away; goes on by itself when it is back."""

    def ask() -> None:
        session.api().now()
        st.rerun(scope="app")

    live(ask, every_s=3)


def heading(title: str, subtitle: str = "") -> None:
    """The title of a page and one line below it."""
    st.header(title, anchor=False)
    if subtitle:
        st.caption(subtitle)


def link(target: str, label: str, key: str, icon: str = ":material/arrow_forward:", **query: str) -> None:
    """A link to another page of this person, with what the page needs in the URL."""
    page = st.session_state.get("links", {}).get(target)
    if page is None:
        return
    with st.container(key=key, width="content"):
        st.page_link(
            page, label=label, icon=icon, icon_position="right", query_params={**query, "lang": language()}
        )  # fmt: skip


def red_banner() -> None:
    """On every page while a red case waits for somebody to acknowledge it."""

    def draw() -> None:
        waiting = session.api().alerts(state="open", severity="red")
        if not waiting:
            return
        text = ngettext(
            "{n} red alert is waiting to be acknowledged", "{n} red alerts are waiting to be acknowledged", len(waiting)
        )
        with st.container(key="red_banner", horizontal=True, vertical_alignment="center"):
            st.markdown(f"**:material/e911_emergency: {text.format(n=len(waiting))}**", width="stretch")
            first = waiting[0]
            link("case", _("Open the case"), "red_banner_link", id=str(first.case_id))

    live(draw)


def now() -> datetime:
    """The system's time: ages are measured against it, never against this machine's clock."""
    return session.api().now()


def style() -> None:
    """The few looks that the theme cannot say."""
    st.html(STYLE)
