"""Slowing down those who guess passwords. Counts are kept per process and forgotten when it ends."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from collateral.model.saying import Refusal, say

WINDOW = timedelta(minutes=1)
MOST_WRONG = 5
MOST_KEYS = 10_000  # a guesser who varies the login must not fill the memory

Key = tuple[str, str]


class TooManyAttempts(Refusal):
    """Too many wrong passwords; `again_at` says when the next attempt is looked at."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(say("too many wrong passwords; try again after {at:%H:%M:%S} UTC", at=again_at))
        self.again_at = again_at


class Throttle:
    """Wrong passwords per login and address over the last minute."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[Key, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: Key, at: datetime) -> None:
        """Raise TooManyAttempts when `key` must wait."""
        with self._lock:
            recent = self._recent(key, at)
            if len(recent) >= MOST_WRONG:
                raise TooManyAttempts(recent[-MOST_WRONG] + WINDOW)

    def wrong(self, key: Key, at: datetime) -> None:
        """A wrong password was given."""
        with self._lock:
            self._wrong[key] = [*self._recent(key, at), at]
            self._wrong.move_to_end(key)
            while len(self._wrong) > MOST_KEYS:
                self._wrong.popitem(last=False)

    def right(self, key: Key) -> None:
        """The right password was given: earlier slips no longer count."""
        with self._lock:
            self._wrong.pop(key, None)

    def _recent(self, key: Key, at: datetime) -> list[datetime]:
        return [moment for moment in self._wrong.get(key, []) if at - moment < WINDOW]
