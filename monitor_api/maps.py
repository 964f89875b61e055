"""A farm on the ground: pens, animals and gateways with how fresh each is. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from collateral.contract.http import FarmMap, GatewayRecord, MapAnimal, MapGateway, MapPen
from collateral.model.herd import Farm
from collateral.model.place import Fence
from collateral.store.devices import freshness
from collateral.store.herds import PenStock
from collateral.store.whereabouts import Whereabouts
from monitor_api.pens import named


def drawn(
    farm: Farm,
    animals: list[Whereabouts],
    stock: list[PenStock],
    fences: dict[str, Fence],
    gateways: list[GatewayRecord],
    as_of: datetime,
) -> FarmMap:
    """The map of one farm."""
    placed = [(_animal(animal, fences[animal.pen_id], as_of), animal.is_recent(as_of)) for animal in animals]
    seen = Counter(animal.pen_id for animal, recent in placed if recent and not animal.outside_fence)
    return FarmMap(
        farm=named(farm), latitude=farm.position.latitude, longitude=farm.position.longitude, timezone=farm.timezone,
        as_of=as_of, pens=[_pen(pen, fences[pen.pen_id], seen[pen.pen_id]) for pen in stock],
        animals=[animal for animal, _ in placed], gateways=[_gateway(gateway) for gateway in gateways],
    )  # fmt: skip


def _pen(pen: PenStock, fence: Fence, seen: int) -> MapPen:
    ring = [(corner.longitude, corner.latitude) for corner in fence.corners]
    return MapPen(pen_id=pen.pen_id, name=pen.name, species=pen.species, fence=ring, book=pen.head, tags_seen=seen)


def _animal(animal: Whereabouts, fence: Fence, as_of: datetime) -> MapAnimal:
    latitude, longitude, _ = animal.fixes[0]
    return MapAnimal(
        animal_id=animal.animal_id, identity=animal.identity, pen_id=animal.pen_id, latitude=latitude,
        longitude=longitude, last_seen_at=animal.last_seen_at, outside_fence=animal.is_outside(fence),
        freshness=freshness(animal.last_seen_at, animal.interval_s, as_of),
    )  # fmt: skip


def _gateway(record: GatewayRecord) -> MapGateway:
    return MapGateway(
        gateway_id=record.gateway_id, latitude=record.latitude, longitude=record.longitude, state=record.state
    )
