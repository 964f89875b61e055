"""Book x tags x camera x last physical count: how many pledged head there are, how sure that is, how much is evidenced.

What a tag has just proved nobody can take away. How many of the others are gone is a distribution (`presence`) that
starts from what tag loss explains and is narrowed by the cameras and by the newest inspection. Each pen is judged by
itself too: what no pen shows alone, a loan may show, so pens' estimates need not add up to the loan's, while book, tags
and cameras do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collateral.book import camera, physical, presence
from collateral.book.camera import COUNT_FRESH, Z95, PenCount
from collateral.book.physical import PhysicalCount
from collateral.book.presence import Chances, Counted, Silence
from collateral.book.reconciled import PenReconciled, Reconciled, Word, added, merge
from collateral.book.tally import DARK_SHARE, PenTally, State, summed, tallied
from collateral.book.unseen import unseen
from collateral.facts.herd import HerdFacts, PledgedGroup, Track
from collateral.model.herd import HeadCount
from collateral.model.ids import LoanId, PenId
from collateral.model.inspection import InspectionResult

__all__ = ["COUNT_FRESH", "PenReconciled", "Reconciled", "Word", "merge", "reconcile", "reconcile_farm"]

TAG_LOSS_PER_YEAR = 0.05  # SRUC 4 %, 1.4 to 5 % with age (domain 0.5)
MENDED_WITHIN_DAYS = 30.0  # a lost tag is replaced within so many days [I]
TAG_LOSS_SHAPE = 4.0  # herds differ by a factor of two either way: 1.4 to 11 % a year (domain 2.3)
RECENT_SILENT = 0.01  # of the tags quiet for one to three days with a gateway that listens [I]
RECENT_SHAPE = 1.0
OUTAGE_RECENT, OUTAGE_LONG = 0.05, 0.0025  # that something common keeps tags quiet for so long [I]
LEARN_FROM, LEARN_SEEN = 10, 0.95  # head in a pen, and the share of them heard, to learn a camera's habit from [I]
DARK_FROM = 10  # tags; in a smaller herd a share says nothing (domain 2.2)


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


@dataclass(frozen=True, slots=True)
class _Witnesses:
    """What cameras and inspections say, by pen. `shown`: all fresh counts; `counts`: those that tags do not contradict.
    `others`: head in the pen that is not asked about. `found`: head found by inspection, and of how many."""

    shown: Mapping[PenId, PenCount]
    counts: Mapping[PenId, PenCount]
    others: Mapping[PenId, int]
    found: Mapping[PenId, tuple[int, int]]
    relative_sigma: float
    is_dark: bool


def _reconciled(
    facts: HerdFacts,
    loan: LoanId | None,
    tracks: Iterable[Track],
    groups: Iterable[PledgedGroup],
    inspections: list[InspectionResult],
) -> Reconciled:
    pens = tallied(facts, tracks, groups)
    total = summed(pens.values())
    others = {pen: len(facts.of_pen.get(pen, ())) - tally.own for pen, tally in pens.items()}
    shown = camera.newest_counts(facts, pens)
    counts = {pen: count for pen, count in shown.items() if not count.is_below(pens[pen].seen + others[pen])}
    found = {
        pen: _found_in(pen, pens[pen], others[pen], inspection)
        for inspection in inspections for pen in inspection.pens if pen in pens
    }  # fmt: skip
    counted = _physical(facts, inspections, found)
    relative = counted.sigma / counted.found if counted and counted.found else 0.0
    known = _Witnesses(shown, counts, others, found, relative, _is_dark(total))
    lines = tuple(_pen(pen, tally, known) for pen, tally in pens.items())
    gone = presence.together([_gone(block, known) for block in _blocks(pens, known)])
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


def _pen(pen: PenId, tally: PenTally, known: _Witnesses) -> PenReconciled:
    count = known.shown.get(pen)
    seen_by_camera = _minus(count.said, known.others[pen]) if count else None
    here = {pen: tally}
    by_number = min(tally.grouped, max(0, seen_by_camera.best - tally.own)) if seen_by_camera else 0
    return PenReconciled(
        pen_id=pen, book=tally.book, tagged=tally.tagged, grouped=tally.grouped, tags_seen=tally.seen,
        evidenced=tally.seen + by_number, excused=tally.excused, camera=seen_by_camera,
        camera_share=_share(count, tally, known.others[pen]) if count else None,
        physical=known.found[pen][0] if pen in known.found else None,
        estimate=_estimate(here, known, _gone(here, known)), value_minor=tally.value_minor,
    )  # fmt: skip


def _share(count: PenCount, tally: PenTally, others: int) -> float | None:
    """What a count is of the head that tags prove, where few are unseen and none pledged by number."""
    there = tally.seen + others
    if tally.grouped or there < LEARN_FROM or tally.seen < LEARN_SEEN * tally.own:
        return None
    return count.said.best / there


def _blocks(pens: Mapping[PenId, PenTally], known: _Witnesses) -> list[dict[PenId, PenTally]]:
    """Pens that are judged together. Tag loss is a matter of the whole herd; head pledged by number is as its own
    camera says, so that a watched house is not blurred by one that nobody watches."""
    houses = {pen for pen, tally in pens.items() if tally.grouped}
    kinds = ({pen for pen in pens if pen not in houses}, houses & known.counts.keys(), houses - known.counts.keys())
    return [{pen: pens[pen] for pen in sorted(kind)} for kind in kinds if kind]


def _gone(block: Mapping[PenId, PenTally], known: _Witnesses) -> Chances:
    """How many of the unseen in these pens are gone."""
    all_of = summed(block.values())
    if not _open(all_of):
        return presence.NOBODY
    pools = [presence.outside(all_of.outside)]
    dark = all_of.dark + all_of.grouped
    if known.is_dark:
        dark += all_of.silent
    else:
        lost = all_of.tagged * TAG_LOSS_PER_YEAR * MENDED_WITHIN_DAYS / 365
        pools.append(presence.silent(all_of.long, Silence(lost, TAG_LOSS_SHAPE, OUTAGE_LONG)))
        usual = Silence(all_of.tagged * RECENT_SILENT, RECENT_SHAPE, OUTAGE_RECENT)
        pools.append(presence.silent(all_of.recent, usual))
    chances = presence.together([*pools, presence.unknown(dark)])
    return presence.narrowed(chances, [*_by_cameras(block, all_of, known), *_by_hand(block, all_of, known)])


def _by_cameras(block: Mapping[PenId, PenTally], all_of: PenTally, known: _Witnesses) -> list[Counted]:
    """The cameras of those of these pens that have a fresh count."""
    within = [pen for pen in block if pen in known.counts]
    seen = summed(block[pen] for pen in within)
    if not _open(seen):
        return []
    head, sigma = camera.together([known.counts[pen] for pen in within])
    others = sum(known.others[pen] for pen in within)
    spell = max(known.counts[pen].spell_chance for pen in within)
    return [Counted(head - others, sigma, seen.book - seen.excused, _open(seen) / _open(all_of), spell)]


def _by_hand(block: Mapping[PenId, PenTally], all_of: PenTally, known: _Witnesses) -> list[Counted]:
    """The physical count of those of these pens that were inspected."""
    within = [pen for pen in block if pen in known.found]
    found, book = (sum(known.found[pen][i] for pen in within) for i in (0, 1))
    open_in = sum(_open(block[pen]) for pen in within)
    if not within or not open_in:
        return []
    sigma = max(known.relative_sigma * found, 0.5)
    return [Counted(found, sigma, book, open_in / _open(all_of), 0.0)]


def _open(tally: PenTally) -> int:
    """Head of which it is not known whether they are there."""
    return tally.outside + tally.silent + tally.dark + tally.grouped


def _is_dark(total: PenTally) -> bool:
    return total.tagged >= DARK_FROM and total.silent > DARK_SHARE * total.tagged


def _estimate(pens: Mapping[PenId, PenTally], known: _Witnesses, gone: Chances) -> HeadCount:
    should, seen = (sum(v) for v in zip(*((t.book - t.excused, t.seen) for t in pens.values()), strict=True))
    fewest, most = presence.interval(gone)
    best = should - presence.median(gone)
    # Where nobody speaks for a group, the book is the best guess and the interval reaches to none.
    unwitnessed = sum(t.grouped for pen, t in pens.items() if pen not in known.counts and pen not in known.found)
    return HeadCount(min(best, max(seen, should - most - unwitnessed)), best, should - fewest)


def _physical(
    facts: HerdFacts, inspections: list[InspectionResult], found: Mapping[PenId, tuple[int, int]]
) -> PhysicalCount | None:
    """All given inspections as one count, with its error as of now."""
    if not inspections:
        return None
    variance = 0.0
    for inspection in inspections:
        head = sum(found[pen][0] for pen in inspection.pens if pen in found)
        moved = len(physical.moved_since(facts, inspection))
        variance += physical.aged(facts, inspection, head, moved) ** 2
    latest = max(inspections, key=lambda i: i.closed_at)
    return PhysicalCount(
        session_id=latest.session_id, counted_at=latest.closed_at, found=sum(head for head, _ in found.values()),
        sigma=math.sqrt(variance), absent=frozenset(a for i in inspections for a in i.absent),
    )  # fmt: skip


def _found_in(pen: PenId, tally: PenTally, others: int, inspection: InspectionResult) -> tuple[int, int]:
    """How many of today's book an inspection found in a pen, and of how many."""
    absent, heads = frozenset(inspection.absent), dict(inspection.counted)
    missing = sum(t.animal_id in absent or state is State.EXCUSED for t, state in tally.unseen)
    found, book = tally.own - missing, tally.own - tally.excused
    if tally.grouped and pen in heads:
        found += min(tally.grouped, max(0, heads[pen] - found - others))
        book += tally.grouped
    return found, book


def _camera_says(seeing: Mapping[PenId, PenTally], known: _Witnesses) -> Word | None:
    if not seeing:
        return None
    head, sigma = camera.together([known.counts[pen] for pen in seeing])
    others = sum(known.others[pen] for pen in seeing)
    return _word(sum(t.book - t.excused for t in seeing.values()), head - others, sigma)


def _physical_says(found: Mapping[PenId, tuple[int, int]], counted: PhysicalCount | None) -> Word | None:
    if counted is None or not found:
        return None
    return _word(sum(b for _, b in found.values()), sum(f for f, _ in found.values()), counted.sigma)


def _word(book: int, head: float, sigma: float) -> Word:
    low, best, high = (max(0, round(head + side * Z95 * sigma)) for side in (-1, 0, 1))
    return Word(book=book, low=low, best=best, high=high)


def _minus(count: HeadCount, others: int) -> HeadCount:
    return HeadCount(max(0, count.low - others), max(0, count.best - others), max(0, count.high - others))
