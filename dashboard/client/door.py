"""Asking the system over HTTP, and what can come of it."""

from __future__ import annotations

import os
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import TypeAdapter, ValidationError

from collateral.contract.http import Shape
from dashboard.words import LOCALES, _, language

DEFAULT_URL = "http://127.0.0.1:8000"
TIMEOUT_S = 10.0
UNAUTHORISED = 401
NOT_FOUND = 404

Answer = TypeVar("Answer")


class ApiError(Exception):
    """The system did not give what was asked for."""


class Away(ApiError):
    """The system does not answer at present; try again in a moment."""


class LoggedOut(ApiError):
    """The login has expired or was never there; log in again."""


class Refused(ApiError):
    """The system answered and said no; `str()` is its reason, in the language spoken now."""


class NotThere(Refused):
    """There is no such thing, or it is not this person's to see."""


def api_url() -> str:
    """Where the system is: HERDLIEN_API_URL."""
    return os.environ.get("HERDLIEN_API_URL", DEFAULT_URL).rstrip("/")


@cache
def _connections(url: str) -> httpx.Client:
    # trust_env: an intranet proxy setting must not carry tokens away from a loopback API.
    return httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


class Door:
    """What every call goes through. `token` None: not logged in."""

    def __init__(self, token: str | None = None, url: str | None = None) -> None:
        self._token = token
        self._url = url or api_url()

    def _get(self, path: str, shape: type[Answer], **query: Any) -> Answer:
        return _read(self._send("GET", path, params=_given(query)), shape)

    def _post(self, path: str, body: Shape | None, shape: type[Answer]) -> Answer:
        return _read(self._send("POST", path, json=body.model_dump(mode="json") if body else None), shape)

    def _upload(self, path: str, data: bytes, shape: type[Answer], **query: Any) -> Answer:
        headers = {"Content-Type": "text/csv"}
        return _read(self._send("POST", path, content=data, params=_given(query), headers=headers), shape)

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {"Accept-Language": LOCALES[language()].replace("_", "-")}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        headers |= arguments.pop("headers", {})
        try:
            answer = _connections(self._url).request(method, path, headers=headers, **arguments)
        except httpx.HTTPError as error:
            raise Away(Away.__doc__) from error
        if answer.status_code == UNAUTHORISED:
            raise LoggedOut(LoggedOut.__doc__)
        if answer.is_server_error:
            raise Away(Away.__doc__)
        if answer.status_code == NOT_FOUND:
            raise NotThere(_reason(answer))
        if answer.is_error:
            raise Refused(_reason(answer))
        return answer


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _read(answer: httpx.Response, shape: type[Answer]) -> Answer:
    try:
        read: Answer = _adapter(cast(Hashable, shape)).validate_json(answer.content)
    except ValidationError as error:
        raise Refused(_("The dashboard and the system do not understand each other. Please upgrade both.")) from error
    return read


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return f"HTTP {answer.status_code}"
