"""One LoRaWAN uplink, whichever network brought it: payload to values, values to a row with its clocks and counter."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from collateral.contract.codec import Unreadable
from collateral.store.device_events import DeviceEventRow, EventSeverity
from collateral.store.readings import NO_FIX_BUT_ZERO, ReadingRow
from collateral.store.uplinks import UplinkRow
from ingest.adapters import decoded_object, hkt_frame, json_payload, rumen_bolus
from ingest.adapters.adapter import Policy
from ingest.adapters.clocks import Told, told
from ingest.adapters.values import Values

UNKNOWN_GATEWAY = "unknown"
SCALE_TAG = "hkt_scale"
"""The device or profile tag in the network server that declares the scale of an HKT tag."""
MOST_COUNTER = 2**32 - 1
_EUI = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Radio:
    """How one gateway heard an uplink. `at`: by the gateway's own clock."""

    gateway: str = UNKNOWN_GATEWAY
    rssi_dbm: float | None = None
    snr_db: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """What a network says of one uplink. `decoded`: what its codec made of the payload, if it has one."""

    device: str
    session: str
    counter: int
    port: int
    payload: bytes
    decoded: Mapping[str, Any] | None
    network_at: datetime | None
    radio: Radio
    tags: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


def row(uplink: Uplink, source: str, policy: Policy, received_at: datetime) -> UplinkRow:
    """The row that an uplink stands for. Raises Unreadable when its payload is in no language known here."""
    if not 0 <= uplink.counter <= MOST_COUNTER:
        raise Unreadable(f"frame counter {uplink.counter} is not between 0 and {MOST_COUNTER}")
    values, events = _understood(uplink, policy)
    times = told(received_at, network=uplink.network_at, gateway=uplink.radio.at, device=values.measured_at)
    said = json_payload.particulars(
        port=uplink.port, **uplink.others, payload=uplink.payload.hex() or None,
        gateway_clock=None if uplink.radio.at else "not set", values=values.others or None, notes=values.notes or None,
    )  # fmt: skip
    return UplinkRow(
        device_id=uplink.device,
        session=json_payload.text(uplink.session, 128),
        counter=uplink.counter,
        payload_sha256=_digest(uplink),
        at=times.network,
        received_at=received_at,
        source=source,
        reading=reading(uplink.device, uplink.counter, times, received_at, uplink.radio, values),
        particulars=said,
        events=tuple(_event(uplink, source, times, received_at, *each) for each in events),
    )


def reading(
    tag: str, sequence: int, times: Told, received_at: datetime, radio: Radio, values: Values
) -> ReadingRow:  # fmt: skip
    """The row of `reading` with these values."""
    steps = None if values.steps is None else int(values.steps)
    return (
        tag, sequence, times.measured_at, times.heard_at, received_at, radio.gateway,
        values.latitude, values.longitude, values.fix_error_m, steps, values.activity,
        values.ear_temp_c, values.battery_pct, radio.rssi_dbm, radio.snr_db, values.tamper, times.clock_ok,
        NO_FIX_BUT_ZERO if values.latitude == 0 and values.longitude == 0 else None, values.rumination_min,
    )  # fmt: skip


def best(radios: Iterable[Radio]) -> Radio:
    """The gateway that heard it strongest, then clearest; with its clock, or that of the next best that has one."""
    ranked = sorted(radios, key=_quality, reverse=True)
    if not ranked:
        return Radio()
    at = next((radio.at for radio in ranked if radio.at is not None), None)
    return Radio(ranked[0].gateway, ranked[0].rssi_dbm, ranked[0].snr_db, at)


def in_range(rssi_dbm: float | None, snr_db: float | None) -> tuple[float | None, float | None]:
    """Both figures, without those that no radio tells."""
    return (
        rssi_dbm if rssi_dbm is not None and -200 <= rssi_dbm <= 50 else None,
        snr_db if snr_db is not None and -100 <= snr_db <= 100 else None,
    )


