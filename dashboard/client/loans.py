"""Calls about loans."""

from __future__ import annotations

from collateral.contract import http as shapes
from collateral.contract.early_warning import EarlyWarningCourse
from collateral.contract.reconciliation import Reconciliation
from collateral.contract.valuation import BorrowingBaseShape, LoanForecast, LoanValuation
from dashboard.client.door import Door


class LoanCalls(Door):
    """Loans: today's picture, coverage, grade, reconciliation, worth."""

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
