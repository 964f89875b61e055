"""The HKT tag's frame: header 68 6B 74, special type, frame number, then types and values without lengths, big-endian.

The vendor's own JavaScript decoder reads tamper as type 0x83 and steps as one byte. Here both are read as the firmware
writes them, so a frame is believed before what a network's codec made of it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from collateral.contract.codec import Unreadable
from ingest.adapters.values import Values

HEADER = b"hkt"
HEADER_BYTES = 5
MOST_BYTES = 242
"""The longest payload that LoRaWAN carries."""
SCALES = (100, 1000)
"""The firmware's own comments disagree on how temperature and humidity are scaled."""
PLAUSIBLE = {"temperature": (0.0, 60.0), "humidity": (10.0, 100.0)}
"""Degrees Celsius and per cent that an ear tag can meet; the fields have no sign. Tells the scales apart, mostly."""

_ITEMS = {
    0x01: ("version", ">H"),
    0x02: ("device", ">6s"),
    0x03: ("battery", ">B"),
    0x09: ("temperature", ">3s"),
    0x0A: ("humidity", ">3s"),
    0x0B: ("acc_x", ">h"),
    0x0C: ("acc_y", ">h"),
    0x0D: ("acc_z", ">h"),
    0x10: ("latitude", ">I"),
    0x11: ("longitude", ">I"),
    0x15: ("steps", ">H"),
    0x39: ("run_mode", ">15s"),
    0x84: ("tamper", ">B"),
}
_SIGN = 1 << 31
_PER_DEGREE = 1_000_000

Items = dict[str, int]
"""The fields that a frame has, as numbers. What it lacks is not zero: it is not said."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `device`: the last six bytes of its DevEUI, in hex, where the tag tells them."""

    number: int
    device: str | None
    values: Values


def is_frame(payload: bytes) -> bool:
    """Whether these bytes begin as a frame does."""
    return payload.startswith(HEADER)


def decode(payload: bytes, scale: int | None = None) -> Frame:
    """The frame in `payload`. `scale`: what temperature and humidity are multiplied by, where that is declared.

    Raises Unreadable, with the offset, for what is not a whole frame.
    """
    if not is_frame(payload) or len(payload) < HEADER_BYTES:
        raise Unreadable(
            f"not an HKT frame: it begins with {payload[:5].hex(' ') or 'nothing'}, not with 68 6b 74 .. .."
        )
    if len(payload) > MOST_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_BYTES}")
    items = _items(payload)
    values = _values(items)
    values.others |= {"frame_number": payload[4]} | ({"special_type": payload[3]} if payload[3] else {})
    _put_scaled(values, {name: items[name] for name in PLAUSIBLE if name in items}, scale)
    device = f"{items['device']:012x}" if "device" in items else None
    return Frame(payload[4], device, values.checked())


def _items(payload: bytes) -> Items:
    found: Items = {}
    at = HEADER_BYTES
    while at < len(payload):
        name, form = _item_at(payload, at)
        if name in found:
            raise Unreadable(f"{name} (type 0x{payload[at]:02x}) comes a second time at offset {at}")
        (raw,) = struct.unpack_from(form, payload, at + 1)
        found[name] = int.from_bytes(raw, "big") if isinstance(raw, bytes) else raw
        at += 1 + struct.calcsize(form)
    return found


def _item_at(payload: bytes, at: int) -> tuple[str, str]:
    kind = payload[at]
    if kind not in _ITEMS:
        hint = " (tamper is 0x84)" if kind == 0x83 else ""
        raise Unreadable(f"unknown type 0x{kind:02x} at offset {at}{hint}: without its length the rest cannot be read")
    name, form = _ITEMS[kind]
    missing = at + 1 + struct.calcsize(form) - len(payload)
    if missing > 0:
        raise Unreadable(f"{name} (type 0x{kind:02x}) at offset {at} is cut off: {missing} bytes are missing")
    return name, form


def _values(items: Items) -> Values:
    values = Values(
        latitude=_degrees(items.get("latitude")),
        longitude=_degrees(items.get("longitude")),
        steps=items.get("steps"),  # since the last frame, for the tag begins at 0 again: never a difference of two
        battery_pct=items.get("battery"),
    )
    match items.get("tamper"):
        case None:
            pass
        case 0 | 1 as removed:
            values.tamper = removed == 1
        case other:
            values.withhold("tamper", f"{other} is neither 0 (installed) nor 1 (removed)")
    values.others |= {name: items[name] for name in ("acc_x", "acc_y", "acc_z") if name in items}
    if "version" in items:
        values.others |= {"hardware": items["version"] >> 8, "software": items["version"] & 0xFF}
    if "run_mode" in items:
        values.others["run_mode"] = f"{items['run_mode']:030x}"
    return values


def _degrees(raw: int | None) -> float | None:
    """Millionths of a degree. The highest bit is a sign before a magnitude, not part of a two's complement."""
    if raw is None:
        return None
    return (-(raw & ~_SIGN) if raw & _SIGN else raw) / _PER_DEGREE


def _put_scaled(values: Values, raw: Items, scale: int | None) -> None:
    """Temperature and humidity by the scale that was declared, else by the only one that suits all of them."""
    if not raw:
        return
    fitting = [scale] if scale else [each for each in SCALES if _suits(raw, each)]
    if len(fitting) != 1:
        both = "; ".join(f"/{each}: " + ", ".join(f"{n} {v / each:g}" for n, v in raw.items()) for each in SCALES)
        trouble = "both scales are plausible" if fitting else "neither scale is plausible"
        values.notes.append(f"{' and '.join(raw)} withheld: {trouble} ({both}); declare hkt_scale for this device")
        return
    values.others["scale"] = fitting[0]
    if "temperature" in raw:
        values.ear_temp_c = raw["temperature"] / fitting[0]
    if "humidity" in raw:
        values.others["humidity_pct"] = raw["humidity"] / fitting[0]


def _suits(raw: Items, scale: int) -> bool:
    return all(PLAUSIBLE[name][0] <= value / scale <= PLAUSIBLE[name][1] for name, value in raw.items())
