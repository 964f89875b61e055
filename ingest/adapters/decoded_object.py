"""What a network's own payload codec made of an uplink: member names as codecs choose them, to values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters import clocks, json_payload
from ingest.adapters.values import Values

_NAMES = {
    "latitude": ("latitude", "lat", "gpslatitude", "gpslat"),
    "longitude": ("longitude", "lon", "lng", "long", "gpslongitude", "gpslon", "gpslng"),
    "fix_error_m": ("fixerror", "fixerrorm", "accuracy", "gpsaccuracy", "hacc", "horizontalaccuracy"),
    "steps": ("steps", "step", "stepcount"),
    "activity": ("activity", "activityindex"),
    "ear_temp_c": (
        "temperature", "temp", "tempc", "temperaturec", "eartemp", "eartempc", "eartemperature", "temperaturesensor",
    ),
    "battery_pct": (
        "battery", "batterypct", "batterypercent", "batterypercentage", "batterylevel", "batt", "bat", "batpct",
    ),
    "rumination_min": ("rumination", "ruminationmin", "ruminationminutes", "ruminating", "rumtime"),
    "tamper": ("tamper", "tampered", "tamperalarm", "tamperstatus", "removed"),
    "measured_at": ("timestamp", "measuredat", "devicetime", "systimestamp", "fixtime"),
}  # fmt: skip
_FIELD = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
_TRUE, _FALSE = ("true", "yes", "on", "removed", "1", "1.0"), ("false", "no", "off", "installed", "0", "0.0")
_MOST_LEAVES = 200
_VOLTS = (1.5, 4.5)
"""A "battery" of 3.6 is the voltage of a cell, not a share."""


def values(found: Mapping[str, Any]) -> tuple[Values, int]:
    """The values, and how many members were recognised. What was not stands among the others."""
    made, recognised = Values(), 0
    for path, leaf in _leaves(found, ()):
        name = _field(path)
        if name is None:
            made.others[".".join(path)] = leaf
        elif getattr(made, name) is None:  # the first one counts: temperature_1 before temperature_2
            recognised += 1
            _take(made, name, leaf)
    return made, recognised


def _take(made: Values, name: str, leaf: object) -> None:
    match name:
        case "tamper":
            value: Any = _yes_or_no(leaf)
        case "measured_at":
            value = clocks.moment(leaf) or clocks.since_epoch(leaf)
        case _:
            value = json_payload.number(leaf)
    if value is None and leaf is not None:
        made.notes.append(f"{name} withheld: {json_payload.text(str(leaf), 40)!r} says nothing")
    elif name == "battery_pct" and value is not None and _VOLTS[0] <= value <= _VOLTS[1] and value != int(value):
        made.notes.append(f"battery_pct withheld: {value:g} looks like volts")
    else:
        setattr(made, name, value)


def _yes_or_no(leaf: object) -> bool | None:
    if isinstance(leaf, bool):
        return leaf
    word = str(leaf).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _field(path: tuple[str, ...]) -> str | None:
    """The value that a member is; a bare number as its name is a channel of the member around it."""
    named = [part for part in path if not part.isdecimal()]
    return _FIELD.get(re.sub(r"_\d+$", "", named[-1]).replace("_", "").replace("-", "").lower()) if named else None


def _leaves(found: Mapping[str, Any], path: tuple[str, ...], left: list[int] | None = None) -> Iterator[Any]:
    left = [_MOST_LEAVES] if left is None else left
    for key, value in found.items():
        here = (*path, json_payload.text(str(key), 64))
        if isinstance(value, Mapping) and len(path) < json_payload.MOST_DEPTH:
            yield from _leaves(value, here, left)
        elif left[0]:
            left[0] -= 1
            yield here, value
