"""Kept reconciliations: one loan at a moment with pens and unseen, and how one pen's figures went."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from collateral.contract.reconciliation import PenCourse, Reconciliation
from collateral.model.moment import aware
from collateral.store import loans, reconciliation_reading
from monitor_api.access import BankPerson
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["reconciliation"])
Days = Annotated[int, Query(ge=1, le=90, description="How many days back.")]
AsOf = Annotated[AwareDatetime | None, Query(description="The newest snapshot up to then; left out: up to now.")]
PROBLEMS = documented(401, 403, 404, 422, 503)


@router.get("/loans/{loan_id}/reconciliation", responses=PROBLEMS)
def one_reconciliation(loan_id: str, caller: BankPerson, as_of: AsOf = None) -> Reconciliation:
    """Book, tags, cameras and the last physical count of one loan: estimate, pens, and the unseen by age."""
    moment = aware(as_of) if as_of else caller.now()
    with caller.sight() as connection:
        found = reconciliation_reading.one(connection, loan_id, moment)
    if found is None:
        raise NotFound("reconciliation")
    return found


@router.get("/loans/{loan_id}/pens/{pen_id}/reconciliation", responses=PROBLEMS)
def pen_course(loan_id: str, pen_id: str, caller: BankPerson, days: Days = 14) -> PenCourse:
    """How one pen's book, tags, camera and estimate went over time."""
    now = caller.now()
    with caller.sight() as connection:
        if loans.one(connection, loan_id, now) is None:
            raise NotFound("loan")
        points = reconciliation_reading.course(connection, loan_id, pen_id, now, timedelta(days=days))
    return PenCourse(loan_id=loan_id, pen_id=pen_id, points=points)
