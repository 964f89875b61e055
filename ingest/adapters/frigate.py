"""Frigate, a recorder that tracks objects before cameras: what it sees becomes device events, never head counts.

A tracked object is not an animal that was counted: it may be one of many, and comes anew when it walks out and back.
An object is told once when it appears, once when it goes, and between only where it came to rest, or changed zones;
Frigate itself repeats an update for each better picture.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Literal

from msgspec import Struct

from collateral.contract.codec import Unreadable
from collateral.store.device_events import DeviceEventRow, EventSeverity
from ingest.adapters import json_payload
from ingest.adapters.adapter import Adapter, Policy, Read, Understood
from ingest.adapters.clocks import sensible_or, since_epoch
from ingest.adapters.json_payload import text

NAME = "frigate"
LABELS = ("cow", "sheep")
"""What it can tell of livestock; it knows no pigs."""
MOST_OBJECTS = 10_000
MOST_WORD_BYTES = 32
STATES = {"online": EventSeverity.INFO, "disabled": EventSeverity.WARNING, "offline": EventSeverity.WARNING}
AVAILABLE = {"online": EventSeverity.INFO, "stopped": EventSeverity.WARNING, "offline": EventSeverity.WARNING}


class Tracked(Struct):
    """A tracked object at one moment; times in seconds since 1970."""

    id: str
    camera: str
    label: str
    frame_time: Any = None
    start_time: Any = None
    end_time: Any = None
    sub_label: Any = None
    score: Any = None
    top_score: Any = None
    false_positive: bool | None = False
    box: Any = None
    area: Any = None
    current_zones: list[str] | None = None
    entered_zones: list[str] | None = None
    has_snapshot: Any = None
    stationary: bool | None = False
    motionless_count: Any = None
    position_changes: Any = None


class Change(Struct):
    """One message on frigate/events."""

    type: Literal["new", "update", "end"]
    after: Tracked


def _events(payload: bytes, received_at: datetime) -> DeviceEventRow:
    change = json_payload.decode(payload, Change)
    seen, zones = change.after, sorted(change.after.current_zones or [])
    if not (seen.id and seen.camera and seen.label):
        raise Unreadable("a tracked object needs an id, a camera and a label")
    told = seen.end_time if change.type == "end" else seen.frame_time
    return _row(
        seen.camera, "tracked_object", received_at, key=_key(change, zones),
        at=since_epoch(told) or since_epoch(seen.frame_time),
        type=change.type, id=seen.id, label=seen.label, sub_label=seen.sub_label, score=seen.score,
        top_score=seen.top_score, false_positive=seen.false_positive, box=seen.box, zones=zones,
        entered_zones=seen.entered_zones, stationary=seen.stationary, motionless_count=seen.motionless_count,
        position_changes=seen.position_changes, start_time=seen.start_time, end_time=seen.end_time,
        has_snapshot=seen.has_snapshot,
    )  # fmt: skip


def _key(change: Change, zones: list[str]) -> str:
    if change.type != "update":
        return f"{change.after.id}:{change.type}"
    return f"{change.after.id}:update:{'still' if change.after.stationary else 'moving'}:{','.join(zones)}"


def _available(payload: bytes, received_at: datetime) -> DeviceEventRow:
    state = _word(payload, AVAILABLE)
    return _row(NAME, "recorder", received_at, key=_minute(state, received_at), severity=AVAILABLE[state], state=state)


def _status(camera: str, role: str, payload: bytes, received_at: datetime) -> DeviceEventRow:
    state = _word(payload, STATES)
    key = f"{role}:{_minute(state, received_at)}"
    return _row(camera, "camera", received_at, key=key, severity=STATES[state], role=role, state=state)


def _tracked_now(place: str, label: str, payload: bytes, received_at: datetime) -> DeviceEventRow:
    """How many objects are tracked. Such a message carries no time: it is dated by its arrival, and says so."""
    try:
        objects = int(payload[:MOST_WORD_BYTES].decode("ascii"))
    except ValueError as error:
        raise Unreadable(f"expected a number of {label}, got {payload[:MOST_WORD_BYTES]!r}") from error
    if not 0 <= objects <= MOST_OBJECTS:
        raise Unreadable(f"{objects} {label} is not between 0 and {MOST_OBJECTS}")
    key = f"{label}:{_minute(str(objects), received_at)}"
    return _row(place, "objects_tracked", received_at, key=key, label=label, objects=objects, dated_by="arrival")


def _row(
    device: str, kind: str, received_at: datetime, *, key: str, at: datetime | None = None,
    severity: EventSeverity = EventSeverity.INFO, **said: object,
) -> DeviceEventRow:  # fmt: skip
    return DeviceEventRow(
        device_id=text(device, 64), kind=kind, at=sensible_or(at, received_at), received_at=received_at, source=NAME,
        event_key=text(key), severity=severity, particulars=json_payload.particulars(**said),
    )  # fmt: skip


def _word(payload: bytes, known: dict[str, EventSeverity]) -> str:
    word = payload[:MOST_WORD_BYTES].decode("ascii", "replace").strip().strip('"').lower()
    if word not in known:
        raise Unreadable(f"expected one of {', '.join(known)}, got {payload[:MOST_WORD_BYTES]!r}")
    return word


def _minute(what: str, received_at: datetime) -> str:
    """What is said again within a minute is said once."""
    return f"{what}:{received_at:%Y-%m-%dT%H:%M}"


Understand = Callable[[bytes, datetime], DeviceEventRow]


def _reader(topic: str, _: Policy) -> Read | None:
    understand: Understand | None = None
    match topic.split("/"):
        case ["frigate", "events"]:
            understand = _events
        case ["frigate", "available"]:
            understand = _available
        case ["frigate", camera, "status", role] if camera and role:
            understand = partial(_status, camera, role)
        case ["frigate", place, label] if place and label in LABELS:
            understand = partial(_tracked_now, place, label)
    return partial(_read, understand) if understand is not None else None


def _read(understand: Understand, payload: bytes, received_at: datetime) -> Understood:
    return understand(payload, received_at), None


def _topic_of(payload: bytes) -> str:
    if payload.strip().strip(b'"').lower() in {word.encode() for word in AVAILABLE}:
        return "frigate/available"
    if payload.strip().isdigit():
        raise Unreadable("a bare number says neither camera nor label: say which by --topic frigate/CAMERA/cow")
    return "frigate/events"


ADAPTER = Adapter(
    NAME,
    ("frigate/events", "frigate/available", "frigate/+/status/+", *(f"frigate/+/{label}" for label in LABELS)),
    _reader,
    _topic_of,
    aliases=("frigate-events", "frigate-nvr"),
)
