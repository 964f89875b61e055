"""Calls about rules."""

from __future__ import annotations

from collateral.contract import casework
from collateral.contract.early_warning import LimitRequest, RuleShape
from dashboard.client.door import Door


class RuleCalls(Door):
    """Rules, their limits, how often each was right."""

    def rules(self) -> list[RuleShape]:
        return self._get("/v1/rules", list[RuleShape])

    def set_limit(self, rule: str, field: str, request: LimitRequest) -> None:
        self._send("PUT", f"/v1/rules/{rule}/limits/{field}", json=request.model_dump())

    def precision(self) -> casework.PrecisionReport:
        """How often each rule was right, over the system's usual span."""
        return self._get("/v1/rules/precision", casework.PrecisionReport)
