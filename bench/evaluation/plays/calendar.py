"""On which day a play takes place: spread over the seasons by seed and name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firmware_sim.chance import stream

SINCE = datetime(2026, 1, 1, 16, tzinfo=UTC)  # a local midnight


def night(seed: int, name: str) -> datetime:
    """A local midnight somewhere in the year."""
    return SINCE + timedelta(days=int(stream(seed, name, "day").integers(0, 365)))


def summer(seed: int, name: str) -> datetime:
    """A local midnight in July or early August."""
    return datetime(2026, 7, 1, 16, tzinfo=UTC) + timedelta(days=int(stream(seed, name, "day").integers(0, 40)))


def mild(seed: int, name: str) -> datetime:
    """A local midnight in spring, when the air is no matter."""
    return datetime(2026, 3, 20, 16, tzinfo=UTC) + timedelta(days=int(stream(seed, name, "day").integers(0, 40)))
