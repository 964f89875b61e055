"""The entry: login, language, and which pages this person has. Nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from collateral.contract.http import Me
from dashboard import frame, session
from dashboard.client import Away, LoggedOut
from dashboard.navigation import pages
from dashboard.screens import login
from dashboard.tables import ROLES, called
from dashboard.words import LANGUAGES, OWN_NAMES, _, language

# A file of our own: an icon by name would be fetched from a font service outside.
ICON = Path(__file__).with_name("icon.png")
WORDMARK = Path(__file__).with_name("wordmark.svg")


def main() -> None:
    """One run of the script: who is it, in which language, which page."""
    st.set_page_config(page_title="HerdLien", page_icon=str(ICON), layout="wide")
    frame.style()
    session.choose_language(st.session_state.get("me"))
    session.carry_cookie()
    try:
        person = session.me() if session.token() else None
    except LoggedOut:
        session.end(expired=True)
        person = None
    except Away:
        frame.wait_for_system()
        return
    session.choose_language(person)
    if person is None:
        # The pages are declared here too, so that a link to one survives the login.
        st.navigation(pages("officer"), position="hidden")
        login.show()
        return
    st.logo(str(WORDMARK), size="large")
    page = st.navigation(pages(person.role))
    _sidebar(person)
    if person.role != "farm":
        frame.red_banner()
    page.run()


def _sidebar(person: Me) -> None:
    with st.sidebar:
        st.markdown(f"**{person.name}** · {called(ROLES, person.role)}")
        _language_choice()
        if st.button(_("Log out"), key="logout", icon=":material/logout:"):
            session.end()
            st.rerun()


def _language_choice() -> None:
    chosen = st.segmented_control(
        _("Language"), LANGUAGES, default=language(), format_func=OWN_NAMES.__getitem__, key="language_choice",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    if chosen != language():
        session.set_language(chosen)
        st.rerun()


main()
