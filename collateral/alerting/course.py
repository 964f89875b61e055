"""Whether a condition comes and goes too often: the idea of Naemon's flap detection, an hour as one state.

A shorter state would see nothing that `hysteresis.CLEAR_FOR` does not already hold together.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

STATES = 21  # as Naemon keeps
HOUR_S = 3600
# Percent of state changes among the last 21. The thresholds and the weights are those of Naemon's sample configuration
# and source; the hour is ours [I]: four changes within a day start it, and it ends half a quiet day later.
LOW = 5.0
HIGH = 20.0
OLDEST_WEIGHS = 0.75
NEWEST_WEIGHS = 1.25


def seen_again(course: str, last_seen_at: datetime, now: datetime) -> str:
    """The course after the condition was met at `now`; hours in which it was not are filled in."""
    if _hours(last_seen_at, now) == 0:
        return course
    return (_until(course, last_seen_at, now)[:-1] + "1")[-STATES:]


def percent_change(course: str, last_seen_at: datetime, now: datetime) -> float:
    """How much of what could have changed did, newer changes weighing more. 0-100."""
    states = _until(course, last_seen_at, now)[-STATES:].rjust(STATES, course[0])
    step = (NEWEST_WEIGHS - OLDEST_WEIGHS) / (STATES - 2)
    changes = [before != after for before, after in pairwise(states)]
    weight = sum(OLDEST_WEIGHS + step * place for place, changed in enumerate(changes) if changed)
    return 100.0 * weight / (STATES - 1)


def is_flapping(*, was: bool, percent: float) -> bool:
    """Starts at HIGH, ends below LOW."""
    return percent >= (LOW if was else HIGH)


def _hours(since: datetime, now: datetime) -> int:
    return max(0, int(now.timestamp() // HOUR_S) - int(since.timestamp() // HOUR_S))


def _until(course: str, last_seen_at: datetime, now: datetime) -> str:
    return course + "0" * min(STATES, _hours(last_seen_at, now))
