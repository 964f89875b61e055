"""What both readers of the broker have in common: what a message is, what can go wrong, and how one connects."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, Self

import msgspec

from collateral.settings.fragments import BrokerSettings

WAIT_S = 15.0
SESSION_EXPIRY_S = 7 * 24 * 3600
LARGEST_BACKOFF_S = 5.0
RESUBSCRIBE_S = 5.0


class BrokerUnavailable(ConnectionError):
    """The MQTT broker cannot be used; the message says where it was looked for and what to do."""


class NotDelivered(ConnectionError):
    """The broker did not acknowledge a publish in time; publish it again."""


class Acknowledgeable(Protocol):
    """What tells a received message from others, to the broker."""

    @property
    def mid(self) -> int: ...
    @property
    def qos(self) -> int: ...
    @property
    def epoch(self) -> int: ...


class Acknowledger(Protocol):
    """Whoever a message came by."""

    def acknowledge_all(self, deliveries: Sequence[Acknowledgeable]) -> None:
        """Tell the broker that the effect of these is durable, in this order."""


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One received message. `acknowledge` tells the broker that its effect is durable (once; later calls no-op)."""

    topic: str
    payload: bytes
    redelivered: bool
    epoch: int
    mid: int
    qos: int
    link: Acknowledger

    def acknowledge(self) -> None:
        self.link.acknowledge_all([self])


class Link(ABC):
    """A way to the broker: MQTT 5 where the broker speaks it, 3.1.1 otherwise. Use it as a context manager.

    `client_id` must be stable across restarts when `durable`, which keeps the session (and so undelivered messages)
    on the broker. `at_most` bounds unacknowledged deliveries (MQTT 5 Receive Maximum) and so memory.
    """

    def __init__(
        self, client_id: str, settings: BrokerSettings, filters: list[str], *, durable: bool, at_most: int
    ) -> None:
        self._client_id, self._settings, self._filters = client_id, settings, filters
        self._durable, self._at_most = durable, at_most
        self._epoch = 0
        self._ready = threading.Event()
        self._refused: str | None = None
        self._was_up = False
        self.protocol = 5

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, wait_s: float = WAIT_S) -> None:
        """Connect; raise BrokerUnavailable with the reason after `wait_s`."""
        for protocol in (5, 4):
            self.protocol = protocol
            if self._try(wait_s):
                return
            if not self._protocol_refused():
                break
        reason = self._refused
        raise BrokerUnavailable(f"MQTT broker at {self.where}: {reason or 'no answer'}; {_what_to_do(reason or '')}")

    @property
    def where(self) -> str:
        """The broker's address."""
        return f"{self._settings.broker_host}:{self._settings.broker_port}"

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and granted what we subscribe to."""
        # A refusal also ends the waiting in open(), so being ready is not enough.
        return self._ready.is_set() and self._refused is None

    @abstractmethod
    def close(self) -> None:
        """Say goodbye to the broker and stop."""

    @abstractmethod
    def publish(self, topic: str, payload: bytes, *, wait_s: float | None = WAIT_S) -> None:
        """Publish at QoS 1. Returns when the broker has acknowledged it; NotDelivered otherwise.

        With `wait_s` None it returns at once, and the message may be lost with this process.
        """

    @abstractmethod
    def acknowledge_all(self, deliveries: Sequence[Acknowledgeable]) -> None:
        """Tell the broker that the effect of these is durable. Those of an earlier connection are left out."""

    @abstractmethod
    def _try(self, wait_s: float) -> bool:
        """Connect in `self.protocol`; False with the reason in `_refused`."""

    def _protocol_refused(self) -> bool:
        # A broker that speaks only 3.1.1 may just hang up on a version-5 hello.
        return self._refused is not None and ("protocol" in self._refused.lower() or self._refused == "closed")


def _what_to_do(refused: str) -> str:
    if any(word in refused.lower() for word in ("authori", "password", "identifier")):
        return "correct HERDLIEN_BROKER_USER and HERDLIEN_BROKER_PASSWORD"
    return "start it or set HERDLIEN_BROKER_HOST and HERDLIEN_BROKER_PORT"
