"""HKT frames alone, as captured from a gateway or a serial port: bytes, hex or base64. `uplink` reads those inside."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from collateral.contract.codec import Unreadable
from ingest.adapters import hkt_frame
from ingest.adapters.adapter import Adapter, Policy, Read, Understood
from ingest.adapters.uplink import Radio, Uplink, payload_of, row

TOPIC = "hkt"
_BASE64 = "aGt0"  # the header, in base64
MOST_TEXT_BYTES = 4 * hkt_frame.MOST_BYTES


def _reader(topic: str, policy: Policy) -> Read | None:
    return partial(_read, policy) if topic == TOPIC else None


def _read(policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    """Nobody says whose a bare frame is, beyond six of eight bytes that the tag may tell itself."""
    frame = _bytes(payload)
    read = hkt_frame.decode(frame, policy.hkt_scale)
    alone = Uplink(
        device=f"????{read.device}" if read.device else "unknown",
        session="alone", counter=read.number, port=0, payload=frame, decoded=None, network_at=None, radio=Radio(),
    )  # fmt: skip
    return row(alone, TOPIC, policy, received_at), None


def _bytes(payload: bytes) -> bytes:
    if hkt_frame.is_frame(payload):
        return payload
    if len(payload) > MOST_TEXT_BYTES:
        raise Unreadable(f"too big: {len(payload)} bytes, at most {MOST_TEXT_BYTES}")
    text = payload.decode("ascii", "replace").strip()
    try:
        if text.startswith(_BASE64):
            return payload_of(text)
        return bytes.fromhex(text.lower().replace("0x", "").replace(":", "").replace(",", " "))
    except ValueError as error:
        raise Unreadable(f"neither an HKT frame nor hex digits: it begins with {payload[:8]!r}") from error


ADAPTER = Adapter("hkt", (), _reader, lambda _: TOPIC, aliases=("hkt-frame", "hkt-tag", "vendor-frame", "vendor"))
"""Nothing to subscribe to: it serves `python -m ingest decode`."""
