"""What a loan's animals are worth, what may be lent on them, and where that is heading."""

from __future__ import annotations

from fastapi import APIRouter

from collateral.contract.valuation import BorrowingBaseShape, LoanForecast, LoanValuation
from collateral.facts.loan import LoanFacts
from collateral.store import loan_facts
from monitor_api import appraisal
from monitor_api.access import BankPerson
from monitor_api.desk import Caller
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["valuation"])


@router.get("/loans/{loan_id}/valuation", responses=documented(401, 403, 404, 422, 503))
def valuation(loan_id: str, caller: BankPerson) -> LoanValuation:
    """Value, ratio, what does not count and why, what may be drawn, and the prices all of it rests on."""
    return appraisal.valuation(_facts(loan_id, caller))


@router.get("/loans/{loan_id}/forecast", responses=documented(401, 403, 404, 422, 503))
def forecast(loan_id: str, caller: BankPerson) -> LoanForecast:
    """The band of the ratio for the next 26 weeks, and the week in which it will be above its ceiling."""
    return appraisal.outlook(_facts(loan_id, caller))


@router.get("/loans/{loan_id}/borrowing-base", responses=documented(401, 403, 404, 422, 503))
def borrowing_base(loan_id: str, caller: BankPerson) -> BorrowingBaseShape:
    """The figures of a borrowing base certificate, with their hash."""
    return appraisal.certificate(_facts(loan_id, caller))


def _facts(loan_id: str, caller: Caller) -> LoanFacts:
    with caller.sight() as connection:
        found = loan_facts.one(connection, loan_id, caller.now())
    if found is None:
        raise NotFound("loan with pledged animals")
    return found
