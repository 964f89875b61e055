"""Each pledged animal of a farm in one state, counted per pen: one pass over the herd."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum

from collateral.book import group_leave
from collateral.facts.herd import POSITIVE_WITHIN, HerdFacts, PledgedGroup, Track
from collateral.model.ids import AnimalId, GatewayId, PenId

LONG = timedelta(hours=72)  # silent for longer, an animal is not eligible either (domain 3.6)
LOOKED_BACK = timedelta(days=14)  # an animal unheard for longer comes without a last sign
DARK_SHARE = 0.30  # of the tags silent: a matter of the system, not of animals (domain 2.2)


class State(StrEnum):
    """How a pledged animal was last evidenced. EXCUSED: unseen, but a begun approved movement or a reported death says
    why. DARK: unheard, and its gateway could not have heard it, or it wears no tag."""

    SEEN = "seen"
    OUTSIDE = "outside"
    RECENT = "recent"
    LONG = "long"
    DARK = "dark"
    EXCUSED = "excused"


@dataclass(slots=True)
class PenTally:
    """Pledged head of one pen, one loan or several. `unseen` are the animals in any state but SEEN. `grouped`: head of
    groups that should be there; `let_go`: those among the excused that are of groups (`group_leave`)."""

    seen: int = 0
    outside: int = 0
    recent: int = 0
    long: int = 0
    dark: int = 0
    excused: int = 0
    tagged: int = 0
    grouped: int = 0
    let_go: int = 0
    value_minor: int = 0
    unseen: list[tuple[Track, State]] = field(default_factory=list)

    @property
    def own(self) -> int:
        """Animals with an identity of their own."""
        return self.seen + self.outside + self.recent + self.long + self.dark + self.excused - self.let_go

    @property
    def book(self) -> int:
        return self.own + self.grouped + self.let_go

    @property
    def silent(self) -> int:
        """Tags not heard although their gateways listen."""
        return self.recent + self.long

    def split(self, is_later: Callable[[Track], bool]) -> tuple[PenTally, PenTally]:
        """The unseen animals, the earlier ones and the later ones."""
        earlier, later = PenTally(), PenTally()
        for track, state in self.unseen:
            _place(later if is_later(track) else earlier, track, state)
        return earlier, later

    def add(self, other: PenTally) -> None:
        """Take another pen's head in."""
        for part in fields(self):
            if part.name == "unseen":
                self.unseen += other.unseen
            else:
                setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


def tallied(facts: HerdFacts, tracks: Iterable[Track], groups: Iterable[PledgedGroup]) -> dict[PenId, PenTally]:
    """The pens that these animals and groups stand in, by id."""
    pens: dict[PenId, PenTally] = {}
    gone_for, heard_until, as_of = _accounted_for(facts), _heard_until(facts), facts.as_of
    for track in tracks:
        pen = pens.get(track.pen.pen_id)
        if pen is None:
            pen = pens[track.pen.pen_id] = PenTally()
        pen.tagged += track.tag_id is not None
        pen.value_minor += track.value_minor
        last = track.last_seen_at
        if last is not None and as_of - last <= POSITIVE_WITHIN and not track.is_outside:
            pen.seen += 1
        else:
            _place(pen, track, _state(track, gone_for, heard_until, as_of))
    groups = list(groups)
    for group in groups:
        pen = pens.setdefault(group.pen.pen_id, PenTally())
        pen.grouped += group.head
        pen.value_minor += group.head * group.value_per_head_minor
    for pen_id, gone in group_leave.let_go(facts, groups).items():
        pens[pen_id].let_go = gone
        pens[pen_id].excused += gone
        pens[pen_id].grouped -= gone
    return dict(sorted(pens.items()))


def summed(tallies: Iterable[PenTally]) -> PenTally:
    """Several pens as one."""
    total = PenTally()
    for tally in tallies:
        total.add(tally)
    return total


def _place(pen: PenTally, track: Track, state: State) -> None:
    setattr(pen, state, getattr(pen, state) + 1)
    pen.unseen.append((track, state))


def _state(
    track: Track, gone_for: dict[AnimalId, datetime], heard_until: dict[GatewayId, datetime], as_of: datetime
) -> State:
    if track.animal_id in gone_for and (track.last_seen_at or as_of) <= gone_for[track.animal_id]:
        return State.EXCUSED
    if track.is_outside:
        return State.OUTSIDE
    until = heard_until.get(track.gateway_id, as_of) if track.gateway_id else _latest(heard_until, as_of)
    if track.tag_id is None or until is None:
        return State.DARK
    last = track.last_seen_at
    if last is None or until - last > LONG:
        return State.LONG
    return State.RECENT if until - last > POSITIVE_WITHIN else State.DARK


def _latest(heard_until: dict[GatewayId, datetime], as_of: datetime) -> datetime | None:
    """A tag that no gateway is known for could be heard by any that listens now; None when none does."""
    return as_of if not heard_until or max(heard_until.values()) == as_of else None


def _heard_until(facts: HerdFacts) -> dict[GatewayId, datetime]:
    """Up to when each gateway's tags could have been heard: not while it is silent, nor while readings wait."""
    until = dict(facts.judged_until)
    for gateway in facts.gateways:
        if gateway.gateway_id in facts.silent_gateways:
            last = gateway.last_heard_at or facts.as_of - LONG
            until[gateway.gateway_id] = min(until[gateway.gateway_id], last)
    return until


def _accounted_for(facts: HerdFacts) -> dict[AnimalId, datetime]:
    """Animals whose absence is accounted for though the book has them still, unless heard after the moment given."""
    until = {a: m.end + POSITIVE_WITHIN for m in facts.movements if m.start <= facts.as_of for a in m.animal_ids}
    return until | {d.animal_id: facts.as_of for d in facts.deaths if d.animal_id}
