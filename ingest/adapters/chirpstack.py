"""ChirpStack v4: application/{application}/device/{DevEUI}/event/{event}, protobuf spelled as JSON.

Such JSON leaves out what is zero, false or empty: a missing fCnt is 0, not unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct, field

from collateral.contract.codec import Unreadable
from collateral.store.device_events import DeviceEventRow, EventSeverity
from collateral.store.uplinks import JoinRow, UplinkRow
from ingest.adapters import json_payload, uplink
from ingest.adapters.adapter import Adapter, Policy, Read, Understood
from ingest.adapters.clocks import CLOCKS_AGREE, moment, sensible_or
from ingest.adapters.json_payload import number, text
from ingest.adapters.uplink import Radio, Uplink

NAME = "chirpstack"
SECURITY_CODES = frozenset({"UPLINK_F_CNT_RESET", "UPLINK_MIC", "OTAA"})
"""Log codes that a replayed or forged uplink, or join, leaves behind."""
_SEVERITY = {"ERROR": EventSeverity.WARNING, "WARNING": EventSeverity.WARNING}
Text = str | None


class DeviceInfo(Struct, rename="camel"):
    dev_eui: str = ""
    application_id: Text = None
    device_name: Text = None
    device_profile_name: Text = None
    tags: dict[str, Any] | None = None


class Event(Struct, rename="camel", kw_only=True):
    """What every event has."""

    deduplication_id: Text = None
    time: Any = None
    device_info: DeviceInfo | None = None


class Heard(Struct, rename="camel"):
    """One gateway's view. `time` is called `gwTime` from ChirpStack 4.6 on, which also tells its own time, `nsTime`."""

    gateway_id: Text = None
    rssi: Any = None
    snr: Any = None
    time: Any = None
    gw_time: Any = None
    ns_time: Any = None


class Up(Event, rename="camel", kw_only=True):
    dev_addr: str = ""
    f_cnt: int = 0
    f_port: int = 0
    dr: Any = None
    adr: Any = None
    confirmed: Any = None
    data: Text = None
    decoded: dict[str, Any] | None = field(name="object", default=None)
    rx_info: list[Heard] | None = None
    tx_info: Any = None


class Join(Event, rename="camel", kw_only=True):
    dev_addr: str = ""


class Status(Event, rename="camel", kw_only=True):
    margin: int = 0
    external_power_source: bool = False
    battery_level_unavailable: bool = False
    battery_level: Any = 0.0


class Ack(Event, rename="camel", kw_only=True):
    queue_item_id: Text = None
    acknowledged: bool = False
    f_cnt_down: int = 0


class TxAck(Event, rename="camel", kw_only=True):
    downlink_id: Any = None
    queue_item_id: Text = None
    f_cnt_down: int = 0
    gateway_id: Text = None


class Log(Event, rename="camel", kw_only=True):
    level: str | int = "INFO"
    code: str | int = "UNKNOWN"
    description: str = ""
    context: dict[str, Any] | None = None


class Location(Event, rename="camel", kw_only=True):
    location: dict[str, Any]


