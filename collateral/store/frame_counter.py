"""Frame counters of LoRaWAN sessions: what is new, what came twice, what may be a replay or a reset. Pure.

Within a session a device counts its uplinks up. The network checks that too, but such checks get switched off, and a
counter that has run back is how a replayed uplink and a device that lost its memory both look. So it is judged here
again, by the network's times: what is merely delivered late is none of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

SAME_UPLINK = timedelta(minutes=10)
"""Copies of an uplink whose times differ by less are one: networks deliver twice (seen 48 s apart), radios repeat."""
WIDTHS = (2**16, 2**32)
"""Where counters begin again at 0: 16 bits on the air, 32 in the network."""
MOST_LOST_AT_ROLL_OVER = 512
"""A counter that comes out further behind than this many lost uplinks has not rolled over."""


class Verdict(StrEnum):
    NEW = "new"
    LATE = "late"  # of an earlier time than the last, or of an earlier run
    ROLLED_OVER = "rolled over"
    REGRESSED = "regressed"  # new contents under a counter that is behind: a reset or a replay
    DUPLICATE = "duplicate"
    REPEATED = "repeated"  # contents we have, again, long after: a replay, or a reset device that says the same

    @property
    def is_kept(self) -> bool:
        """Whether the uplink says something that we do not have."""
        return self not in (Verdict.DUPLICATE, Verdict.REPEATED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session's counter stands. `counter` and `at` None: nothing is counted yet."""

    run: int
    began_at: datetime | None = None
    counter: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A stored uplink with the same counter and payload. `at` None: no time was told."""

    run: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, the run that the uplink belongs to, and where the counter stands after it."""

    verdict: Verdict
    run: int
    after: Standing


def judge(before: Standing, counter: int, at: datetime, copies: Sequence[Copy]) -> Judged:
    """What an uplink is, in a session that stands at `before`."""
    if any(copy.at is None or abs(at - copy.at) <= SAME_UPLINK for copy in copies):
        return Judged(Verdict.DUPLICATE, before.run, before)
    judged = _placed(before, counter, at)
    expected = judged.verdict in (Verdict.NEW, Verdict.ROLLED_OVER)
    if copies and not (expected and all(copy.run != judged.run for copy in copies)):
        return Judged(Verdict.REPEATED, before.run, before)
    return judged


def joined(before: Standing, at: datetime) -> Standing:
    """The standing after the device has joined the session at `at`: counting begins anew, unless it already has."""
    if before.at is None:
        return replace(before, began_at=max(at, before.began_at or at))
    if at <= before.at:
        return before  # its own first uplink was faster, or this is the join delivered once more
    return Standing(before.run + 1, at)


def rolls_over(last: int, counter: int) -> bool:
    """Whether `counter` follows `last` over the end of its width; a counter of 32 bits may also lose its upper half."""
    return any(counter < width and 0 < (counter - last) % width <= MOST_LOST_AT_ROLL_OVER for width in WIDTHS)


def _placed(before: Standing, counter: int, at: datetime) -> Judged:
    """The verdict on contents that were never seen."""
    if before.began_at is not None and at < before.began_at:
        return Judged(Verdict.LATE, max(0, before.run - 1), before)
    if before.counter is None or before.at is None:
        return Judged(Verdict.NEW, before.run, Standing(before.run, before.began_at or at, counter, at))
    if at < before.at or (at == before.at and counter < before.counter):
        return Judged(Verdict.LATE, before.run, before)
    if counter > before.counter:
        return Judged(Verdict.NEW, before.run, replace(before, counter=counter, at=at))
    anew = Standing(before.run + 1, at, counter, at)
    return Judged(Verdict.ROLLED_OVER if rolls_over(before.counter, counter) else Verdict.REGRESSED, anew.run, anew)
