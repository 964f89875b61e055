"""Book x tags x camera x last physical count: how many pledged head there are, how sure that is, how much is evidenced.

What a tag has just proved nobody can take away. How many of the others are gone is a distribution (`witnesses`). Each
pen is judged by itself too: what no pen shows alone, a loan may show, so pens' estimates need not add up to the loan's,
while book, tags and cameras do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from collateral.book import camera, group_leave, physical, presence, witnesses
from collateral.book.camera import COUNT_FRESH, Z95, PenCount
from collateral.book.inspected import Found, found_in
from collateral.book.physical import PhysicalCount
from collateral.book.presence import Chances
from collateral.book.reconciled import PenReconciled, Reconciled, Word, added, merge
from collateral.book.tally import PenTally, summed, tallied
from collateral.book.unseen import unseen
from collateral.book.witnesses import Witnesses
from collateral.facts.herd import HerdFacts, PledgedGroup, Track
from collateral.model.herd import HeadCount
from collateral.model.ids import LoanId, PenId
from collateral.model.inspection import InspectionResult

__all__ = ["COUNT_FRESH", "PenReconciled", "Reconciled", "Word", "merge", "reconcile", "reconcile_farm"]

LEARN_FROM, LEARN_SEEN = 10, 0.95  # head in a pen, and the share of them heard, to learn a camera's habit from [I]


def reconcile(facts: HerdFacts, loan: LoanId) -> Reconciled:
    """Reconcile one loan on one farm."""
    inspection = physical.newest(facts, loan)
    groups = [g for g in facts.groups if g.loan_id == loan]
    return _reconciled(facts, loan, facts.of_loan.get(loan, ()), groups, [inspection] if inspection else [])


def reconcile_farm(facts: HerdFacts) -> Reconciled:
    """All pledged head of one farm, whichever loan they secure."""
    inspections = [i for loan in facts.loans if (i := physical.newest(facts, loan))]
    pledged = [track for loan in facts.loans for track in facts.of_loan[loan]]
    return _reconciled(facts, None, pledged, facts.groups, inspections)


def _reconciled(
    facts: HerdFacts,
    loan: LoanId | None,
    tracks: Iterable[Track],
    groups: Iterable[PledgedGroup],
    inspections: list[InspectionResult],
) -> Reconciled:
    pens = tallied(facts, tracks, groups)
    total = summed(pens.values())
    single = {pen: len(facts.of_pen.get(pen, ())) - tally.own for pen, tally in pens.items()}
    others = {
        pen: single[pen] + group_leave.beside(facts, pen, tally.grouped + tally.let_go) for pen, tally in pens.items()
    }  # fmt: skip
    shown = camera.newest_counts(facts, pens)
    counts = {pen: count for pen, count in shown.items() if not count.is_below(pens[pen].seen + single[pen])}
    found = {
        pen: found_in(pens[pen], others[pen], inspection, pen, facts.as_of)
        for inspection in inspections for pen in inspection.pens if pen in pens
    }  # fmt: skip
    counted = _physical(facts, inspections, found)
    relative = counted.sigma / counted.found if counted and counted.found else 0.0
    known = Witnesses(shown, counts, others, found, relative, witnesses.is_dark(total))
    lines = tuple(_pen(pen, tally, known) for pen, tally in pens.items())
    gone = presence.together([witnesses.gone(block, known) for block in witnesses.blocks(pens, known)])
    seeing = {pen: tally for pen, tally in pens.items() if pen in counts}
    cameras = [line.camera for line in lines if line.camera]
    return Reconciled(
        loan_id=loan, as_of=facts.as_of, book=total.book, tagged=total.tagged, tags_seen=total.seen,
        excused=total.excused, untold=total.outside + total.silent, camera=added(cameras) if cameras else None,
        camera_says=_camera_says(seeing, known), physical=counted, physical_says=_physical_says(found, counted),
        estimate=_estimate(pens, known, gone), chance_short=float(1.0 - gone[0]),
        coverage=sum(line.evidenced for line in lines) / total.book if total.book else 0.0,
        value_minor=total.value_minor, pens=lines, unseen=unseen(pens.values(), facts.as_of),
    )  # fmt: skip


def _pen(pen: PenId, tally: PenTally, known: Witnesses) -> PenReconciled:
    count = known.shown.get(pen)
    seen_by_camera = _minus(count.said, known.others[pen]) if count else None
    here = {pen: tally}
    by_number = min(tally.grouped, max(0, seen_by_camera.best - tally.own)) if seen_by_camera else 0
    return PenReconciled(
        pen_id=pen, book=tally.book, tagged=tally.tagged, grouped=tally.grouped, tags_seen=tally.seen,
        evidenced=tally.seen + by_number, excused=tally.excused, camera=seen_by_camera,
        camera_share=_share(count, tally, known.others[pen]) if count else None,
        physical=known.found[pen].head if pen in known.found else None,
        estimate=_estimate(here, known, witnesses.gone(here, known)), value_minor=tally.value_minor,
    )  # fmt: skip


def _share(count: PenCount, tally: PenTally, others: int) -> float | None:
    """What a count is of the head that tags prove, where few are unseen and none pledged by number."""
    there = tally.seen + others
    if tally.grouped or there < LEARN_FROM or tally.seen < LEARN_SEEN * tally.own:
        return None
    return count.said.best / there


def _estimate(pens: Mapping[PenId, PenTally], known: Witnesses, gone: Chances) -> HeadCount:
    should, seen = (sum(v) for v in zip(*((t.book - t.excused, t.seen) for t in pens.values()), strict=True))
    fewest, most = presence.interval(gone)
    best = should - presence.median(gone)
    # Where nobody speaks for a group, or for tags that fell silent together, the book is the best guess and the
    # interval reaches to none.
    unwitnessed = sum(t.grouped for pen, t in pens.items() if pen not in known.counts and pen not in known.found)
    if known.is_dark:
        unwitnessed += sum(t.silent for pen, t in pens.items() if pen not in known.counts)
    return HeadCount(min(best, max(seen, should - most - unwitnessed)), best, should - fewest)


def _physical(
    facts: HerdFacts, inspections: list[InspectionResult], found: Mapping[PenId, Found]
) -> PhysicalCount | None:
    """All given inspections as one count, with its error as of now."""
    if not inspections:
        return None
    variance = 0.0
    for inspection in inspections:
        head = sum(found[pen].head for pen in inspection.pens if pen in found)
        moved = len(physical.moved_since(facts, inspection))
        variance += physical.aged(facts, inspection, head, moved) ** 2
    latest = max(inspections, key=lambda i: i.closed_at)
    return PhysicalCount(
        session_id=latest.session_id, counted_at=latest.closed_at, found=sum(f.head for f in found.values()),
        sigma=math.sqrt(variance), absent=frozenset(a for i in inspections for a in i.absent),
    )  # fmt: skip


def _camera_says(seeing: Mapping[PenId, PenTally], known: Witnesses) -> Word | None:
    if not seeing:
        return None
    head, sigma = camera.together([known.counts[pen] for pen in seeing])
    others = sum(known.others[pen] for pen in seeing)
    return _word(sum(t.book - t.excused for t in seeing.values()), head - others, sigma)


def _physical_says(found: Mapping[PenId, Found], counted: PhysicalCount | None) -> Word | None:
    if counted is None or not found:
        return None
    return _word(sum(f.book for f in found.values()), sum(f.head for f in found.values()), counted.sigma)


def _word(book: int, head: float, sigma: float) -> Word:
    low, best, high = (max(0, round(head + side * Z95 * sigma)) for side in (-1, 0, 1))
    return Word(book=book, low=low, best=best, high=high)


def _minus(count: HeadCount, others: int) -> HeadCount:
    return HeadCount(max(0, count.low - others), max(0, count.best - others), max(0, count.high - others))
