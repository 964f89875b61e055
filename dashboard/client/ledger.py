"""Calls about movements of the pledge."""

from __future__ import annotations

from datetime import datetime

from collateral.contract import ledger
from dashboard.client.door import Door


class LedgerCalls(Door):
    """What moves in and out of the pledge: the roll-forward, groups, movement requests and their steps."""

    def roll_forward(self, loan_id: str, start: datetime, end: datetime) -> ledger.RollForwardShape:
        """Opening + in - out = closing over (start, end]."""
        bounds = {"start": start.isoformat(), "end": end.isoformat()}
        return self._get(f"/v1/loans/{loan_id}/roll-forward", ledger.RollForwardShape, **bounds)

    def groups(self, loan_id: str) -> list[ledger.GroupLine]:
        """Groups known by number on the loan's farms, and how many of each secure it."""
        return self._get(f"/v1/loans/{loan_id}/groups", list[ledger.GroupLine])

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
