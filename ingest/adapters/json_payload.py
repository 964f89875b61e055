"""JSON from strangers: bounded, typed where it matters, and made fit for the database."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from collateral.contract.codec import Unreadable

MOST_BYTES = 256 * 1024
MOST_TEXT = 500
MOST_ITEMS = 64
MOST_DEPTH = 6
MOST_PARTICULARS_BYTES = 8 * 1024
_LARGEST = 2**63 - 1

S = TypeVar("S", bound=msgspec.Struct)


def decode(payload: bytes, kind: type[S]) -> S:
    """The `kind` that the payload spells. Raises Unreadable: too big, not JSON, or not that."""
    if len(payload) > MOST_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_BYTES}")
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error) or "nested too deeply") from error


def keys_of(payload: bytes) -> Mapping[str, Any]:
    """The members of a JSON object. Raises Unreadable when it is none."""
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error) or "nested too deeply") from error
    if not isinstance(found, dict):
        raise Unreadable(f"Expected `object`, got `{type(found).__name__}`")
    return found


def number(value: object) -> float | None:
    """A finite number, also one spelled as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: object, most: int = MOST_TEXT) -> str:
    """A text that PostgreSQL can hold, cut to `most` characters; "" when it is none."""
    if not isinstance(value, str):
        return ""
    return value[:most].replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode()


def particulars(**found: object) -> dict[str, Any]:
    """What else a message said, without what it left out, bounded and fit for a jsonb column."""
    kept = {name: _tidy(value, MOST_DEPTH) for name, value in found.items() if value is not None}
    size = len(msgspec.json.encode(kept))
    if size <= MOST_PARTICULARS_BYTES:
        return kept
    return {"cut": f"{size} bytes of particulars, at most {MOST_PARTICULARS_BYTES}", "members": sorted(kept)}


def _tidy(value: object, depth: int) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) <= _LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return text(value)
        case Mapping() if depth:
            return {text(str(key), 64): _tidy(each, depth - 1) for key, each in list(value.items())[:MOST_ITEMS]}
        case list() | tuple() if depth:
            return [_tidy(each, depth - 1) for each in value[:MOST_ITEMS]]
        case Mapping() | list() | tuple():
            return f"{len(value)} members, nested too deeply to keep"
        case _:
            return text(str(value))
