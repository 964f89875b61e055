"""What a gateway is told: the broker by environment, the rest by flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path

from collateral.settings.fragments import BrokerSettings
from edge.receiver import Address
from edge.spool import MOST_BYTES


def software() -> str:
    """Name and version, as reported in the status."""
    try:
        return f"herdlien-edge {metadata.version('herdlien')}"
    except metadata.PackageNotFoundError:
        return "herdlien-edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """`heartbeat` is event time; `spool_most_bytes` bounds the readings and pictures kept on disk."""

    farm: str
    gateway: str
    listen: Address
    spool: Path
    broker: BrokerSettings
    heartbeat: timedelta = timedelta(seconds=300)
    spool_most_bytes: int = MOST_BYTES
    health_port: int | None = None
    software: str = "herdlien-edge"
