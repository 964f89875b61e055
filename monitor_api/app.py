"""The HTTP interface: routes, errors, metrics. No logic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from monitor_api import errors
from monitor_api.desk import Desk
from monitor_api.listening import Listening
from monitor_api.metrics import Measured
from monitor_api.routes import (
    alerts,
    casework,
    counts,
    devices,
    evidence,
    health,
    herds,
    inspections,
    ledger,
    loans,
    pledge_match,
    reconciliation,
    rules,
    session,
    today,
    valuation,
)

VERSION = "1"
_PARTS = (
    session, today, loans, herds, alerts, casework, counts, devices, evidence, rules, valuation, ledger,
    pledge_match, reconciliation, inspections, health,
)  # fmt: skip


def create_app(desk: Desk) -> FastAPI:
    """The app that serves from `desk`, whose connections it closes at its end."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.connections.close()

    app = _bare(lifespan)
    app.state.desk = desk
    app.add_middleware(Listening)
    app.add_middleware(Measured, metrics=desk.metrics)
    errors.install(app)
    _include(app)
    return app


def described() -> dict[str, Any]:
    """The OpenAPI description, without a database."""
    app = _bare()
    _include(app)
    return app.openapi()


def _bare(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    return FastAPI(
        title="HerdLien",
        version=VERSION,
        summary="Live animals as loan collateral: loans, head counts, alerts, evidence.",
        openapi_url="/v1/openapi.json",
        # The interactive pages load scripts from elsewhere; a bank's network has no elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )


def _include(app: FastAPI) -> None:
    for part in _PARTS:
        app.include_router(part.router, prefix="/v1")
    # Probes of launchers and orchestrators do not know versions.
    app.include_router(health.router, include_in_schema=False)
