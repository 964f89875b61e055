"""Logging in."""

from __future__ import annotations

import streamlit as st

from dashboard import session
from dashboard.client import Api, Away, LoggedOut, Refused
from dashboard.words import LANGUAGES, OWN_NAMES, _, language


def show() -> None:
    """The form, in the middle of the page."""
    middle = st.columns([1, 1.1, 1])[1]
    with middle.container(key="login"):
        st.title("HerdLien", anchor=False)  # the name is the same in every language
        st.markdown(_("Live animals as collateral: are they there, are they worth the loan?"))
        if st.session_state.get("expired"):
            st.info(_("Your login has expired. Please log in again."), icon=":material/lock_clock:")
        _form()
        _language_choice()


def _form() -> None:
    with st.form("login_form"):
        login = st.text_input(_("Login"), key="login_name", autocomplete="username")
        password = st.text_input(_("Password"), type="password", key="login_password", autocomplete="current-password")
        sent = st.form_submit_button(_("Log in"), type="primary", key="login_submit", width="stretch")
    if sent:
        _log_in(login.strip(), password)


def _log_in(login: str, password: str) -> None:
    if not login or not password:
        st.warning(_("Please give both login and password."), icon=":material/edit:")
        return
    try:
        session.begin(Api().login(login, password))
    except LoggedOut:
        st.error(_("Login or password is not right."), icon=":material/lock:")
        return
    except Refused as refusal:
        st.warning(_("This was refused: {reason}").format(reason=refusal), icon=":material/block:")
        return
    except Away:
        st.warning(_("The system is not answering. Please try again in a moment."), icon=":material/cloud_off:")
        return
    st.rerun()


def _language_choice() -> None:
    chosen = st.segmented_control(
        _("Language"), LANGUAGES, default=language(), format_func=OWN_NAMES.__getitem__, key="login_language",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    if chosen != language():
        session.set_language(chosen)
        st.rerun()
