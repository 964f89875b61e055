"""The Things Stack v3: v3/{application}@{tenant}/devices/{device}/{what}; without @tenant in the open-source edition.

What is zero, false or empty is left out: a missing f_cnt is 0. Three clocks: gateway, network and application server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct

from collateral.contract.codec import Unreadable
from collateral.store.device_events import DeviceEventRow, EventSeverity
from collateral.store.uplinks import JoinRow, UplinkRow
from ingest.adapters import json_payload, uplink
from ingest.adapters.adapter import Adapter, Policy, Read, Understood, refuse_simulated
from ingest.adapters.clocks import moment, sensible_or
from ingest.adapters.json_payload import number, text
from ingest.adapters.uplink import Radio, Uplink

NAME = "things-stack"
CHATTER = frozenset({"down/queued", "down/sent"})
"""Understood in captures, and not subscribed to: they tell of the network server rather than of the device."""
WARNINGS = frozenset({"down/nack", "down/failed"})
Text = str | None


class ApplicationIds(Struct):
    application_id: str = ""


class DeviceIds(Struct):
    device_id: str = ""
    dev_eui: str = ""
    dev_addr: str = ""
    application_ids: ApplicationIds | None = None


class Message(Struct, kw_only=True):
    """What every message has. `received_at`: by the application server."""

    end_device_ids: DeviceIds
    received_at: Any = None
    correlation_ids: list[Any] | None = None
    simulated: bool = False


class GatewayIds(Struct):
    gateway_id: Text = None
    eui: Text = None


class Heard(Struct):
    gateway_ids: GatewayIds | None = None
    time: Any = None
    rssi: Any = None
    channel_rssi: Any = None
    snr: Any = None


class UplinkMessage(Struct):
    session_key_id: Text = None
    f_cnt: int = 0
    f_port: int = 0
    frm_payload: Text = None
    decoded_payload: dict[str, Any] | None = None
    decoded_payload_warnings: Any = None
    rx_metadata: list[Heard] | None = None
    settings: Any = None
    received_at: Any = None
    confirmed: bool = False
    attributes: dict[str, Any] | None = None


class Up(Message, kw_only=True):
    uplink_message: UplinkMessage


class JoinAccept(Struct):
    session_key_id: Text = None
    received_at: Any = None


class Joined(Message, kw_only=True):
    join_accept: JoinAccept


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came from: topic, policy, and when."""

    application: str
    device: str
    what: str
    policy: Policy
    received_at: datetime

    def checked(self, message: Message) -> str:
        """The DevEUI, once the payload is seen to be of this topic and not made up. Raises Unreadable."""
        ids = message.end_device_ids
        refuse_simulated(self.policy, simulated=message.simulated)
        if ids.device_id and ids.device_id != self.device:
            raise Unreadable(f"the topic names device {self.device}, the payload {text(ids.device_id, 64)}")
        application = ids.application_ids.application_id if ids.application_ids else ""
        if application and application != self.application:
            raise Unreadable(f"the topic names application {self.application}, the payload {text(application, 64)}")
        if not ids.dev_eui:
            raise Unreadable("has no dev_eui, by which tags are known here; give the device one in The Things Stack")
        return uplink.eui(ids.dev_eui)

    def event(
        self, device: str, kind: str, at: datetime | None, key: str,
        severity: EventSeverity = EventSeverity.INFO, **said: object,
    ) -> DeviceEventRow:  # fmt: skip
        """What happened to the device."""
        return DeviceEventRow(
            device_id=device, kind=kind, at=sensible_or(at, self.received_at), received_at=self.received_at,
            source=NAME, event_key=text(key), severity=severity, particulars=json_payload.particulars(**said),
        )  # fmt: skip


Row = UplinkRow | JoinRow | DeviceEventRow


def _up(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Up)
    device, said = place.checked(message), message.uplink_message
    heard = said.rx_metadata or []
    return uplink.row(
        Uplink(
            device=device, session=said.session_key_id or message.end_device_ids.dev_addr.lower(),
            counter=said.f_cnt, port=said.f_port, payload=uplink.payload_of(said.frm_payload),
            decoded=said.decoded_payload, network_at=moment(said.received_at) or moment(message.received_at),
            radio=uplink.best(_radio(each) for each in heard), tags=said.attributes or {},
            others={
                "dr": _data_rate(said.settings), "confirmed": said.confirmed, "gateways": len(heard),
                "name": place.device, "codec_warnings": said.decoded_payload_warnings,
                "simulated": message.simulated or None,
            },
        ),
        NAME, place.policy, place.received_at,
    )  # fmt: skip


