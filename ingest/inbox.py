"""Between the network thread and the writer: a queue that is bounded in messages and in bytes.

How memory stays flat while the database is away:

* MQTT 5: Receive Maximum. The broker sends at most that many unacknowledged messages and keeps the rest.
* MQTT 3.1.1 has no such thing, but acknowledgements are withheld until the commit, and brokers bound what is
  unacknowledged (`max_inflight_messages`, NATS: `max_ack_pending`).
* Both count messages, not bytes, and a frame is a thousand times a reading. So `put` blocks when too much waits:
  paho's thread stops reading and TCP holds the broker back. It then also sends no keepalive; after 45 s the
  broker hangs up, keeps the session, and delivers again what was not acknowledged. Nothing is lost, and what
  comes twice is recognised by its natural key.

NATS delivers an unacknowledged message again after `ack_wait` on the same connection, under the same packet
number. Such a message is still here, so the repetition is dropped.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

MOST_MESSAGES = 20_000
EACH_BYTES = 500
"""What a waiting message costs beside its payload."""


class Delivered(Protocol):
    """What ingest needs of a received message."""

    @property
    def topic(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def epoch(self) -> int: ...
    @property
    def mid(self) -> int: ...
    @property
    def qos(self) -> int: ...


class Undelivered(msgspec.Struct, frozen=True, gc=False):
    """A message that no broker delivers: one that was kept, or captured. Nobody waits for its acknowledgement."""

    topic: str
    payload: bytes
    epoch: int = 0
    mid: int = 0
    qos: int = 0


Acknowledge = Callable[[Sequence[Delivered]], None]
"""Tells the broker, in this order, that the effect of these is durable."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A message, the moment it came, and what tells it from others that are here."""

    delivery: Delivered
    received_at: datetime
    key: tuple[int, int] = (0, 0)

    @property
    def cost(self) -> int:
        return len(self.delivery.payload) + EACH_BYTES


class Inbox:
    """What has come and is not yet committed. One thread puts, one takes."""

    def __init__(
        self,
        now: Callable[[], datetime],
        acknowledge: Acknowledge,
        *,
        most_bytes: int,
        most: int = MOST_MESSAGES,
    ) -> None:
        self._now, self._acknowledge, self._most, self._most_bytes = now, acknowledge, most, most_bytes
        self._queue: deque[Arrival] = deque()
        self._unfinished: set[tuple[int, int]] = set()
        self._bytes = self._serial = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, delivery: Delivered) -> None:
        """Take one message in; see `put_all`."""
        self.put_all([delivery])

    def put_all(self, deliveries: Sequence[Delivered]) -> None:
        """Take messages in, waiting while too much is here. A repetition of one that is here is dropped."""
        with self._changed:
            now, unfinished = self._now(), self._unfinished
            for delivery in deliveries:
                # Packet numbers start at 1; a QoS 0 message has none and is never repeated.
                self._serial -= 1
                key = (delivery.epoch, delivery.mid if delivery.qos else self._serial)
                if key in unfinished:
                    continue
                if self._full and unfinished:
                    now = self._await_room()
                if self._closed:
                    return  # not acknowledged, so the broker keeps them for the next start
                unfinished.add(key)
                self._bytes += len(delivery.payload) + EACH_BYTES
                self._queue.append(Arrival(delivery, now, key))
            self._changed.notify_all()

    def _await_room(self) -> datetime:
        """Wait until there is room; a single message larger than the bound must still get through, alone."""
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._closed or not self._full or not self._unfinished)
        return self._now()

    def take(self, timeout_s: float) -> list[Arrival]:
        """Everything that waits; after `timeout_s` without any, nothing."""
        with self._changed:
            if not self._queue:
                self._changed.wait_for(lambda: bool(self._queue) or self._closed, timeout_s)
            arrivals = list(self._queue)
            self._queue.clear()
            return arrivals

    def finish(self, arrivals: Sequence[Arrival]) -> None:
        """These are committed: acknowledge them in the order they came, and make room."""
        with self._changed:
            for arrival in arrivals:
                self._unfinished.discard(arrival.key)
                self._bytes -= arrival.cost
            self._changed.notify_all()
        self._acknowledge([arrival.delivery for arrival in arrivals])

    def close(self) -> None:
        """Let a waiting `put` go; nothing more is taken in."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def depth(self) -> int:
        """How many messages are here and not yet committed."""
        return len(self._unfinished)

    @property
    def _full(self) -> bool:
        return len(self._unfinished) >= self._most or self._bytes >= self._most_bytes