class Integration(Event, rename="camel", kw_only=True):
    integration_name: str = ""
    event_type: str = ""
    decoded: dict[str, Any] | None = field(name="object", default=None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came from."""

    device: str
    policy: Policy
    received_at: datetime

    def event(
        self, kind: str, message: Event, said: Mapping[str, object],
        severity: EventSeverity = EventSeverity.INFO, key: str = "",
    ) -> DeviceEventRow:  # fmt: skip
        """What happened, told apart by the network's own id, or by its time where it gives none."""
        told = moment(message.time)
        given = message.deduplication_id or (told.isoformat() if told else "no time")
        return DeviceEventRow(
            device_id=self.device, kind=kind, at=sensible_or(told, self.received_at), received_at=self.received_at,
            source=NAME, event_key=text(f"{given}:{key}" if key else given), severity=severity,
            particulars=json_payload.particulars(**said),
        )  # fmt: skip


Row = UplinkRow | JoinRow | DeviceEventRow


def _up(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Up)
    heard = message.rx_info or []
    info = message.device_info or DeviceInfo()
    return uplink.row(
        Uplink(
            device=place.device, session=message.dev_addr.lower(), counter=message.f_cnt, port=message.f_port,
            payload=uplink.payload_of(message.data), decoded=message.decoded,
            network_at=_network_time(message, heard), radio=uplink.best(_radio(each) for each in heard),
            tags=info.tags or {},
            others={
                "dr": message.dr or 0, "adr": bool(message.adr), "confirmed": bool(message.confirmed),
                "gateways": len(heard), "name": info.device_name, "profile": info.device_profile_name,
            },
        ),
        NAME, place.policy, place.received_at,
    )  # fmt: skip


def _network_time(message: Up, heard: list[Heard]) -> datetime | None:
    """`time` is the gateway's where that has any. The network server's own, where told, overrules one that is off."""
    told = moment(message.time)
    own = next((at for each in heard if (at := moment(each.ns_time)) is not None), None)
    return told if told is not None and (own is None or abs(told - own) <= CLOCKS_AGREE) else own or told


def _radio(heard: Heard) -> Radio:
    rssi = number(heard.rssi)
    # A missing snr is 0 dB, which is common; a missing rssi would be 0 dBm, which no radio hears.
    snr = number(0.0 if heard.snr is None else heard.snr)
    gateway = text(heard.gateway_id, 64) or uplink.UNKNOWN_GATEWAY
    set_at = moment(heard.gw_time) or moment(heard.time)
    return Radio(gateway, *uplink.in_range(rssi, snr), set_at)


def _join(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Join)
    address = text(message.dev_addr.lower(), 128)
    return JoinRow(session=address, event=place.event("join", message, {"session": address}))


def _status(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Status)
    external = message.external_power_source
    battery = None if message.battery_level_unavailable or external else number(message.battery_level)
    said = {"margin_db": message.margin, "battery_pct": battery, "external_power": external}
    return place.event("status", message, said)


def _ack(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Ack)
    said = {"acknowledged": message.acknowledged, "queue_item": message.queue_item_id, "counter": message.f_cnt_down}
    severity = EventSeverity.INFO if message.acknowledged else EventSeverity.WARNING
    return place.event("downlink_ack", message, said, severity)


def _txack(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, TxAck)
    said = {
        "downlink": message.downlink_id, "queue_item": message.queue_item_id, "gateway": message.gateway_id,
        "counter": message.f_cnt_down,
    }  # fmt: skip
    return place.event("downlink_sent", message, said, key=message.queue_item_id or str(message.downlink_id))


def _log(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Log)
    level, code = str(message.level), str(message.code)
    severity = EventSeverity.SECURITY if code in SECURITY_CODES else _SEVERITY.get(level, EventSeverity.INFO)
    said = {"code": code, "level": level, "description": message.description, "context": message.context}
    return place.event("network_log", message, said, severity, key=f"{code}:{message.description}")


def _location(payload: bytes, place: Place) -> Row:
    """Where the network has reckoned the device to be: an event, for it is no fix of the tag's own."""
    message = json_payload.decode(payload, Location)
    return place.event("network_location", message, _coordinates(message.location))


def _coordinates(location: Mapping[str, Any]) -> dict[str, object]:
    """A coordinate that is left out is 0."""
    latitude, longitude = (number(location.get(name, 0.0)) for name in ("latitude", "longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise Unreadable(f"({latitude}, {longitude}) is nowhere on Earth")
    others = {name: location.get(name) for name in ("altitude", "source", "accuracy")}
    return {"latitude": latitude, "longitude": longitude, **others}


def _integration(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Integration)
    said = {"integration": message.integration_name, "type": message.event_type, "object": message.decoded}
    return place.event("integration", message, said, key=f"{message.integration_name}:{message.event_type}")


_EVENTS: dict[str, Callable[[bytes, Place], Row]] = {
    "up": _up, "join": _join, "status": _status, "ack": _ack, "txack": _txack, "log": _log,
    "location": _location, "integration": _integration,
}  # fmt: skip


def _reader(topic: str, policy: Policy) -> Read | None:
    match topic.split("/"):
        case ["application", _, "device", device, "event", event]:
            if event not in _EVENTS:
                raise Unreadable(f"ChirpStack event {event!r} is not known here, only {', '.join(_EVENTS)}")
            return partial(_read, _EVENTS[event], uplink.eui(device), policy)
    return None


def _read(
    understand: Callable[[bytes, Place], Row], device: str, policy: Policy, payload: bytes, received_at: datetime
) -> Understood:
    row = understand(payload, Place(device, policy, received_at))
    info = json_payload.decode(payload, Event).device_info
    if info is not None and info.dev_eui and uplink.eui(info.dev_eui) != device:
        raise Unreadable(f"the topic names device {device}, the payload {text(info.dev_eui, 64)}")
    return row, None


_TELLING = (
    ("integration", {"integrationName", "eventType"}),
    ("location", {"location"}),
    ("up", {"rxInfo", "txInfo", "data", "object", "fPort"}),
    ("status", {"margin", "batteryLevel", "batteryLevelUnavailable", "externalPowerSource"}),
    ("ack", {"acknowledged"}),
    ("log", {"level", "code", "description"}),
    ("join", {"devAddr"}),
)
"""Which members tell which event, the surest first."""


def _topic_of(payload: bytes) -> str:
    members = json_payload.keys_of(payload)
    info = members.get("deviceInfo")
    info = info if isinstance(info, dict) else {}
    if "queueItemId" in members and "acknowledged" not in members:
        event = "txack" if {"gatewayId", "downlinkId", "txInfo"} & members.keys() else "ack"
    else:
        event = next((name for name, telling in _TELLING if telling & members.keys()), "up")
    device = info.get("devEui") if isinstance(info.get("devEui"), str) else ""
    if not device:
        raise Unreadable("no deviceInfo.devEui in the payload: say which device by --topic")
    return f"application/{info.get('applicationId') or '-'}/device/{device}/event/{event}"


ADAPTER = Adapter(
    NAME, ("application/+/device/+/event/+",), _reader, _topic_of, aliases=("chirpstack-v4", "chirpstack4", "cs")
)