def _data_rate(settings: object) -> object:
    return settings.get("data_rate") if isinstance(settings, dict) else None


def _radio(heard: Heard) -> Radio:
    ids = heard.gateway_ids or GatewayIds()
    gateway = text(ids.gateway_id, 64) or text(ids.eui, 64).lower() or uplink.UNKNOWN_GATEWAY
    rssi = number(heard.rssi if heard.rssi is not None else heard.channel_rssi)
    snr = number(0.0 if heard.snr is None else heard.snr)  # left out where it is 0 dB
    return Radio(gateway, *uplink.in_range(rssi, snr), moment(heard.time))


def _join(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Joined)
    device, accept = place.checked(message), message.join_accept
    address = message.end_device_ids.dev_addr.lower()
    session = text(accept.session_key_id or address, 128)
    at = moment(accept.received_at) or moment(message.received_at)
    key = f"{session}:{at.isoformat() if at else 'no time'}"
    return JoinRow(session=session, event=place.event(device, "join", at, key, session=session, dev_addr=address))


class Other(Message, kw_only=True):
    """Anything else: what it says stands in a member named for it."""

    down_queued: Any = None
    down_sent: Any = None
    downlink_queued: Any = None
    downlink_sent: Any = None
    downlink_ack: Any = None
    downlink_nack: Any = None
    downlink_failed: Any = None
    downlink_queue_invalidated: Any = None
    service_data: Any = None
    location_solved: Any = None


def _other(payload: bytes, place: Place) -> Row:
    message = json_payload.decode(payload, Other)
    device = place.checked(message)
    at = moment(message.received_at)
    said = {name: getattr(message, name) for name in Other.__struct_fields__ if name not in Message.__struct_fields__}
    severity = EventSeverity.WARNING if place.what in WARNINGS else EventSeverity.INFO
    key = f"{at.isoformat() if at else 'no time'}:{(message.correlation_ids or [''])[0]}"
    return place.event(device, place.what.replace("/", "_"), at, key, severity, **said)


_KINDS: dict[str, Callable[[bytes, Place], Row]] = {
    "up": _up,
    "join": _join,
    **dict.fromkeys(
        ("down/queued", "down/sent", "down/ack", "down/nack", "down/failed", "service/data", "location/solved"), _other
    ),
}


def _reader(topic: str, policy: Policy) -> Read | None:
    match topic.split("/"):
        case ["v3", application, "devices", device, *rest]:
            what = "/".join(rest)
            if what not in _KINDS:
                raise Unreadable(f"Things Stack messages of {what!r} are not known here, only {', '.join(_KINDS)}")
            return partial(_read, application.split("@")[0], device, what, policy)
    return None


def _read(
    application: str, device: str, what: str, policy: Policy, payload: bytes, received_at: datetime
) -> Understood:
    return _KINDS[what](payload, Place(application, device, what, policy, received_at)), None


_TELLING = {
    "uplink_message": "up", "join_accept": "join", "downlink_queued": "down/queued", "downlink_sent": "down/sent",
    "downlink_ack": "down/ack", "downlink_nack": "down/nack", "downlink_failed": "down/failed",
    "service_data": "service/data", "location_solved": "location/solved",
}  # fmt: skip


def _topic_of(payload: bytes) -> str:
    members = json_payload.keys_of(payload)
    ids = members.get("end_device_ids")
    if not isinstance(ids, dict):
        raise Unreadable("no end_device_ids in the payload: say which device by --topic")
    what = next((what for member, what in _TELLING.items() if member in members), "up")
    applications = ids.get("application_ids")
    application = applications.get("application_id") if isinstance(applications, dict) else None
    return f"v3/{application or '-'}/devices/{ids.get('device_id') or '-'}/{what}"


ADAPTER = Adapter(
    NAME,
    tuple(f"v3/+/devices/+/{what}" for what in _KINDS if what not in CHATTER),
    _reader,
    _topic_of,
    aliases=("ttn", "tts", "ttn-v3", "tts-v3", "thethingsstack", "the-things-stack", "things-stack-v3", "ttnv3"),
)
