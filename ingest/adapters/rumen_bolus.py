"""The rumen bolus' frame: fourteen bytes on port 10, beginning with C1. Big-endian.

C1, status (0x80: first report), base temperature in twelve bits, six signed steps of 1/127 degree from it, and a
32-bit figure of gastric motility. Temperatures are of the rumen, far above those of an ear: they are told as an event.
"""

from __future__ import annotations

import struct
from typing import Any

PORT = 10
_FORM = ">BBH6bI"
_FIRST = 0xC1
_STEPS_PER_DEGREE = 127


def is_frame(payload: bytes, port: int) -> bool:
    """Whether these bytes, on this port, are such a frame."""
    return port == PORT and len(payload) == struct.calcsize(_FORM) and payload[0] == _FIRST


def decode(payload: bytes) -> dict[str, Any]:
    """What the bolus says: seven temperatures in degrees Celsius, oldest first as sent, and motility."""
    _, status, base, *steps, motility = struct.unpack(_FORM, payload)
    base_c = ((base & 0x0FFF) * 3100 / 2048 + 4000) / 100 - 0.4
    return {
        "first_report": bool(status & 0x80),
        "status": status,
        "rumen_temps_c": [round(base_c, 3), *(round(base_c + step / _STEPS_PER_DEGREE, 3) for step in steps)],
        "motility": motility,
    }
