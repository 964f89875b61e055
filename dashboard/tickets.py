"""One-time tickets: a script hands a token over to the route that sets the cookie, past the browser's scripts."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

VALID_S = 60.0


@dataclass(frozen=True, slots=True)
class Held:
    """A token waiting to be fetched."""

    token: str
    until: float


_held: dict[str, Held] = {}
_lock = threading.Lock()


def issue(token: str) -> str:
    """A ticket for `token`; good once, for a minute."""
    ticket = secrets.token_urlsafe(24)
    with _lock:
        _forget_expired()
        _held[ticket] = Held(token, time.monotonic() + VALID_S)
    return ticket


def redeem(ticket: str) -> Held | None:
    """What the ticket stands for, once; None when it is unknown, used or too old."""
    with _lock:
        _forget_expired()
        return _held.pop(ticket, None)


def _forget_expired() -> None:
    for ticket in [t for t, held in _held.items() if held.until < time.monotonic()]:
        del _held[ticket]
