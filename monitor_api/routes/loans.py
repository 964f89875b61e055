"""Loans: the list, one loan with its pens, and how its coverage went."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from collateral.contract.early_warning import EarlyWarningCourse
from collateral.contract.http import CoverageSeries, LoanDetail, LoanSummary
from collateral.store import early_warnings, facts, herds, loans
from collateral.store.pool import Connection
from monitor_api import pens
from monitor_api.access import BankPerson
from monitor_api.desk import Caller
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["loans"])
Days = Annotated[int, Query(ge=1, le=90, description="How many days back.")]


@router.get("/loans", responses=documented(401, 403, 503))
def list_loans(caller: BankPerson) -> list[LoanSummary]:
    """Every loan of one's branch."""
    with caller.sight() as connection:
        return loans.summaries(connection, caller.now())


@router.get("/loans/{loan_id}", responses=documented(401, 403, 404, 422, 503))
def one_loan(loan_id: str, caller: BankPerson) -> LoanDetail:
    """One loan: its pens side by side, and the animals nobody has seen for a day."""
    with caller.sight() as connection:
        return _detail(connection, loan_id, caller)


@router.get("/loans/{loan_id}/coverage", responses=documented(401, 403, 404, 422, 503))
def coverage(loan_id: str, caller: BankPerson, days: Days = 14) -> CoverageSeries:
    """Book, tags, camera and estimate of one loan over time."""
    now = caller.now()
    with caller.sight() as connection:
        if loans.one(connection, loan_id, now) is None:
            raise NotFound("loan")
        points = loans.coverage(connection, loan_id, now, timedelta(days=days))
    return CoverageSeries(loan_id=loan_id, points=points)


@router.get("/loans/{loan_id}/early-warning", responses=documented(401, 403, 404, 422, 503))
def early_warning(loan_id: str, caller: BankPerson, days: Days = 14) -> EarlyWarningCourse:
    """The early-warning score of one loan over time, with the reasons that made each grade."""
    now = caller.now()
    with caller.sight() as connection:
        if loans.one(connection, loan_id, now) is None:
            raise NotFound("loan")
        points = early_warnings.course(connection, loan_id, now, timedelta(days=days))
    return EarlyWarningCourse(loan_id=loan_id, points=points)


def _detail(connection: Connection, loan_id: str, caller: Caller) -> LoanDetail:
    now = caller.now()
    summary = loans.one(connection, loan_id, now)
    if summary is None:
        raise NotFound("loan")
    standing = herds.farms_of_loan(connection, loan_id, now)
    pictures = [facts.gather(connection, f, now) for f in facts.farms(connection) if f.farm_id in standing]
    unseen = pens.unseen(pictures, loan_id)
    return LoanDetail(
        loan=summary,
        drawn_on=loans.drawn_on(connection, loan_id),
        pens=pens.lines(pictures, loan_id, herds.pens(connection, now)),
        unseen=unseen[: pens.MOST_UNSEEN],
        unseen_total=len(unseen),
    )
