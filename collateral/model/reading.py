"""What a tag said, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.ids import GatewayId, TagId
from collateral.model.place import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Where a tag was. `error_m` is the device's own estimate in metres; `speed_mps` when it knows."""

    measured_at: datetime
    position: Position
    error_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagReading:
    """One uplink of a tag. `measured_at` by the device, `heard_at` by the gateway, `received_at` by ingest."""

    tag_id: TagId
    sequence: int
    measured_at: datetime
    heard_at: datetime
    received_at: datetime
    gateway_id: GatewayId
    fix: Fix | None = None
    steps: int | None = None  # since the previous uplink
    activity: float | None = None  # 0-100
    ear_temp_c: float | None = None  # surface of the ear, far below core temperature
    rumination_min: float | None = None  # since the previous uplink
    battery_pct: float | None = None
    rssi_dbm: float | None = None
    snr_db: float | None = None
    tamper: bool | None = None
