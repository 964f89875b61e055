"""Head counts of the cameras."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from collateral.contract.http import CountRecord
from collateral.store import evidence
from collateral.store.evidence import CountsWanted
from monitor_api.access import AnyPerson
from monitor_api.errors import documented

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
