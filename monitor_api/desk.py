"""What every request needs: the database, the secret, the clock, the throttle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from collateral.model.person import Person
from collateral.ops import clock
from collateral.store import sight
from collateral.store.pool import Connection
from monitor_api.metrics import Metrics
from monitor_api.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Desk:
    """`now` is event time, for data; `wall_now` real time, for logins."""

    connections: sight.Pool
    secret: str
    now: Callable[[], datetime] = clock.now
    wall_now: Callable[[], datetime] = clock.wall_now
    throttle: Throttle = field(default_factory=Throttle)
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, and the only way from a route to the database."""

    person: Person
    desk: Desk

    @contextmanager
    def sight(self) -> Iterator[Connection]:
        """A transaction that sees what the caller may see; committed at its end."""
        with sight.sight(self.desk.connections, self.person) as connection:
            yield connection

    def now(self) -> datetime:
        """The present moment in event time."""
        return self.desk.now()
