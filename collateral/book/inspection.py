"""Closing a count session (盘点): what it found pen by pen, and whether it proves anything.

Animals are easily led from a counted pen into one not yet counted. So within the freeze window nothing may move, and
one tag read in two pens is proof that something did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collateral.book.pen_findings import by_pen
from collateral.book.refusal import LIMITS, InspectionLimits, reasons_against
from collateral.book.session import CountSession, Herd, SessionRead
from collateral.model.ids import PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTwice:
    """One tag in two pens within one session: its first read in each."""

    tag_id: TagId
    first: SessionRead
    then: SessionRead

    @property
    def apart(self) -> timedelta:
        return self.then.read_at - self.first.read_at


def close(
    session: CountSession, herd: Herd, movements: Iterable[Movement], now: datetime, limits: InspectionLimits = LIMITS
) -> InspectionResult:
    """The result of a session as it stands. It passes when there is no reason against it."""
    session = named(session, herd)
    pens = by_pen(session, herd)
    unique = frozenset(r.tag_id for r in session.reads if r.pen_id in session.plan.pens)
    foreign = sorted(unique - herd.pledged.keys() - herd.enrolled)
    absent = sorted(animal for tag, animal in herd.pledged.items() if tag not in unique)
    result = InspectionResult(
        session_id=session.plan.session_id, loan_id=session.plan.loan_id, farm_id=session.plan.farm_id,
        opened_at=session.plan.opened_at, closed_at=now, gross=sum(pen.gross for pen in pens),
        unique_tags=len(unique), duplicates=sum(pen.tags for pen in pens) - len(unique), foreign=tuple(foreign),
        untagged=sum(pen.untagged for pen in pens), absent=tuple(absent), pens=session.plan.pens, passed=True,
        counted=tuple(sorted((pen.pen_id, pen.heads) for pen in pens if pen.heads is not None)),
    )  # fmt: skip
    against = reasons_against(session, result, herd, movements, limits)
    return replace(result, passed=not against, refused_because=against)


def named(session: CountSession, herd: Herd) -> CountSession:
    """The session with every animal under one name, whether its tag was read or its official number."""
    reads = tuple(replace(r, tag_id=herd.names.get(r.tag_id, r.tag_id)) for r in session.reads)
    photos = tuple(replace(p, tag_id=herd.names.get(p.tag_id, p.tag_id)) for p in session.photos)
    return replace(session, reads=reads, photos=photos)


def seen_twice(session: CountSession) -> tuple[SeenTwice, ...]:
    """Every tag that was read in more than one pen, by when the second read came: the proof that something moved."""
    first: dict[tuple[TagId, PenId], SessionRead] = {}
    for read in sorted(session.reads, key=lambda r: r.read_at):
        first.setdefault((read.tag_id, read.pen_id), read)
    by_tag: dict[TagId, list[SessionRead]] = {}
    for (tag, _), read in first.items():
        by_tag.setdefault(tag, []).append(read)
    found = [SeenTwice(tag_id=tag, first=reads[0], then=later) for tag, reads in by_tag.items() for later in reads[1:]]
    return tuple(sorted(found, key=lambda s: (s.then.read_at, s.tag_id)))


def reads_sha256(reads: Iterable[SessionRead]) -> str:
    """One hash of all reads, in whatever order they came: what the draw of the sample rests on."""
    lines = sorted({f"{r.pen_id}\t{r.tag_id}\t{r.read_at.timestamp():.6f}\t{r.reader}" for r in reads})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
