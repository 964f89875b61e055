"""What stands around whatever is remembered, so that a damaged file, or another version's, is never taken for good.

`herdlien KIND VERSION` and a line end, the SHA-256 of that line and the body, the body.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from vision.errors import VisionError

_DIGEST = 32  # bytes
_FIRST_LINE = re.compile(rb"herdlien [a-z]+ [0-9]{1,9}")


class Fault(StrEnum):
    """Why something that was remembered is of no use."""

    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    OTHER_VERSION = "other-version"
    OTHER_SIZE = "other-size"
    FUTURE = "from-the-future"


class Unusable(VisionError):
    """What was remembered cannot be used; `fault` is why in one word."""

    def __init__(self, fault: Fault, says: str) -> None:
        super().__init__(says)
        self.fault = fault


def seal(kind: str, version: int, body: bytes) -> bytes:
    """The bytes of a file with this body."""
    line = _line(kind, version)
    return line + hashlib.sha256(line + body).digest() + body


def opened(kind: str, version: int, content: bytes) -> bytes:
    """The body of a file; Unusable when it is not as `seal` wrote it, or was not for this kind and version."""
    line, end, rest = content.partition(b"\n")
    expected = _line(kind, version)
    if line + end != expected:
        if end and _FIRST_LINE.fullmatch(line):
            raise Unusable(Fault.OTHER_VERSION, f"it says {line.decode()}, this program reads {kind} {version}")
        raise Unusable(Fault.DAMAGED, "it does not begin as such a file does")
    digest, body = rest[:_DIGEST], rest[_DIGEST:]
    if hashlib.sha256(expected + body).digest() != digest:
        raise Unusable(Fault.DAMAGED, "its bytes are not those that were written")
    return body


def _line(kind: str, version: int) -> bytes:
    return f"herdlien {kind} {version}\n".encode()
