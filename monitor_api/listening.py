"""Middleware: every request is answered in the language it asks for, and the answer says which that is."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor_api.tongues import speaking, wanted


class Listening:
    """Reads `Accept-Language`; adds `Content-Language` to what may hold sentences, and `Vary` to everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        language = wanted(",".join(Headers(scope=scope).getlist("accept-language")))

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Accept-Language")
                if "json" in headers.get("content-type", ""):
                    headers["Content-Language"] = language
            await send(message)

        with speaking(language):
            await self._app(scope, receive, labelled)