def eui(text: str, what: str = "DevEUI") -> str:
    """A 64-bit identifier as sixteen lower-case hex digits. Raises Unreadable."""
    found = text.strip().lower().replace("-", "").replace(":", "")
    if not _EUI.fullmatch(found):
        raise Unreadable(f"{what} must be 16 hex digits, got {text[:64]!r}")
    return found


def payload_of(encoded: str | None) -> bytes:
    """The bytes in a base64 text; none when it is empty or left out. Raises Unreadable."""
    if not encoded:
        return b""
    try:
        payload = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError as error:
        raise Unreadable(f"the payload is not base64: {error}") from error
    if len(payload) > hkt_frame.MOST_BYTES:
        raise Unreadable(f"the payload has {len(payload)} bytes, and LoRaWAN carries at most {hkt_frame.MOST_BYTES}")
    return payload


Happening = tuple[str, EventSeverity, dict[str, Any]]


def _understood(uplink: Uplink, policy: Policy) -> tuple[Values, list[Happening]]:
    if hkt_frame.is_frame(uplink.payload):
        return _of_frame(uplink, _scale(uplink, policy))
    if rumen_bolus.is_frame(uplink.payload, uplink.port):
        return Values(), [("rumen_bolus", EventSeverity.INFO, rumen_bolus.decode(uplink.payload))]
    if uplink.decoded is not None:
        values, recognised = decoded_object.values(uplink.decoded)
        if recognised or not uplink.decoded:
            return values.checked(), []
        raise Unreadable(f"the network's codec gave no member that is known here, only {_named(uplink.decoded)}")
    if uplink.payload and uplink.port:
        begin = uplink.payload[:8].hex(" ")
        raise Unreadable(
            f"no codec for {len(uplink.payload)} bytes on port {uplink.port} that begin with {begin};"
            " set one in the network server, or add it here (docs/guides/device-adapters.md)"
        )
    return Values(), []  # nothing but a sign of life, or commands of the network's own on port 0


def _of_frame(uplink: Uplink, scale: int | None) -> tuple[Values, list[Happening]]:
    frame = hkt_frame.decode(uplink.payload, scale)
    if frame.device is None or uplink.device.endswith(frame.device):
        return frame.values, []
    mismatch = {"claims": frame.device, "frame_number": frame.number}
    return frame.values, [("identity_mismatch", EventSeverity.SECURITY, mismatch)]


def _scale(uplink: Uplink, policy: Policy) -> int | None:
    declared = json_payload.number(uplink.tags.get(SCALE_TAG))
    return int(declared) if declared in hkt_frame.SCALES else policy.hkt_scale


def _named(decoded: Mapping[str, Any]) -> str:
    return json_payload.text(", ".join(map(str, decoded)), 200)


def _event(
    uplink: Uplink, source: str, times: Told, received_at: datetime,
    kind: str, severity: EventSeverity, said: dict[str, Any],
) -> DeviceEventRow:  # fmt: skip
    key = f"{uplink.session}:{uplink.counter}:{_digest(uplink).hex()[:16]}"
    return DeviceEventRow(
        device_id=uplink.device, kind=kind, at=times.measured_at, received_at=received_at, source=source,
        event_key=json_payload.text(key), severity=severity, particulars=json_payload.particulars(**said),
    )  # fmt: skip


def _digest(uplink: Uplink) -> bytes:
    if uplink.payload or uplink.decoded is None:
        return hashlib.sha256(uplink.payload).digest()
    decoded = json_payload.particulars(decoded=uplink.decoded)
    return hashlib.sha256(msgspec.json.encode(decoded, order="sorted")).digest()


def _quality(radio: Radio) -> tuple[float, float]:
    nothing = float("-inf")
    return (
        nothing if radio.rssi_dbm is None else radio.rssi_dbm,
        nothing if radio.snr_db is None else radio.snr_db,
    )
