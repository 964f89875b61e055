"""What a count session found in each pen: every head it counted, under exactly one heading. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from collateral.book.session import CountSession, Herd
from collateral.model.ids import PenId, TagId


@dataclass(frozen=True, slots=True, kw_only=True)
class PenFound:
    """One pen in head. `book`: pledged here, by tag and by number; `absent`: of these the tagged that were read in no
    pen; `heads` None: not counted by eye or camera.

    What was counted: `booked`, tags of the session's book read here alone; `others`, tags of the farm that are not in
    that book; `twice`, tags read in another pen too; `foreign`, tags of no animal of the farm; `by_number`, head above
    the tags as far as animals are pledged here by number; `untagged`, head above that.
    """

    pen_id: PenId
    book: int
    absent: int
    heads: int | None
    booked: int
    others: int
    twice: int
    foreign: int
    by_number: int
    untagged: int

    @property
    def tags(self) -> int:
        """Different tags read here."""
        return self.booked + self.others + self.twice + self.foreign

    @property
    def gross(self) -> int:
        """Head counted here, whatever they are."""
        return self.tags + self.by_number + self.untagged


def by_pen(session: CountSession, herd: Herd) -> tuple[PenFound, ...]:
    """The pens in the order of the plan. `session` with every animal under one name (`inspection.named`)."""
    tags: dict[PenId, set[TagId]] = {pen: set() for pen in session.plan.pens}
    for read in session.reads:
        if read.pen_id in tags:
            tags[read.pen_id].add(read.tag_id)
    pens_of = Counter(tag for found in tags.values() for tag in found)
    heads = _latest_heads(session)
    booked_in = Counter(herd.booked_in.get(tag) for tag in herd.pledged)
    absent_in = Counter(herd.booked_in.get(tag) for tag in herd.pledged if tag not in pens_of)
    return tuple(_pen(pen, found, heads.get(pen), herd, pens_of, (booked_in[pen], absent_in[pen]))
                 for pen, found in tags.items())  # fmt: skip


def _latest_heads(session: CountSession) -> dict[PenId, int]:
    """The heads of each pen that was counted by eye or camera; a later count replaces an earlier one."""
    ordered = sorted((h for h in session.heads if h.pen_id in session.plan.pens), key=lambda h: h.counted_at)
    return {h.pen_id: h.heads for h in ordered}


def _pen(
    pen: PenId, tags: set[TagId], heads: int | None, herd: Herd, pens_of: Counter[TagId], book: tuple[int, int]
) -> PenFound:
    foreign = {tag for tag in tags if tag not in herd.pledged and tag not in herd.enrolled}
    twice = {tag for tag in tags - foreign if pens_of[tag] > 1}
    booked = {tag for tag in tags - twice if tag in herd.pledged}
    over, by_number = max(0, (heads or 0) - len(tags)), herd.by_number.get(pen, 0)
    return PenFound(
        pen_id=pen, book=book[0] + by_number, absent=book[1], heads=heads, booked=len(booked),
        others=len(tags - foreign - twice - booked), twice=len(twice), foreign=len(foreign),
        by_number=min(over, by_number), untagged=max(0, over - by_number),
    )  # fmt: skip
