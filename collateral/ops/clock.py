"""The one clock. Every program reads time here; it can be shifted and sped up for all of them at once.

HERDLIEN_CLOCK="wall_epoch_s,event_epoch_s,rate" makes event time run `rate` times faster than the wall,
from `event_epoch_s` at wall time `wall_epoch_s`. Unset: event time is wall time.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

VARIABLE = "HERDLIEN_CLOCK"


class ClockError(ValueError):
    """HERDLIEN_CLOCK must read wall_epoch_s,event_epoch_s,rate with a rate above 0, such as 1.76e9,1.75e9,30."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A straight line from wall seconds to event time. `wall` is injected so that tests need no sleeping."""

    wall_epoch_s: float = 0.0
    event_epoch_s: float = 0.0
    rate: float = 1.0
    wall: Callable[[], float] = time.time

    def now(self) -> datetime:
        """The present moment in event time, aware, UTC."""
        elapsed = (self.wall() - self.wall_epoch_s) * self.rate
        return datetime.fromtimestamp(self.event_epoch_s + elapsed, UTC)

    def wall_seconds(self, event: timedelta) -> float:
        """How many wall seconds pass while `event` time passes."""
        return event.total_seconds() / self.rate

    def sleep_until(self, moment: datetime, stop: threading.Event | None = None) -> None:
        """Block until event time reaches `moment`, or `stop` is set."""
        wait = self.wall_seconds(moment - self.now())
        if wait <= 0:
            return
        if stop is None:
            time.sleep(wait)
        else:
            stop.wait(wait)

    def setting(self) -> str:
        """The value of HERDLIEN_CLOCK that makes another program share this clock."""
        return f"{self.wall_epoch_s},{self.event_epoch_s},{self.rate}"


def parse(text: str) -> Clock:
    """Read a HERDLIEN_CLOCK value; raise ClockError when it is not three numbers with a rate above 0."""
    try:
        wall, event, rate = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ClockError(ClockError.__doc__) from error
    if rate <= 0:
        raise ClockError(ClockError.__doc__)
    return Clock(wall, event, rate)


@cache
def shared() -> Clock:
    """The clock of this process, as its environment says."""
    text = os.environ.get(VARIABLE, "")
    return parse(text) if text else Clock()


def now() -> datetime:
    """The present moment in event time, aware, UTC."""
    return shared().now()


def wall_now() -> datetime:
    """The present moment of the people in front of the screen, for what must not be sped up, such as a login."""
    return datetime.now(UTC)
