"""The web server: Streamlit, plus two routes that set and clear the session cookie.

A Streamlit script speaks to the browser over a web socket and cannot set a cookie that scripts cannot read.
So after login the page fetches /session/begin with a one-time ticket, and that answer sets the cookie.
"""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import uuid4

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import tickets
from dashboard.words import _

ADDRESS = "127.0.0.1"
COOKIE = "herdlien_session"
SCRIPT = Path(__file__).with_name("app.py")
LOG = logging.getLogger("dashboard")

# config.toml holds the looks; these hold even when someone's own ~/.streamlit says otherwise.
ALWAYS = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
}


async def begin_session(request: Request) -> Response:
    """Exchange a one-time ticket for the session cookie."""
    held = tickets.redeem((await request.body()).decode(errors="replace"))
    if held is None:
        return Response(status_code=410)
    answer = Response(status_code=204)
    # No age: it ends with the browser; the API ends the token itself, by its own clock.
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, held.token, httponly=True, samesite="strict", secure=secure)
    return answer


async def end_session(_request: Request) -> Response:
    """Forget the session cookie."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def calm(error: Exception) -> bool:
    """Log an unexpected error under a number and show the number instead of a traceback."""
    number = uuid4().hex[:8]
    LOG.error("screen_failed error_id=%s", number, exc_info=error)
    st.error(
        _("This page could not be shown. Please reload it; if that does not help, report number {number}.").format(
            number=number
        ),
        icon=":material/error:",
    )
    return True


def build() -> st.App:
    """The ASGI application."""
    routes = [
        Route("/session/begin", begin_session, methods=["POST"]),
        Route("/session/end", end_session, methods=["POST"]),
    ]
    return st.App(SCRIPT, routes=routes, on_script_error=calm)


def serve(port: int, host: str = ADDRESS) -> None:
    """Serve until stopped; on loopback unless told otherwise."""
    build().run(config={**ALWAYS, "server.address": host, "server.port": port})
