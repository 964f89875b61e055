"""The only door to the system: HTTP calls that answer with the contract's shapes."""

from __future__ import annotations

import os
from collections.abc import Hashable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import TypeAdapter, ValidationError

from collateral.contract import casework, ledger
from collateral.contract import http as shapes
from collateral.contract.early_warning import EarlyWarningCourse, LimitRequest, RuleShape
from collateral.contract.reconciliation import Reconciliation
from collateral.contract.valuation import BorrowingBaseShape, LoanForecast, LoanValuation

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
    """The system answered and said no; `str()` is its reason, in its own words."""


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


class NotThere(Refused):
    """There is no such thing, or it is not this person's to see."""


class Api:
    """The system as one person sees it. `token` None: not logged in."""

    def __init__(self, token: str | None = None, url: str | None = None) -> None:
        self._token = token
        self._url = url or api_url()

    def login(self, login: str, password: str) -> shapes.LoginAnswer:
        """Raises LoggedOut when login or password is wrong."""
        return self._post("/v1/login", shapes.LoginRequest(login=login, password=password), shapes.LoginAnswer)

    def me(self) -> shapes.Me:
        return self._get("/v1/me", shapes.Me)

    def now(self) -> datetime:
        """The system's own time, which ages are measured against."""
        return self._get("/health", shapes.Health).now

    def today(self) -> shapes.Today:
        return self._get("/v1/today", shapes.Today)

    def loans(self) -> list[shapes.LoanSummary]:
        return self._get("/v1/loans", list[shapes.LoanSummary])

    def loan(self, loan_id: str) -> shapes.LoanDetail:
        return self._get(f"/v1/loans/{loan_id}", shapes.LoanDetail)

    def coverage(self, loan_id: str, days: int = 14) -> shapes.CoverageSeries:
        return self._get(f"/v1/loans/{loan_id}/coverage", shapes.CoverageSeries, days=days)

    def early_warning(self, loan_id: str, days: int = 30) -> EarlyWarningCourse:
        """A loan's grades, oldest first; no points until it has been graded once."""
        return self._get(f"/v1/loans/{loan_id}/early-warning", EarlyWarningCourse, days=days)

    def reconciliation(self, loan_id: str) -> Reconciliation:
        """The newest kept reconciliation. Raises NotThere before the first."""
        return self._get(f"/v1/loans/{loan_id}/reconciliation", Reconciliation)

    def valuation(self, loan_id: str) -> LoanValuation:
        return self._get(f"/v1/loans/{loan_id}/valuation", LoanValuation)

    def borrowing_base(self, loan_id: str) -> BorrowingBaseShape:
        return self._get(f"/v1/loans/{loan_id}/borrowing-base", BorrowingBaseShape)

    def forecast(self, loan_id: str) -> LoanForecast:
        return self._get(f"/v1/loans/{loan_id}/forecast", LoanForecast)

    def roll_forward(self, loan_id: str, start: datetime, end: datetime) -> ledger.RollForwardShape:
        """Opening + in - out = closing over (start, end]."""
        bounds = {"start": start.isoformat(), "end": end.isoformat()}
        return self._get(f"/v1/loans/{loan_id}/roll-forward", ledger.RollForwardShape, **bounds)

    def movements(self, loan_id: str | None = None) -> list[ledger.MovementSummary]:
        return self._get("/v1/movements", list[ledger.MovementSummary], loan_id=loan_id)

    def movement(self, request_id: int) -> ledger.MovementDetail:
        return self._get(f"/v1/movements/{request_id}", ledger.MovementDetail)

    def ask_movement(self, asked: ledger.MovementAsked) -> ledger.MovementDetail:
        return self._post("/v1/movements", asked, ledger.MovementDetail)

    def add_document(self, request_id: int, paper: ledger.DocumentShape) -> None:
        self._post(f"/v1/movements/{request_id}/documents", paper, ledger.MovementDetail)

    def decide_movement(self, request_id: int, step: ledger.StepWord, note: str) -> None:
        self._post(f"/v1/movements/{request_id}/{step}", ledger.DecisionAsked(note=note), ledger.MovementDetail)

    def execute_movement(self, request_id: int, asked: ledger.ExecutionAsked) -> None:
        self._post(f"/v1/movements/{request_id}/execute", asked, ledger.MovementDetail)

    def book_proceeds(self, request_id: int, asked: ledger.ProceedsAsked) -> None:
        self._post(f"/v1/movements/{request_id}/proceeds", asked, ledger.MovementDetail)

    def herds(self) -> list[shapes.HerdLine]:
        return self._get("/v1/herds", list[shapes.HerdLine])

    def farm_map(self, farm_id: str) -> shapes.FarmMap:
        return self._get(f"/v1/farms/{farm_id}/map", shapes.FarmMap)

    def alerts(self, **filters: Any) -> list[shapes.CaseSummary]:
        """Filters: state, severity, loan_id, limit, offset; None means any."""
        return self._get("/v1/alerts", list[shapes.CaseSummary], **filters)

    def alert(self, case_id: int) -> shapes.CaseDetail:
        return self._get(f"/v1/alerts/{case_id}", shapes.CaseDetail)

    def acknowledge(self, case_id: int, note: str) -> None:
        self._send("POST", f"/v1/alerts/{case_id}/acknowledge", json={"note": note})

    def resolve(self, case_id: int, request: shapes.ResolveRequest) -> None:
        self._send("POST", f"/v1/alerts/{case_id}/resolve", json=request.model_dump())

    def move_case(self, case_id: int, request: casework.MoveRequest) -> None:
        self._send("POST", f"/v1/alerts/{case_id}/moves", json=request.model_dump())

    def rules(self) -> list[RuleShape]:
        return self._get("/v1/rules", list[RuleShape])

    def set_limit(self, rule: str, field: str, request: LimitRequest) -> None:
        self._send("PUT", f"/v1/rules/{rule}/limits/{field}", json=request.model_dump())

    def precision(self) -> casework.PrecisionReport:
        """How often each rule was right, over the system's usual span."""
        return self._get("/v1/rules/precision", casework.PrecisionReport)

    def sla(self) -> casework.SlaReport:
        return self._get("/v1/sla", casework.SlaReport)

    def silences(self) -> list[casework.SilenceRecord]:
        """Planned work in force or to come."""
        return self._get("/v1/silences", list[casework.SilenceRecord])

    def set_silence(self, request: casework.SilenceRequest) -> None:
        self._post("/v1/silences", request, casework.SilenceRecord)

    def end_silence(self, silence_id: int) -> None:
        self._send("DELETE", f"/v1/silences/{silence_id}")

    def counts(self, camera_id: str, limit: int = 50) -> list[shapes.CountRecord]:
        """The newest counts of one camera, newest first."""
        records = self._get("/v1/counts", list[shapes.CountRecord], camera_id=camera_id, limit=limit)
        return sorted(records, key=lambda record: record.captured_at, reverse=True)

    def count_series(self, camera_id: str, days: int = 3) -> shapes.CountSeries:
        """How one camera's counts went, oldest first."""
        return self._get(f"/v1/cameras/{camera_id}/counts", shapes.CountSeries, days=days)

    def devices(self) -> shapes.Devices:
        return self._get("/v1/devices", shapes.Devices)

    def evidence(self, sha256: str) -> bytes:
        """The bytes of one picture."""
        return self._send("GET", f"/v1/evidence/{sha256}").content

    def _get(self, path: str, shape: type[Answer], **query: Any) -> Answer:
        given = {name: value for name, value in query.items() if value is not None}
        return _read(self._send("GET", path, params=given), shape)

    def _post(self, path: str, body: shapes.Shape, shape: type[Answer]) -> Answer:
        return _read(self._send("POST", path, json=body.model_dump(mode="json")), shape)

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
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


def _read(answer: httpx.Response, shape: type[Answer]) -> Answer:
    try:
        read: Answer = _adapter(cast(Hashable, shape)).validate_json(answer.content)
    except ValidationError as error:
        raise Refused("dashboard and system do not understand each other; upgrade both together") from error
    return read


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return f"HTTP {answer.status_code}"
