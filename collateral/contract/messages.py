"""MQTT payloads, contract version 1.

Readings, status, counts and receipts are JSON; a frame is MessagePack because it carries a picture.
Unknown fields are ignored by readers and kept in the stored bytes; an unknown version is refused by `codec`.
Times are ISO 8601 with a zone. Everything that goes through a gateway's spool carries `spool` (which spool)
and `number` (contiguous from 1 within it), so that ingest can say what is committed and see what is missing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

VERSION = 1
MOST_READINGS = 500

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
Eui = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Message(Struct, kw_only=True, omit_defaults=True):
    """What every payload has."""

    v: Annotated[int, Meta(ge=1)]


class Reading(Struct, kw_only=True, omit_defaults=True):
    """One uplink of one tag, as the gateway heard it. Units are in the names."""

    tag: Eui
    seq: Count
    measured_at: Moment
    heard_at: Moment
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    fix_error_m: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    steps: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    activity: Annotated[float, Meta(ge=0, le=100)] | None = None
    ear_temp_c: Annotated[float, Meta(ge=-60, le=100)] | None = None
    rumination_min: Annotated[float, Meta(ge=0, le=1_440)] | None = None  # since the previous uplink
    battery_pct: Annotated[float, Meta(ge=0, le=100)] | None = None
    rssi_dbm: Annotated[float, Meta(ge=-200, le=50)] | None = None
    snr_db: Annotated[float, Meta(ge=-100, le=100)] | None = None
    tamper: bool | None = None


class Readings(Message, kw_only=True):
    """A numbered batch of tag readings from one gateway."""

    gateway: Name
    spool: Name
    number: Annotated[int, Meta(ge=1, le=2**53)]
    sent_at: Moment
    readings: Annotated[list[Reading], Meta(min_length=1, max_length=MOST_READINGS)]
    simulated: bool = False


class GatewayState(StrEnum):
    ONLINE = "online"  # birth and heartbeat
    OFFLINE = "offline"  # will, or a clean goodbye


class Status(Message, kw_only=True):
    """Birth, heartbeat and will of a gateway. `oldest_unsent_at` None: nothing is waiting in its spool."""

    gateway: Name
    state: GatewayState
    at: Moment | None = None  # a will is written before its time is known
    unsent: Count = 0
    oldest_unsent_at: Moment | None = None
    software: str = ""
    simulated: bool = False


class Frame(Message, kw_only=True):
    """One picture of one camera. `sha256` is of the JPEG bytes."""

    gateway: Name
    spool: Name
    number: Annotated[int, Meta(ge=1, le=2**53)]
    camera: Name
    sequence: Count
    captured_at: Moment
    sha256: Sha256
    jpeg: bytes
    species: str | None = None
    scene: str | None = None
    simulated: bool = False


class HeadRange(Struct, kw_only=True):
    """A 95 % interval around the best figure, whole head."""

    low: Count
    best: Count
    high: Count

    def __post_init__(self) -> None:
        if not self.low <= self.best <= self.high:
            raise ValueError("a head count needs low <= best <= high")


class CountMade(Message, kw_only=True):
    """One head count with the hash of the frame that was counted. `count` None: the camera could not see."""

    camera: Name
    gateway: Name
    sequence: Count
    captured_at: Moment
    counted_at: Moment
    frame_sha256: Sha256
    count: HeadRange | None
    unknown_because: str | None = None
    method: str
    model_version: str
    boxes: list[tuple[float, float, float, float, float]] = []  # x1, y1, x2, y2 in pixels, score
    took_ms: float | None = None
    simulated: bool = False

    def __post_init__(self) -> None:
        if self.count is None and not self.unknown_because:
            raise ValueError("an unknown count must say unknown_because")


class Receipt(Message, kw_only=True):
    """Ingest to gateway: every message of `spool` up to and including `committed_up_to` is in the database.

    `missing` lists numbers above it that have not come although later ones did; send those again first.
    """

    gateway: Name
    spool: Name
    committed_up_to: Count
    at: Moment
    missing: list[int] = []


class Heard(Struct, kw_only=True, omit_defaults=True):
    """What the receiver side of a gateway hands over: tag uplinks or one frame (MessagePack on the local link).

    `heard_at` inside a reading may be left out on this link; the gateway then stamps its own time.
    """

    number: Count
    readings: list[Uplink] = []
    frame: LocalFrame | None = None
    simulated: bool = False


class Uplink(Struct, kw_only=True, omit_defaults=True):
    """A tag's uplink before the gateway has stamped it. Fields as in `Reading`."""

    tag: Eui
    seq: Count
    measured_at: Moment
    heard_at: Moment | None = None
    lat: float | None = None
    lon: float | None = None
    fix_error_m: float | None = None
    steps: int | None = None
    activity: float | None = None
    ear_temp_c: float | None = None
    rumination_min: float | None = None
    battery_pct: float | None = None
    rssi_dbm: float | None = None
    snr_db: float | None = None
    tamper: bool | None = None


class LocalFrame(Struct, kw_only=True, omit_defaults=True):
    """A camera's picture before the gateway has numbered it."""

    camera: Name
    sequence: Count
    captured_at: Moment
    jpeg: bytes
    species: str | None = None
    scene: str | None = None


class Kept(Struct, kw_only=True):
    """The gateway's answer on the local link: everything up to `number` is on its disk."""

    number: Count


WIRE_JSON: dict[str, type[Struct]] = {
    "readings": Readings,
    "status": Status,
    "count": CountMade,
    "receipt": Receipt,
}
"""The payloads with a committed JSON Schema, by topic kind."""


def schema(kind: str) -> dict[str, object]:
    """The JSON Schema of one payload kind."""
    return msgspec.json.schema(WIRE_JSON[kind])
