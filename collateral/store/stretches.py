"""The hours of event time that have just changed, as stretches that one query can look at again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
LONGEST = 24
"""Hours in one stretch: it bounds what one query holds in memory when weeks come late at once."""

Stretch = tuple[datetime, datetime]
"""Its first hour and its last one, both by their beginning; the last hour belongs to it."""


def of(hours: Iterable[datetime]) -> list[Stretch]:
    """Neighbouring hours together, oldest first. Any moment stands for the hour that it lies in."""
    found: list[Stretch] = []
    for hour in sorted({moment.replace(minute=0, second=0, microsecond=0) for moment in hours}):
        if found and hour - found[-1][1] == HOUR and hour - found[-1][0] < LONGEST * HOUR:
            found[-1] = (found[-1][0], hour)
        else:
            found.append((hour, hour))
    return found
