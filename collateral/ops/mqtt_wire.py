"""The few MQTT packets a reader at speed needs, as bytes (OASIS MQTT 3.1.1 and 5.0). Pure.

Only what a client sends and gets at QoS 0 and 1: no QoS 2, no topic aliases (none are offered), no extended
authentication. `version` is 4 for MQTT 3.1.1 and 5 for MQTT 5, as on the wire.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 13, 14
PINGREQ_PACKET = b"\xc0\x00"
DISCONNECT_PACKET = b"\xe0\x00"
MOST_REMAINING = 268_435_455

_SESSION_EXPIRY, _RECEIVE_MAXIMUM, _REASON_STRING = 0x11, 0x21, 0x1F
_FIRST_FAILURE = 0x80
_REASONS = {
    0x01: "Unsupported protocol version", 0x02: "Identifier rejected", 0x03: "Server unavailable",
    0x04: "Bad user name or password", 0x05: "Not authorized", 0x84: "Unsupported protocol version",
    0x85: "Client identifier not valid", 0x86: "Bad user name or password", 0x87: "Not authorized",
    0x88: "Server unavailable", 0x89: "Server busy", 0x8A: "Banned", 0x8E: "Session taken over",
    0x95: "Packet too large", 0x97: "Quota exceeded", 0x9E: "Shared subscriptions not supported",
}  # fmt: skip


class Malformed(ValueError):
    """The other side does not speak MQTT as we know it; the connection must be closed."""


class Published(NamedTuple):
    """One received PUBLISH. `mid` is 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int
    redelivered: bool
    mid: int


class Other(NamedTuple):
    """Any other packet: its type, and what follows the fixed header."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a CONNECT says. `receive_maximum` and `session_expiry_s` exist in MQTT 5 alone."""

    client_id: str
    version: int
    clean: bool
    keepalive_s: int
    receive_maximum: int
    session_expiry_s: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def connect(hello: Hello) -> bytes:
    """The CONNECT packet."""
    flags = (hello.clean << 1) | ((hello.user is not None) << 7) | ((hello.password is not None) << 6)
    body = _text("MQTT") + bytes([hello.version, flags]) + struct.pack(">H", hello.keepalive_s)
    if hello.version == 5:
        body += _with_length(
            struct.pack(">BIBH", _SESSION_EXPIRY, hello.session_expiry_s, _RECEIVE_MAXIMUM, hello.receive_maximum)
        )
    body += _text(hello.client_id)
    body += b"".join(_text(text) for text in (hello.user, hello.password) if text is not None)
    return _packet(0x10, body)


def subscribe(mid: int, filters: list[str], version: int) -> bytes:
    """The SUBSCRIBE packet, every filter at QoS 1. What a broker retained is not asked for (MQTT 5): it is not news."""
    options = b"\x21" if version == 5 else b"\x01"
    return _packet(0x82, _numbered(mid, version) + b"".join(_text(text) + options for text in filters))


def unsubscribe(mid: int, filters: list[str], version: int) -> bytes:
    """The UNSUBSCRIBE packet."""
    return _packet(0xA2, _numbered(mid, version) + b"".join(_text(text) for text in filters))


def publish(topic: str, payload: bytes, mid: int, version: int) -> bytes:
    """The PUBLISH packet at QoS 1."""
    properties = b"\x00" if version == 5 else b""
    return _packet(0x32, _text(topic) + struct.pack(">H", mid) + properties + payload)


def puback(mids: list[int]) -> bytes:
    """One PUBACK after another: those of a whole batch go out in one write."""
    return b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])


def goodbye(*, forget_session: bool, version: int) -> bytes:
    """The DISCONNECT packet; `forget_session` (MQTT 5) tells the broker to keep nothing for us."""
    if not forget_session or version != 5:
        return DISCONNECT_PACKET
    return _packet(0xE0, b"\x00" + _with_length(struct.pack(">BI", _SESSION_EXPIRY, 0)))


