"""Who is logged in, in which language, across reloads.

The API token lives in `st.session_state`. A cookie that scripts cannot read (HttpOnly, SameSite=Strict) carries
it over a reload; dashboard/serve.py sets it. State worth a link (page, ids, language) stands in the URL.
"""

from __future__ import annotations

from typing import cast

import streamlit as st

from collateral.contract.http import LoginAnswer, Me
from dashboard import tickets
from dashboard.client import Api
from dashboard.words import LANGUAGES, Language, speak

COOKIE = "herdlien_session"
HANDLERS = frozenset({"officer", "risk", "admin"})

_BEGIN = "<script>fetch('/session/begin', {{method: 'POST', body: '{ticket}'}})</script>"
_END = "<script>fetch('/session/end', {method: 'POST'})</script>"


def token() -> str | None:
    """The API token of this session, from memory or, after a reload, from the cookie."""
    state = st.session_state
    if "token" not in state:
        # After logging out the handshake's cookie is still in sight: "token" is then None, not missing.
        state["token"] = st.context.cookies.get(COOKIE)
    return cast("str | None", state["token"])


def api() -> Api:
    """The door to the system for this person."""
    return Api(token())


def me() -> Me:
    """The person logged in; asked once per session."""
    if "me" not in st.session_state:
        st.session_state["me"] = api().me()
    return cast(Me, st.session_state["me"])


def handles() -> bool:
    """Whether this person works on cases, movements, inspections and pledges, and does not only read of them."""
    return me().role in HANDLERS


def begin(answer: LoginAnswer) -> None:
    """Remember a login, here and through the cookie."""
    st.session_state.update(token=answer.token, me=answer.me, expired=False)
    st.session_state["cookie_script"] = _BEGIN.format(ticket=tickets.issue(answer.token))


def end(*, expired: bool = False) -> None:
    """Forget the login. `expired`: the system ended it, and the login page says so."""
    st.session_state.update(token=None, expired=expired, cookie_script=_END)
    st.session_state.pop("me", None)


def carry_cookie() -> None:
    """Let the browser fetch or drop the cookie; the same script is not run twice by the browser."""
    if script := st.session_state.get("cookie_script"):
        st.html(script, unsafe_allow_javascript=True)


def choose_language(person: Me | None) -> None:
    """Speak the language of the link, else the one chosen here, else the person's, else the browser's."""
    asked = st.query_params.get("lang")
    chosen = st.session_state.get("language")
    own = person.language if person else None
    found = next((x for x in (asked, chosen, own, _browser_language()) if x in LANGUAGES), "zh")
    set_language(cast(Language, found))


def set_language(language: Language) -> None:
    """Speak `language` from here on, and say so in the URL."""
    st.session_state["language"] = language
    if st.query_params.get("lang") != language:
        st.query_params["lang"] = language
    speak(language)


def speak_again() -> None:
    """Fragments may run in another thread than the page: speak the chosen language there too."""
    speak(cast(Language, st.session_state.get("language", "zh")))


def _browser_language() -> str:
    return (st.context.locale or "")[:2]
