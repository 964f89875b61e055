"""The first page of the day."""

from __future__ import annotations

from fastapi import APIRouter

from collateral.contract.http import Today
from collateral.store import case_reading, devices, loans
from collateral.store.case_reading import Wanted
from monitor_api import farm_hand, tasks
from monitor_api.access import AnyPerson
from monitor_api.errors import documented

router = APIRouter(tags=["today"])
MOST_CASES = 200


@router.get("/today", responses=documented(401, 503))
def today(caller: AnyPerson) -> Today:
    """How one's loans stand as a whole, and what to do, most urgent first."""
    now = caller.now()
    with caller.sight() as connection:
        wanted = Wanted(unresolved=True, audience=farm_hand.audience(caller.person), limit=MOST_CASES)
        cases = case_reading.summaries(connection, wanted, now)
        return tasks.today(
            now,
            loans.summaries(connection, now),
            [farm_hand.shown(case, caller.person) for case in cases],
            devices.cameras(connection, now),
            devices.gateways(connection, now),
        )
