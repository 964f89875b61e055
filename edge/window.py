"""Which messages are under way, and when to send them again. Pure: time is an argument, in monotonic seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_MESSAGES = 32
MOST_BYTES = 8 * 1024 * 1024
PATIENCE_S = 15.0
LONGEST_PATIENCE_S = 120.0
APART_S = 2.0
"""A receipt comes several times a second: what it calls missing is not sent again before its turn could come."""


@dataclass(slots=True)
class Sent:
    """The last sending of one message."""

    at_s: float
    size: int
    times: int


@dataclass(slots=True)
class Window:
    """Messages sent and not yet receipted. A broker's acknowledgement plays no part here."""

    most_messages: int = MOST_MESSAGES
    most_bytes: int = MOST_BYTES
    patience_s: float = PATIENCE_S
    newest: int = 0
    _under_way: dict[int, Sent] = field(default_factory=dict)
    _bytes: int = 0

    def __len__(self) -> int:
        return len(self._under_way)

    def has_room(self) -> bool:
        """Whether one more message may be sent; one always may, however large."""
        return not self._under_way or (len(self) < self.most_messages and self._bytes < self.most_bytes)

    def sent(self, number: int, size: int, now_s: float) -> None:
        """Message `number` has been handed to the broker, for the first time or again."""
        known = self._under_way.get(number)
        if known is None:
            self._under_way[number] = Sent(now_s, size, 1)
            self._bytes += size
        else:
            known.at_s, known.times = now_s, known.times + 1
        self.newest = max(self.newest, number)

    def receipted(self, up_to: int) -> None:
        """Everything up to `up_to` is in the database."""
        for number in [n for n in self._under_way if n <= up_to]:
            self._bytes -= self._under_way.pop(number).size
        self.newest = max(self.newest, up_to)

    def missing(self, numbers: Iterable[int], now_s: float) -> list[int]:
        """Which of the numbers that a receipt calls missing are to be sent again now."""
        wanted = [n for n in numbers if n in self._under_way]
        return [n for n in wanted if now_s - self._under_way[n].at_s >= APART_S]

    def overdue(self, now_s: float) -> list[int]:
        """What has waited for its receipt too long; the wait doubles with each sending."""
        return [n for n, sent in self._under_way.items() if now_s - sent.at_s >= self._patience(sent.times)]

    def reconnected(self, now_s: float) -> None:
        """A new connection, and receipts may have passed us by: the oldest message goes again soon, since its
        receipt tells what became of the others. Those wait the shortest time."""
        for sent in self._under_way.values():
            sent.times = 1
        if self._under_way:
            oldest = self._under_way[min(self._under_way)]
            oldest.at_s = min(oldest.at_s, now_s + APART_S - self.patience_s)

    def _patience(self, times: int) -> float:
        return min(LONGEST_PATIENCE_S, self.patience_s * 2.0 ** (times - 1))
