"""Devices: tags, gateways, cameras, and who wears which tag from when until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.ids import AnimalId, CameraId, FarmId, GatewayId, PenId, TagId
from collateral.model.place import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    gateway_id: GatewayId
    farm_id: FarmId
    position: Position
    heartbeat_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    camera_id: CameraId
    farm_id: FarmId
    pen_id: PenId
    gateway_id: GatewayId
    interval_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A smart ear tag. It reports every `interval_s` seconds, sooner when its wearer is driven."""

    tag_id: TagId
    farm_id: FarmId
    model: str
    interval_s: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAssignment:
    """`tag_id` is worn by `animal_id` from `since` until `until` (None: still)."""

    tag_id: TagId
    animal_id: AnimalId
    since: datetime
    until: datetime | None = None
