"""Gateways, cameras and tags."""

from __future__ import annotations

from fastapi import APIRouter

from collateral.contract.http import Devices
from collateral.store import devices
from monitor_api.access import AnyPerson
from monitor_api.errors import documented

router = APIRouter(tags=["devices"])


@router.get("/devices", responses=documented(401, 503))
def list_devices(caller: AnyPerson) -> Devices:
    """When each device of one's farms was last heard."""
    now = caller.now()
    with caller.sight() as connection:
        return Devices(
            as_of=now,
            gateways=devices.gateways(connection, now),
            cameras=devices.cameras(connection, now),
            tags=devices.tags(connection, now),
        )
