"""What a reconciliation found: a loan or a farm, its pens, what each witness says alone. And how farms add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from collateral.book.physical import PhysicalCount
from collateral.book.unseen import UnseenPledge
from collateral.model.herd import HeadCount
from collateral.model.ids import LoanId, PenId


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one witness alone says of the head in its reach: `book` head should be there."""

    book: int
    low: int
    best: int
    high: int

    @property
    def short(self) -> int:
        return self.book - self.best

    @property
    def shortfall_proved(self) -> bool:
        return self.high < self.book


@dataclass(frozen=True, slots=True, kw_only=True)
class PenReconciled:
    """One pen of one loan. `camera` is the loan's share of the pen's count; None: no fresh count. `physical`: how many
    of today's book the last inspection found here; None: not inspected. `estimate` is a 95 % interval. `camera_share`:
    what the camera counts of each head evidenced in the pen, where nearly all of them are; None elsewhere."""

    pen_id: PenId
    book: int
    tagged: int
    grouped: int
    tags_seen: int
    evidenced: int
    excused: int
    camera: HeadCount | None
    camera_share: float | None
    physical: int | None
    estimate: HeadCount
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One loan, or all loans of a farm, at one moment.

    `estimate` is a 95 % interval around the median, at most the book; `coverage` is 0-1. `excused`: head of the book
    that approved movements and reported deaths account for. `untold`: head outside or silent though gateways listen.
    `chance_short`: that at least one head is missing beyond those. `unseen`: longest first.
    """

    loan_id: LoanId | None
    as_of: datetime
    book: int
    tagged: int
    tags_seen: int
    excused: int
    untold: int
    camera: HeadCount | None
    camera_says: Word | None
    physical: PhysicalCount | None
    physical_says: Word | None
    estimate: HeadCount
    chance_short: float
    coverage: float
    value_minor: int
    pens: tuple[PenReconciled, ...]
    unseen: tuple[UnseenPledge, ...]

    @property
    def short(self) -> int:
        """Head missing on the best estimate, beyond what is accounted for."""
        return self.book - self.excused - self.estimate.best

    @property
    def shortfall_proved(self) -> bool:
        """Whether even the upper end of the interval is below what should be there."""
        return self.estimate.high < self.book - self.excused


def merge(parts: list[Reconciled]) -> Reconciled:
    """One loan secured on several farms: the sum of its farms, whose errors have nothing in common."""
    if len(parts) == 1:
        return parts[0]
    book, excused = sum(p.book for p in parts), sum(p.excused for p in parts)
    cameras = [p.camera for p in parts if p.camera]
    newest = [p.physical for p in parts if p.physical]
    estimate = added([p.estimate for p in parts])
    return Reconciled(
        loan_id=parts[0].loan_id, as_of=max(p.as_of for p in parts), book=book, tagged=sum(p.tagged for p in parts),
        tags_seen=sum(p.tags_seen for p in parts), excused=excused, untold=sum(p.untold for p in parts),
        camera=added(cameras) if cameras else None,
        camera_says=_words([p.camera_says for p in parts if p.camera_says]),
        physical=max(newest, key=lambda c: c.counted_at, default=None),
        physical_says=_words([p.physical_says for p in parts if p.physical_says]),
        estimate=HeadCount(estimate.low, estimate.best, min(book - excused, estimate.high)),
        chance_short=1.0 - math.prod(1.0 - p.chance_short for p in parts),
        coverage=sum(p.coverage * p.book for p in parts) / book if book else 0.0,
        value_minor=sum(p.value_minor for p in parts), pens=tuple(line for p in parts for line in p.pens),
        unseen=tuple(sorted((u for p in parts for u in p.unseen), key=lambda u: (u.age is not None, -_seconds(u)))),
    )  # fmt: skip


def _words(parts: list[Word]) -> Word | None:
    if not parts:
        return None
    sum_of = added([HeadCount(w.low, w.best, w.high) for w in parts])
    return Word(book=sum(w.book for w in parts), low=sum_of.low, best=sum_of.best, high=sum_of.high)


def added(counts: list[HeadCount]) -> HeadCount:
    """The sum of counts whose errors have nothing in common."""
    best = sum(c.best for c in counts)
    down, up = math.hypot(*(c.best - c.low for c in counts)), math.hypot(*(c.high - c.best for c in counts))
    return HeadCount(max(0, best - round(down)), best, best + round(up))


def _seconds(line: UnseenPledge) -> float:
    return line.age.total_seconds() if line.age else 0.0
