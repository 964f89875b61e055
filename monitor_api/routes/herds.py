"""Farms: what stands on each, and where."""

from __future__ import annotations

from fastapi import APIRouter

from collateral.contract.http import FarmMap, HerdLine
from collateral.store import devices, facts, herds, whereabouts
from monitor_api import maps
from monitor_api.access import AnyPerson
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["herds"])


@router.get("/herds", responses=documented(401, 503))
def list_herds(caller: AnyPerson) -> list[HerdLine]:
    """Every farm of one's branch, with its stock."""
    with caller.sight() as connection:
        return herds.lines(connection, caller.now())


@router.get("/farms/{farm_id}/map", responses=documented(401, 404, 422, 503))
def farm_map(farm_id: str, caller: AnyPerson) -> FarmMap:
    """Pens, animals and gateways of one farm on the ground."""
    now = caller.now()
    with caller.sight() as connection:
        farm = next((f for f in facts.farms(connection) if f.farm_id == farm_id), None)
        if farm is None:
            raise NotFound("farm")
        return maps.drawn(
            farm,
            whereabouts.of_farm(connection, farm_id, now),
            herds.pens(connection, now, farm_id),
            herds.fences(connection, farm_id),
            devices.gateways(connection, now, farm_id),
            now,
        )
