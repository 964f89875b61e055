"""Whether it works, for launchers, and how much it does, for Prometheus. No login."""

from __future__ import annotations

from math import nan

from fastapi import APIRouter, Response

from collateral.contract.http import Health
from collateral.store import gaps, outbox, people, quarantined, sight
from collateral.store.pool import DatabaseUnavailable
from monitor_api.access import AtDesk
from monitor_api.desk import Desk
from monitor_api.working_calendar import calendar, known_to

SCRAPE_WAIT_S = 1.5

router = APIRouter(tags=["health"])


@router.get("/health", responses={503: {"model": Health, "description": "The database is away or not migrated."}})
def health(desk: AtDesk, response: Response) -> Health:
    """200 when requests can be answered, 503 otherwise."""
    database, current = "reachable", False
    try:
        current = sight.is_schema_current(desk.connections)
    except DatabaseUnavailable:
        database = "away"
    if not current:
        response.status_code = 503
    return Health(ok=current, database=database, schema_current=current, now=desk.now())


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(desk: AtDesk) -> Response:
    """Requests, times, logins, what is missing of the devices' data, whom notices reach."""
    _look(desk)
    return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4")


def _look(desk: Desk) -> None:
    """Read what is missing; where the database is away that is not known, and an old figure would say that it is."""
    try:
        with sight.unscoped(desk.connections, SCRAPE_WAIT_S) as connection:
            desk.metrics.lacking(gaps.standing(connection), quarantined.waiting(connection))
            desk.metrics.telling(people.reachable(connection), outbox.undelivered(connection), known_to(calendar()))
    except DatabaseUnavailable:
        desk.metrics.lacking([], nan)
        desk.metrics.telling([], None, known_to(calendar()))
