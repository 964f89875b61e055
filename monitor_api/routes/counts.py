"""Head counts of the cameras."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from collateral.contract.http import CountRecord, CountSeries
from collateral.store import evidence
from collateral.store.evidence import CountsWanted
from monitor_api.access import AnyPerson
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["counts"])


@router.get("/counts", responses=documented(401, 422, 503))
def list_counts(
    caller: AnyPerson,
    camera_id: str | None = None,
    pen_id: str | None = None,
    since: Annotated[AwareDatetime | None, Query(description="ISO 8601 with a zone.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[CountRecord]:
    """The newest head counts of one's cameras, newest first."""
    wanted = CountsWanted(camera_id=camera_id, pen_id=pen_id, since=since, limit=limit)
    with caller.sight() as connection:
        return evidence.counts(connection, wanted, caller.now())


@router.get("/cameras/{camera_id}/counts", responses=documented(401, 404, 422, 503))
def series(
    camera_id: str,
    caller: AnyPerson,
    days: Annotated[int, Query(ge=1, le=31, description="How many days back.")] = 3,
) -> CountSeries:
    """How one camera's counts went, with their intervals and the times when nothing was known; 5000 at most."""
    with caller.sight() as connection:
        found = evidence.count_series(connection, camera_id, caller.now(), timedelta(days=days))
    if found is None:
        raise NotFound("camera")
    return found
