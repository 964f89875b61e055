"""Pledged animals that nobody has positively seen for a day, the longest unseen first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collateral.book.tally import PenTally, State
from collateral.facts.herd import Track
from collateral.model.ids import AnimalId, PenId, TagId

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenPledge:
    """One pledged animal that is not evidenced. `age` None: never heard, or longer ago than is looked back."""

    animal_id: AnimalId
    identity: str
    tag_id: TagId | None
    pen_id: PenId
    last_seen_at: datetime | None
    age: timedelta | None
    state: State
    value_minor: int


def unseen(tallies: Iterable[PenTally], as_of: datetime) -> tuple[UnseenPledge, ...]:
    """Those of all pens: never heard first, then by the age of the last sign, longest first."""
    found = [_line(track, state, as_of) for tally in tallies for track, state in tally.unseen]
    return tuple(sorted(found, key=lambda u: (u.last_seen_at or _NEVER, u.animal_id)))


def _line(track: Track, state: State, as_of: datetime) -> UnseenPledge:
    last = track.last_seen_at
    return UnseenPledge(
        animal_id=track.animal_id, identity=track.identity, tag_id=track.tag_id, pen_id=track.pen.pen_id,
        last_seen_at=last, age=as_of - last if last else None, state=state, value_minor=track.value_minor,
    )  # fmt: skip
