"""Which of several clocks to believe. A gateway without GPS says 0001-01-01, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from collateral.store.ages import CLOCKS_AHEAD

CLOCKS_AGREE = timedelta(minutes=5)
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""The year of the first LoRaWAN specification: a clock that says less has not been set."""
_MILLISECONDS = 100_000_000_000  # as seconds this would be the year 5138


@dataclass(frozen=True, slots=True)
class Told:
    """What the clocks say together. `network` None: it told no time that can be right.

    `clock_ok`: the gateway has a clock of its own, and whatever clocks there are agree within five minutes.
    """

    measured_at: datetime
    heard_at: datetime
    network: datetime | None
    clock_ok: bool


def told(
    received_at: datetime, *, network: datetime | None, gateway: datetime | None, device: datetime | None = None
) -> Told:
    """The best of what device, gateway and network say of one uplink; our own arrival time where all are unset."""
    network, gateway, device = (_sensible(each, received_at) for each in (network, gateway, device))
    heard_at = gateway or network or received_at
    measured_at = device or network or heard_at
    known = [each for each in (network, gateway, device) if each is not None]
    agree = gateway is not None and max(known) - min(known) <= CLOCKS_AGREE
    return Told(measured_at, heard_at, network, agree and max(known) - received_at <= CLOCKS_AGREE)


def moment(text: object) -> datetime | None:
    """The time in an RFC 3339 text, whatever its number of decimals; None when there is none."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        at = msgspec.convert(text, datetime)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def since_epoch(number: object) -> datetime | None:
    """The time that is so many seconds, or milliseconds, after 1970; None where no calendar has it."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) > _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def sensible_or(at: datetime | None, received_at: datetime) -> datetime:
    """`at` where it can be right, else the moment at which it came."""
    return _sensible(at, received_at) or received_at


def _sensible(at: datetime | None, received_at: datetime) -> datetime | None:
    return at if at is not None and EARLIEST <= at <= received_at + CLOCKS_AHEAD else None
