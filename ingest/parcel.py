"""From a received message to the rows it stands for. Pure; what cannot be understood becomes a quarantine row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from collateral.contract.codec import Unreadable
from collateral.ops.logs import logger
from collateral.store.counts import EvidenceRow, FrameRow, HeadCountRow
from collateral.store.device_events import DeviceEventRow
from collateral.store.gateways import StatusRow
from collateral.store.quarantine import QuarantineRow
from collateral.store.telemetry import Load
from collateral.store.uplinks import JoinRow, UplinkRow
from ingest.adapters.adapter import Number, Rows
from ingest.adapters.gateway_contract import number_of
from ingest.adapters.registry import Registry
from ingest.inbox import Arrival

OUR_FAULT = "a fault of ours, please report it"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, what it stands for, and its place in its gateway's spool if it has one."""

    arrival: Arrival
    contents: Rows | QuarantineRow
    number: Number | None = None

    @property
    def rows(self) -> int:
        return len(self.contents) if isinstance(self.contents, list) else 1

    @property
    def size(self) -> int:
        return len(self.arrival.delivery.payload)

    @property
    def quarantined(self) -> bool:
        return isinstance(self.contents, QuarantineRow)

    def add_to(self, load: Load) -> None:
        """Put the rows where one transaction will store them."""
        match self.contents:
            case list() as readings:
                load.readings.extend(readings)
            case UplinkRow() as uplink:
                load.uplinks.append(uplink)
            case JoinRow() as join:
                load.joins.append(join)
            case DeviceEventRow() as event:
                load.events.append(event)
            case FrameRow() as frame:
                load.frames.append(frame)
            case HeadCountRow() as count:
                load.counts.append(count)
            case EvidenceRow() as evidence:
                load.evidence.append(evidence)
            case StatusRow() as status:
                load.statuses.append(status)
            case QuarantineRow() as row:
                load.quarantined.append(row)
        self._note_number(load)

    def _note_number(self, load: Load) -> None:
        if self.number is not None:
            gateway, spool, number = self.number
            load.numbers.setdefault((gateway, spool), []).append(number)


def unpacker(registry: Registry) -> Callable[[Arrival], Parcel]:
    """What makes parcels of messages by these adapters, under their policy."""
    return partial(_unpacked, registry)


def aside(arrival: Arrival, reason: str) -> Parcel:
    """The parcel for a message that cannot be understood or stored.

    It counts as committed where its number can be read, since its bytes are kept and sending it again would not help.
    """
    delivery = arrival.delivery
    row = QuarantineRow(received_at=arrival.received_at, topic=delivery.topic, reason=reason, payload=delivery.payload)
    return Parcel(arrival, row, number_of(delivery.topic, delivery.payload))


def _unpacked(registry: Registry, arrival: Arrival) -> Parcel:
    """The parcel in a message. Never fails: see `aside`."""
    delivery = arrival.delivery
    try:
        contents, number = registry.read(delivery.topic, delivery.payload, arrival.received_at)
        return Parcel(arrival, contents, number)
    except Unreadable as unreadable:
        return aside(arrival, str(unreadable))
    except Exception as fault:  # noqa: BLE001 - one message must not end ingest, to be met again after each start
        logger().exception("adapter_failed", topic=delivery.topic)
        return aside(arrival, f"{OUR_FAULT}: {type(fault).__name__}: {fault}")
