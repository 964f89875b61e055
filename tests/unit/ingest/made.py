"""Messages and deliveries for these tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from collateral.contract import codec
from collateral.contract.messages import VERSION, Reading, Readings
from collateral.contract.topics import Kind, Topic
from ingest.adapters.registry import Registry
from ingest.inbox import Arrival, Delivered
from ingest.parcel import unpacker

unpack = unpacker(Registry())
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAG = "00000000000000aa"


@dataclass
class FakeDelivery:
    """A delivery that remembers whether it was acknowledged."""

    topic: str
    payload: bytes
    mid: int = 1
    epoch: int = 1
    qos: int = 1
    log: list[int] = field(default_factory=list)


def acknowledge(deliveries: Sequence[Delivered]) -> None:
    for each in deliveries:
        cast(FakeDelivery, each).log.append(each.mid)


def reading(seq: int = 1, *, tag: str = TAG, late: timedelta = timedelta()) -> Reading:
    return Reading(tag=tag, seq=seq, measured_at=NOON, heard_at=NOON + late)


def readings(number: int = 1, *, gateway: str = "gw", rows: int = 1) -> Readings:
    return Readings(
        v=VERSION, gateway=gateway, spool="s", number=number, sent_at=NOON, readings=[reading(n) for n in range(rows)]
    )


def topic(kind: Kind = Kind.READINGS, *, gateway: str = "gw") -> str:
    return str(Topic("farm", gateway, kind))


def delivery(number: int = 1, *, rows: int = 1, log: list[int] | None = None) -> FakeDelivery:
    payload = codec.encode(readings(number, rows=rows))
    return FakeDelivery(topic(), payload, mid=number, log=[] if log is None else log)


def arrival(payload: bytes, kind: Kind = Kind.READINGS, *, gateway: str = "gw") -> Arrival:
    return Arrival(FakeDelivery(topic(kind, gateway=gateway), payload), NOON)
