"""What an inspection says of a pen today: whom it found, and of which of the unseen it can speak at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.book.tally import LOOKED_BACK, PenTally, State
from collateral.facts.herd import Track
from collateral.model.ids import PenId
from collateral.model.inspection import InspectionResult


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspection found of today's book in a pen: `head`, of `book`. Of the unseen it speaks of those `before`,
    whose last sign is older, and not of those `after`."""

    head: int
    book: int
    age: timedelta
    before: PenTally
    after: PenTally


def found_in(tally: PenTally, others: int, inspection: InspectionResult, pen: PenId, as_of: datetime) -> Found:
    """What an inspection found of today's book in a pen."""
    absent, heads, age = frozenset(inspection.absent), dict(inspection.counted), as_of - inspection.closed_at

    def is_later(track: Track) -> bool:
        if track.last_seen_at is not None:
            return track.last_seen_at > inspection.closed_at
        # Its last sign is older than facts reach back. That may have been after the inspection, if it was there then.
        return track.tag_id is not None and track.animal_id not in absent and age > LOOKED_BACK

    before, after = tally.split(is_later)
    (before if pen in heads else after).grouped = tally.grouped
    book = tally.own - (tally.excused - tally.let_go)
    found = book - sum(t.animal_id in absent for t, state in before.unseen if state is not State.EXCUSED)
    if tally.grouped and pen in heads:
        found += min(tally.grouped, max(0, heads[pen] - found - others))
        book += tally.grouped
    return Found(found, book, age, before, after)
