"""How long what is stored is kept, and which times can be right at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CLOCKS_AHEAD = timedelta(days=1)
"""A device whose clock is further ahead of ours than this does not know the time."""
RESTS_ON = timedelta(days=14)
"""What a case rests on: rules look back this far from its event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """The oldest that may be. `evidence` and `quarantine` None: for ever."""

    readings: timedelta = timedelta(days=90)
    five_minutes: timedelta = timedelta(days=14)
    roll_ups: timedelta = timedelta(days=730)
    evidence: timedelta | None = None
    quarantine: timedelta | None = None
    compress_after: timedelta = timedelta(days=15)