class Stream:
    """Packets out of the bytes of one connection. Topics come again and again, so their text is remembered."""

    MOST_TOPICS = 100_000

    def __init__(self, version: int) -> None:
        self._version = version
        self._left = b""
        self._topics: dict[bytes, str] = {}

    def feed(self, data: bytes) -> tuple[list[Published], list[Other]]:
        """The whole packets in what has come. Raises Malformed."""
        data = self._left + data if self._left else data
        at, end = 0, len(data)
        published: list[Published] = []
        others: list[Other] = []
        while end - at >= 2:
            start, length = at + 2, data[at + 1]
            if length & 0x80:
                found = _long_length(data, at + 1, end)
                if found is None:
                    break
                length, start = found
            if start + length > end:
                break
            kind = data[at]
            if kind >> 4 == PUBLISH:
                published.append(self._published(data, kind, start, start + length))
            else:
                others.append(Other(kind >> 4, data[start : start + length]))
            at = start + length
        self._left = data[at:]
        return published, others

    def _published(self, data: bytes, kind: int, at: int, end: int) -> Published:
        if at + 2 > end:
            raise Malformed("a PUBLISH without a topic")
        topic_end = at + 2 + (data[at] << 8 | data[at + 1])
        topic = self._topic(data[at + 2 : topic_end])
        qos, mid, at = kind >> 1 & 3, 0, topic_end
        if qos:
            mid, at = int.from_bytes(data[at : at + 2], "big"), at + 2
        if self._version == 5:
            length, at = _length(data, at, end)
            at += length
        if at > end or qos > 1:
            raise Malformed("a PUBLISH that ends before its payload" if at > end else f"a PUBLISH at QoS {qos}")
        return Published(topic, data[at:end], qos, bool(kind & 8), mid)

    def _topic(self, raw: bytes) -> str:
        topic = self._topics.get(raw)
        if topic is None:
            if len(self._topics) >= self.MOST_TOPICS:
                self._topics.clear()
            try:
                topic = self._topics[raw] = raw.decode()
            except UnicodeDecodeError as error:
                raise Malformed(f"a topic that is not UTF-8: {raw[:40]!r}") from error
        return topic


def refusal(body: bytes, version: int) -> str | None:
    """Why a CONNACK refuses us; None when it accepts."""
    if len(body) < 2:
        raise Malformed("a CONNACK that is too short")
    code = body[1]
    if code == 0:
        return None
    return _reason_string(body[2:]) if version == 5 and len(body) > 2 and _reason_string(body[2:]) else _reason(code)


def refused_filters(body: bytes, filters: list[str], version: int) -> list[str]:
    """Which of the filters a SUBACK refuses."""
    at = 2
    if version == 5:
        length, at = _length(body, at, len(body))
        at += length
    return [text for text, code in zip(filters, body[at:], strict=False) if code >= _FIRST_FAILURE]


def acknowledged(body: bytes) -> tuple[int, str | None]:
    """The packet number of a PUBACK, and why the broker refused the message (MQTT 5; None: it did not)."""
    code = body[2] if len(body) > 2 else 0
    return int.from_bytes(body[:2], "big"), _reason(code) if code >= _FIRST_FAILURE else None


def farewell(body: bytes) -> str:
    """Why the broker disconnects us (MQTT 5)."""
    return _reason(body[0]) if body else "Normal disconnection"


def _reason(code: int) -> str:
    return _REASONS.get(code, f"reason 0x{code:02x}")


def _reason_string(properties: bytes) -> str | None:
    length, at = _length(properties, 0, len(properties))
    if length >= 3 and properties[at] == _REASON_STRING:
        size = int.from_bytes(properties[at + 1 : at + 3], "big")
        return properties[at + 3 : at + 3 + size].decode("utf-8", "replace")
    return None


def _numbered(mid: int, version: int) -> bytes:
    return struct.pack(">H", mid) + (b"\x00" if version == 5 else b"")


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _with_length(body: bytes) -> bytes:
    size, encoded = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        encoded.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(encoded) + body


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _with_length(body)


def _long_length(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """The length that begins at `at` and the place after it; None while it is not all here."""
    value = 0
    for place in range(4):
        if at + place >= end:
            return None
        digit = data[at + place]
        value |= (digit & 0x7F) << 7 * place
        if not digit & 0x80:
            return value, at + place + 1
    raise Malformed("a length of more than four bytes")


def _length(data: bytes, at: int, end: int) -> tuple[int, int]:
    found = _long_length(data, at, end)
    if found is None:
        raise Malformed("a packet that ends within a length")
    return found
