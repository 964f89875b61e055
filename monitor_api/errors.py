"""From what went wrong to an RFC 9457 problem that says what to do."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from collateral.contract.http import Problem
from collateral.model.saying import Saying, say
from collateral.ops.logs import logger
from collateral.store.pool import DatabaseUnavailable
from monitor_api.request_faults import told
from monitor_api.tongues import speaking, spoken, wanted

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Base of what a route raises; `status`, `title` and the message become the problem, in the caller's language."""

    status = 500
    title = say("Something went wrong")

    def __init__(self, detail: Saying, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}


class NotLoggedIn(ProblemError):
    status, title = 401, say("Not logged in")

    def __init__(self, detail: Saying | None = None) -> None:
        how = say("log in at POST /v1/login and send the token as 'Authorization: Bearer'")
        super().__init__(detail or how, headers={"WWW-Authenticate": "Bearer"})


class NotAllowed(ProblemError):
    status, title = 403, say("Not allowed")


class NotFound(ProblemError):
    """Also for what exists and belongs to others: existence must not leak. `what` is a message too."""

    status, title = 404, say("Not found")

    def __init__(self, what: str) -> None:
        super().__init__(say("there is no such {what}, or it is not yours to see; check the id", what=Saying(what, {})))


class Conflict(ProblemError):
    status, title = 409, say("Conflict")


class NotUnderstood(ProblemError):
    status, title = 422, say("Not understood")


class TooMany(ProblemError):
    status, title = 429, say("Too many attempts")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route can answer with, for OpenAPI."""
    return {
        status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": _TITLES[status]} for status in statuses
    }


_TITLES = {error.status: error.title for error in (NotLoggedIn, NotAllowed, NotFound, Conflict, TooMany)} | {
    422: NotUnderstood.title,
    503: say("Database away"),
}

_OF_FRAMEWORK = {
    404: (NotFound.title, say("there is no such page; GET /v1/openapi.json lists them")),
    405: (say("Method not allowed"), say("use the method the page is made for")),
}


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.exception_handler(ProblemError)(_problem)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(HTTPException)(_of_framework)
    app.exception_handler(DatabaseUnavailable)(_database_away)
    app.exception_handler(Exception)(_unforeseen)


def answer(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """One problem, in the language of the request."""
    body = Problem(title=spoken(title), status=status, detail=spoken(detail)).model_dump()
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def _problem(_: Request, error: ProblemError) -> JSONResponse:
    return answer(error.status, error.title, error.detail, error.headers)


def _not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
    return answer(422, _TITLES[422], told(error.errors()))


def _of_framework(_: Request, error: HTTPException) -> JSONResponse:
    title, detail = _OF_FRAMEWORK.get(error.status_code, (str(error.detail),) * 2)
    return answer(error.status_code, title, detail, dict(error.headers or {}))


def _database_away(_: Request, error: DatabaseUnavailable) -> JSONResponse:
    logger().error("database_away", reason=str(error))
    # Where the database is stays in the log; a caller can only wait.
    detail = say("the database does not answer; try again in a minute")
    return answer(503, _TITLES[503], detail, {"Retry-After": "10"})


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    logger().error("request_failed", path=request.url.path, exc_info=error)
    # The framework asks for this answer outside of every middleware.
    language = wanted(request.headers.get("accept-language", ""))
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    detail = say("this is a fault of the server; its log has the particulars")
    with speaking(language):
        return answer(500, ProblemError.title, detail, headers)
