"""What the witnesses say of the animals that nobody saw: how many of them are gone.

It is a distribution (`presence`) that starts from what tag loss explains and is narrowed by the cameras and by the
newest inspection. An inspection speaks of the animals whose last sign is older than it, and of no others: who left the
day after was found by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from collateral.book import camera, presence
from collateral.book.camera import PenCount
from collateral.book.inspected import Found
from collateral.book.presence import Chances, Counted, Doubt, Silence
from collateral.book.tally import DARK_SHARE, LOOKED_BACK, PenTally, summed
from collateral.model.ids import PenId

TAG_LOSS_PER_YEAR = 0.05  # SRUC 4 %, 1.4 to 5 % with age (domain 0.5)
MENDED_WITHIN_DAYS = 30.0  # a lost tag is replaced within so many days [I]
TAGS_LOST = TAG_LOSS_PER_YEAR * MENDED_WITHIN_DAYS / 365  # share of tags at any time
TAG_LOSS_SHAPE = 4.0  # herds differ by a factor of two either way: 1.4 to 11 % a year (domain 2.3)
RECENT_SILENT = 0.01  # of the tags quiet for one to three days with a gateway that listens [I]
RECENT_SHAPE = 1.0
RESTS_DAYS = 3.0  # the longest of such rests
OUTAGE_RECENT, OUTAGE_LONG = 0.05, 0.0025  # that something common keeps tags quiet for so long [I]
DARK_FROM = 10  # tags; in a smaller herd a share says nothing (domain 2.2)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What cameras and inspections say, by pen. `shown`: all fresh counts; `counts`: those that tags do not contradict.
    `others`: head in the pen that is not asked about. `found`: by inspection."""

    shown: Mapping[PenId, PenCount]
    counts: Mapping[PenId, PenCount]
    others: Mapping[PenId, int]
    found: Mapping[PenId, Found]
    relative_sigma: float
    is_dark: bool


def blocks(pens: Mapping[PenId, PenTally], known: Witnesses) -> list[dict[PenId, PenTally]]:
    """Pens that are judged together. Tag loss is a matter of the whole herd; head pledged by number is as its own
    camera says, so that a watched house is not blurred by one that nobody watches."""
    houses = {pen for pen, tally in pens.items() if tally.grouped}
    kinds = ({pen for pen in pens if pen not in houses}, houses & known.counts.keys(), houses - known.counts.keys())
    return [{pen: pens[pen] for pen in sorted(kind)} for kind in kinds if kind]


def gone(block: Mapping[PenId, PenTally], known: Witnesses) -> Chances:
    """How many of the unseen in these pens are gone."""
    all_of = summed(block.values())
    if not _open(all_of):
        return presence.NOBODY
    before = summed(known.found[pen].before for pen in block if pen in known.found)
    after = summed(known.found[pen].after if pen in known.found else tally for pen, tally in block.items())
    lost, rest = _expected(block, known)
    newer = _doubt(after, lost, rest, known)
    older = _doubt(before, TAGS_LOST * all_of.tagged - lost, RECENT_SILENT * all_of.tagged - rest, known)
    doubt = older.narrowed(_by_hand(block, before, known)).beside(newer)
    return doubt.narrowed(_by_cameras(block, all_of, known)).chances()


def _expected(block: Mapping[PenId, PenTally], known: Witnesses) -> tuple[float, float]:
    """How many tags of animals that are there are expected to have been silent for long, or to rest, since their pen's
    inspection, if any."""
    lost = rest = 0.0
    for pen, tally in block.items():
        found = known.found.get(pen)
        days = found.age / timedelta(days=1) if found and found.age <= LOOKED_BACK else math.inf
        lost += tally.tagged * TAGS_LOST * min(1.0, days / MENDED_WITHIN_DAYS)
        rest += tally.tagged * RECENT_SILENT * min(1.0, days / RESTS_DAYS)
    return lost, rest


def _doubt(tally: PenTally, lost: float, rest: float, known: Witnesses) -> Doubt:
    """Pools of unseen animals, with the expected number of tags that are lost or rest."""
    if known.is_dark:
        return presence.outside(tally.outside).beside(presence.unknown(tally.dark + tally.grouped + tally.silent))
    return (
        presence.outside(tally.outside)
        .beside(presence.unknown(tally.dark + tally.grouped))
        .beside(presence.silent(tally.long, Silence(lost, TAG_LOSS_SHAPE, OUTAGE_LONG)))
        .beside(presence.silent(tally.recent, Silence(rest, RECENT_SHAPE, OUTAGE_RECENT)))
    )


def _by_cameras(block: Mapping[PenId, PenTally], all_of: PenTally, known: Witnesses) -> list[Counted]:
    """The cameras of those of these pens that have a fresh count."""
    within = [pen for pen in block if pen in known.counts]
    seen = summed(block[pen] for pen in within)
    if not _open(seen):
        return []
    head, sigma = camera.together([known.counts[pen] for pen in within])
    others = sum(known.others[pen] for pen in within)
    # A spell that hides many of several pens is one that they share; each pen's own is within its sigma.
    spell = min(known.counts[pen].spell_chance for pen in within)
    return [Counted(head - others, sigma, seen.book - seen.excused, _open(seen) / _open(all_of), spell)]


def _by_hand(block: Mapping[PenId, PenTally], before: PenTally, known: Witnesses) -> list[Counted]:
    """The physical count of those of these pens that were inspected, of the unseen whose last sign is older."""
    within = [known.found[pen] for pen in block if pen in known.found]
    if not _open(before):
        return []
    found, book = sum(f.head for f in within), sum(f.book for f in within)
    return [Counted(found, max(known.relative_sigma * found, 0.5), book, 1.0, 0.0)]


def _open(tally: PenTally) -> int:
    """Head of which it is not known whether they are there."""
    return tally.outside + tally.silent + tally.dark + tally.grouped


def is_dark(total: PenTally) -> bool:
    """Whether so many tags are silent together that it is no matter of single animals."""
    return total.tagged >= DARK_FROM and total.silent > DARK_SHARE * total.tagged
