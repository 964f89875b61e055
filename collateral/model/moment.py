"""Time, as this system accepts it: timezone-aware, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

from collateral.model.saying import Refusal, say


class NaiveTime(Refusal):
    """A time without a time zone was given; attach one (UTC inside the system)."""


def aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; raise NaiveTime when it has no time zone."""
    if moment.tzinfo is None:
        raise NaiveTime(say("a time was given without its time zone; attach one, such as +08:00"))
    return moment.astimezone(UTC)
