"""Head of groups that are missing by leave: an approved movement that has begun lets them go, the book has them yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from collateral.book import camera
from collateral.facts.herd import POSITIVE_WITHIN, HerdFacts, PledgedGroup
from collateral.model.ids import PenId
from collateral.model.loan import Movement


def let_go(facts: HerdFacts, groups: Iterable[PledgedGroup]) -> dict[PenId, int]:
    """How many head of these groups are missing by leave, per pen.

    A group has no tags that say who is gone. So leave accounts for as many as the pen is short of its book, by its
    cameras or an inspection since the movement began, and for no more than were approved. Where nobody has looked,
    none count as gone: the book is the best guess. Once a movement is executed the book says what left, and the leave
    is over.
    """
    open_ones = [m for m in facts.movements if m.groups and _is_open(m, facts.as_of)]
    if not open_ones:
        return {}
    allowed: dict[PenId, int] = defaultdict(int)
    for group in groups:
        named = sum(dict(m.groups).get(group.group_id, 0) for m in open_ones if m.loan_id == group.loan_id)
        allowed[group.pen.pen_id] += min(named, group.head)
    begun = min(m.start for m in open_ones)
    there = _inspected(facts, begun) | {
        pen: round(count.head) for pen, count in camera.newest_counts(facts, allowed).items()
    }
    short = {pen: _booked(facts, pen) - there[pen] for pen in allowed if pen in there}
    return {pen: gone for pen in short if (gone := max(0, min(allowed[pen], short[pen])))}


def beside(facts: HerdFacts, pen: PenId, asked_about: int) -> int:
    """Head of groups in a pen beside those that are asked about: of other loans, and what secures none."""
    here = [g for g in facts.groups if g.pen.pen_id == pen]
    free = {g.group_id: g.free for g in here}  # a group that secures several loans has its free head once
    return sum(g.head for g in here) + sum(free.values()) - asked_about


def _is_open(movement: Movement, as_of: datetime) -> bool:
    if movement.executed_at is not None and movement.executed_at <= as_of:
        return False
    return movement.start <= as_of <= movement.end + POSITIVE_WITHIN


def _booked(facts: HerdFacts, pen: PenId) -> int:
    """All head that the book has in a pen, whichever loan they secure, if any."""
    return len(facts.of_pen.get(pen, ())) + beside(facts, pen, 0)


def _inspected(facts: HerdFacts, since: datetime) -> dict[PenId, int]:
    """Heads by eye, pen by pen, of inspections closed since a moment; the newest counts."""
    return {
        pen: head
        for i in sorted(facts.inspections, key=lambda i: i.closed_at) if i.passed and i.closed_at >= since
        for pen, head in i.counted
    }  # fmt: skip
