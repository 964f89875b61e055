"""Bytes to message and back, with limits. What cannot be decoded raises Unreadable with the reason."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, TypeVar

import msgspec

from collateral.contract.evidence import EvidenceMade, EvidenceRecord, fingerprint, read_record
from collateral.contract.messages import (
    MOST_READINGS,
    VERSION,
    CountMade,
    Frame,
    Heard,
    Kept,
    Message,
    Name,
    Reading,
    Readings,
    Receipt,
    Status,
)

MOST_JSON_BYTES = 512 * 1024
MOST_FRAME_BYTES = 4 * 1024 * 1024

T = TypeVar("T", bound=Message)


class _Reading(Reading, kw_only=True, omit_defaults=True):
    """A reading whose tag is not yet held against the pattern: that would be 40 % of all decoding."""

    tag: Annotated[str, msgspec.Meta(min_length=16, max_length=16)]


class _Readings(Readings, kw_only=True):
    """A batch of them; see `_tags_checked`."""

    readings: Annotated[list[_Reading], msgspec.Meta(min_length=1, max_length=MOST_READINGS)]  # type: ignore[assignment]


_NOT_HEX = re.compile("[^0-9a-f]")


class Unreadable(ValueError):
    """A payload could not be understood; the message says why."""


_encode_json = msgspec.json.Encoder().encode
_encode_pack = msgspec.msgpack.Encoder().encode
_json: dict[type[Message], msgspec.json.Decoder[Message]] = {
    Readings: msgspec.json.Decoder(_Readings),
    **{kind: msgspec.json.Decoder(kind) for kind in (Status, CountMade, Receipt)},
}
_frame = msgspec.msgpack.Decoder(Frame)
_evidence = msgspec.msgpack.Decoder(EvidenceMade)
_heard = msgspec.msgpack.Decoder(Heard)
_kept = msgspec.msgpack.Decoder(Kept)


def encode(message: Readings | Status | CountMade | Receipt) -> bytes:
    """The JSON bytes of a message."""
    return _encode_json(message)


def encode_frame(frame: Frame) -> bytes:
    """The MessagePack bytes of a frame."""
    return _encode_pack(frame)


def decode(payload: bytes, kind: type[T]) -> T:
    """The message in `payload`; Unreadable when it is too big, malformed, out of range or of another version."""
    if len(payload) > MOST_JSON_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_JSON_BYTES}")
    try:
        message: T = _json[kind].decode(payload)  # type: ignore[assignment]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(_reason(payload, error)) from error
    if isinstance(message, Readings):
        _tags_checked(message)
    return _version_checked(message)


def decode_frame(payload: bytes) -> Frame:
    """The frame in `payload`; Unreadable also when its hash is not that of its picture."""
    if len(payload) > MOST_FRAME_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_FRAME_BYTES}")
    try:
        frame = _frame.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if hashlib.sha256(frame.jpeg).hexdigest() != frame.sha256:
        raise Unreadable("the picture does not match its sha256")
    return _version_checked(frame)


def encode_evidence(made: EvidenceMade) -> bytes:
    """The MessagePack bytes of a count's evidence."""
    return _encode_pack(made)


def decode_evidence(payload: bytes) -> tuple[EvidenceMade, EvidenceRecord]:
    """Evidence and the record in it; Unreadable also when its picture is not the one that the record names."""
    if len(payload) > MOST_FRAME_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_FRAME_BYTES}")
    try:
        made = _version_checked(_evidence.decode(payload))
        record = read_record(made.record)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if fingerprint(made.jpeg) != record.picture_sha256:
        raise Unreadable("the picture is not the one that its record names")
    return made, record


class Numbered(msgspec.Struct):
    """The place of a message in its gateway's spool, and nothing else of it."""

    gateway: Name
    spool: Name
    number: Annotated[int, msgspec.Meta(ge=1, le=2**53)]


_numbered_json = msgspec.json.Decoder(Numbered)
_numbered_pack = msgspec.msgpack.Decoder(Numbered)


def number_of(payload: bytes, *, packed: bool) -> Numbered | None:
    """The number of a message that is otherwise unreadable (too big, of another version); None without one."""
    try:
        return (_numbered_pack if packed else _numbered_json).decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def encode_local(message: Heard | Kept) -> bytes:
    """One message on the link between receiver and gateway: 4-byte big-endian length, then MessagePack."""
    body = _encode_pack(message)
    return len(body).to_bytes(4, "big") + body


def decode_heard(body: bytes) -> Heard:
    """A message from the receiver (length prefix already removed)."""
    try:
        return _heard.decode(body)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable(str(error)) from error


def decode_kept(body: bytes) -> Kept:
    """The gateway's answer on the local link (length prefix already removed)."""
    try:
        return _kept.decode(body)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable(str(error)) from error


def _tags_checked(batch: Readings) -> None:
    """All tags of the batch against the pattern of `Eui`, in one go; their length is known to be right."""
    if _NOT_HEX.search("".join([reading.tag for reading in batch.readings])):
        at, tag = next((at, r.tag) for at, r in enumerate(batch.readings) if _NOT_HEX.search(r.tag))
        raise Unreadable(f"Expected 16 lower-case hex digits, got {tag!r} - at `$.readings[{at}].tag`")


def _version_checked(message: T) -> T:
    if message.v != VERSION:
        raise Unreadable(f"version {message.v} is not known here, only {VERSION}")
    return message


def _reason(payload: bytes, error: Exception) -> str:
    """Prefer "unknown version" over the type error that a newer payload happens to cause."""
    try:
        version = msgspec.json.decode(payload, type=dict).get("v")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return str(error)
    if isinstance(version, int) and version != VERSION:
        return f"version {version} is not known here, only {VERSION}"
    return str(error)
