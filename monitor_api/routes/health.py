"""Whether it works, for launchers, and how much it does, for Prometheus. No login."""

from __future__ import annotations

from fastapi import APIRouter, Response

from collateral.contract.http import Health
from collateral.store import sight
from collateral.store.pool import DatabaseUnavailable
from monitor_api.access import AtDesk

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
    """Requests, times and logins as Prometheus text."""
    return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4")
