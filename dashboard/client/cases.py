"""Calls about cases."""

from __future__ import annotations

from typing import Any

from collateral.contract import casework
from collateral.contract import http as shapes
from dashboard.client.door import Door


class CaseCalls(Door):
    """Alerts and their moves, limits of time, planned work."""

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

    def sla(self) -> casework.SlaReport:
        return self._get("/v1/sla", casework.SlaReport)

    def silences(self) -> list[casework.SilenceRecord]:
        """Planned work in force or to come."""
        return self._get("/v1/silences", list[casework.SilenceRecord])

    def set_silence(self, request: casework.SilenceRequest) -> None:
        self._post("/v1/silences", request, casework.SilenceRecord)

    def end_silence(self, silence_id: int) -> None:
        self._send("DELETE", f"/v1/silences/{silence_id}")
