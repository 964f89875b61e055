"""Captured payloads as people keep them: one per file, JSON lines, a JSON array, with or without their topic. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from ingest.adapters import hkt_frame
from ingest.adapters.clocks import moment

MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Captured:
    """One payload. `topic` and `at` None: the capture does not tell them."""

    payload: bytes
    topic: str | None = None
    at: datetime | None = None


def captured(content: bytes) -> list[Captured]:
    """The payloads in a file. What is not JSON is one payload, or one per line where every line is hex digits."""
    whole = _json(content)
    if isinstance(whole, list):
        return [_one(each, msgspec.json.encode(each)) for each in whole]
    if whole is not None:
        return [_one(whole, content.strip())]
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and isinstance(_json(lines[0]), Mapping):
        return [_one(_json(line), line) for line in lines]
    if lines and not hkt_frame.is_frame(content) and all(map(_is_hex, lines)):
        return [Captured(line) for line in lines]
    return [Captured(content if hkt_frame.is_frame(content) or b"\x00" in content else content.strip())]


def _one(found: object, payload: bytes) -> Captured:
    """A payload, taken out of what `mosquitto_sub -F %j`, and storage and live-data exports, put around it."""
    if not isinstance(found, Mapping):
        return Captured(payload)
    if isinstance(found.get("topic"), str) and "payload" in found:
        return Captured(_bytes(found["payload"]), found["topic"], _at(found))
    if len(found) == 1 and isinstance(found.get("result"), Mapping):
        return Captured(msgspec.json.encode(found["result"]))
    if isinstance(found.get("data"), Mapping) and "end_device_ids" in found["data"]:
        return Captured(msgspec.json.encode(found["data"]))
    return Captured(payload)


def _at(found: Mapping[str, Any]) -> datetime | None:
    return moment(found.get("tst")) or moment(found.get("received_at"))


def _bytes(payload: object) -> bytes:
    return payload.encode() if isinstance(payload, str) else msgspec.json.encode(payload)


def _json(content: bytes) -> Any:
    """What the JSON says; None when it is none, and where it is a bare number, text or null: those are payloads."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _is_hex(line: bytes) -> bool:
    digits = line.decode("ascii", "replace").replace(" ", "").replace(":", "")
    return len(digits) >= 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
