"""A group driven off: several animals of one pen go within the hour (R2). Red needs a second witness to agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.anomaly.night import is_night
from collateral.anomaly.removal.camera_drop import AGREES_FROM, Drop, drop_since
from collateral.anomaly.removal.gone import Gone, beyond_chance, gone_by_pen, together
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId, PenId


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRemovalLimits:
    """A group is at least `share` of the pen and at least `least` head that go within `within_min` minutes (R2)."""

    share: float = 0.03
    least: int = 3
    within_min: float = 60.0

    def group(self, herd: int) -> int:
        """How many head of a pen of `herd` make a group."""
        return max(self.least, math.ceil(self.share * herd))

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.within_min)


LIMITS = GroupRemovalLimits()


@dataclass(frozen=True)
class Removal:
    """One pen from which a group went, and what its cameras saw."""

    pen: PenId
    gone: tuple[Gone, ...]
    needed: int
    drops: tuple[Drop, ...]

    @property
    def certain_at(self) -> datetime:
        """When as many were certainly gone as make a group."""
        return sorted(g.certain_at for g in self.gone)[min(self.needed, len(self.gone)) - 1]


def group_removal(facts: HerdFacts, limits: GroupRemovalLimits = LIMITS) -> list[Finding]:
    """At least 3 % (and three head) of a pen leave, or fall silent, within 60 minutes.

    Cause: theft by lorry, tags cut off, unapproved sale. Denominator: tagged head of the pen. Window: 60 minutes
    between the first and the last. Minimum sample: three animals, with two consecutive fixes outside or three missed
    reports each while their gateway hears others; silence counts only where broken tags do not explain so many; for
    the camera three counts before and two lower ones after. Suppressed: approved movements.
    Orange on the tags' word alone, red when another witness agrees: a camera on that pen saw the number drop, a count
    session did not find them, or a gateway elsewhere hears their tags. Source: R2, two-witness principle; gaps of tags
    as in anomaly.md.
    """
    removals: dict[LoanId, list[Removal]] = {}
    for (loan, pen), gone in gone_by_pen(facts, limits.within).items():
        removal = _removal(facts, pen, gone, limits)
        if removal:
            removals.setdefault(loan, []).append(removal)
    return [_finding(facts, loan, found) for loan, found in removals.items()]


def _removal(facts: HerdFacts, pen: PenId, gone: list[Gone], limits: GroupRemovalLimits) -> Removal | None:
    """The group that went from one pen, with the silent ones where they are more than chance."""
    herd = sum(t.loan_id == gone[0].track.loan_id for t in facts.of_pen[pen])
    needed = limits.group(herd)
    everybody = together(gone, limits.within)
    silent = sum(g.is_silent for g in everybody)
    if silent and len(everybody) >= needed and silent >= beyond_chance(herd, limits.within, _failing(gone, everybody)):
        return Removal(pen, tuple(everybody), needed, _drops(facts, pen, everybody, limits))
    crossed = together([g for g in gone if not g.is_silent], limits.within)
    if len(crossed) < needed:
        return None
    return Removal(pen, tuple(crossed), needed, _drops(facts, pen, crossed, limits))


def _failing(gone: list[Gone], group: list[Gone]) -> int:
    """Tags of the pen that fell silent in the day before the group did, and have stayed so."""
    first = group[0].went_at
    return sum(g.is_silent and first - timedelta(days=1) <= g.went_at < first for g in gone)


def _drops(facts: HerdFacts, pen: PenId, gone: list[Gone], limits: GroupRemovalLimits) -> tuple[Drop, ...]:
    began = _camera_from(gone)
    drops = [drop_since(c, began, len(gone), limits.least) for c in facts.cameras if c.pen_id == pen]
    return tuple(drop for drop in drops if drop)


def _camera_from(gone: list[Gone]) -> datetime:
    """From when a camera can have seen fewer: the first fix outside, else when the last of the silent was heard."""
    crossed = [g.began_at for g in gone if not g.is_silent]
    return min(crossed) if crossed else max(g.began_at for g in gone)


def _finding(facts: HerdFacts, loan: LoanId, removals: list[Removal]) -> Finding:
    gone = [one for removal in removals for one in removal.gone]
    began = min(one.began_at for one in gone)
    tags = _tags_say(removals)
    others = [
        *(drop.testimony() for removal in removals for drop in removal.drops),
        *_count_session_says(facts, loan, gone, began),
        *_gateways_elsewhere_say(facts, gone, began),
    ]
    drop = sum(d.head for removal in removals for d in removal.drops)
    figures = {
        "gone": len(gone), "silent": sum(one.is_silent for one in gone), "pens": [r.pen for r in removals],
        "camera_drop": drop or None, "night": is_night(facts.farm, began),
        "second_witness_at": max(tags.since, min(t.since for t in others)).isoformat() if others else None,
    }  # fmt: skip
    return Finding(
        rule="group_removal", severity=Severity.RED if others else Severity.ORANGE, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=",".join(r.pen for r in removals), as_of=facts.as_of, since=began,
        animals=tuple(one.track.animal_id for one in gone), testimonies=(tags, *others), figures=figures,
    )  # fmt: skip


def _tags_say(removals: list[Removal]) -> Testimony:
    gone = [one for removal in removals for one in removal.gone]
    last = max(one.track.last_seen_at or one.went_at for one in gone)
    particulars = {"animals": len(gone), "last_heard_at": last.isoformat()}
    return Testimony(witness=Witness.TAG, since=min(r.certain_at for r in removals), particulars=particulars)


def _count_session_says(facts: HerdFacts, loan: LoanId, gone: list[Gone], began: datetime) -> list[Testimony]:
    """A count session since then that did not find two thirds of them."""
    names = {one.track.animal_id for one in gone}
    missed = [
        (s, len(names.intersection(s.absent)))
        for s in facts.inspections
        if s.loan_id == loan and s.passed and s.closed_at >= began
    ]
    return [
        Testimony(
            witness=Witness.PHYSICAL,
            since=session.closed_at,
            particulars={"session": session.session_id, "absent": absent},
        )
        for session, absent in missed
        if absent >= AGREES_FROM * len(names)
    ]


def _gateways_elsewhere_say(facts: HerdFacts, gone: list[Gone], began: datetime) -> list[Testimony]:
    """Gateways of other farms that have heard their tags since."""
    tags = {one.track.tag_id for one in gone}
    heard = [s for s in facts.sightings if s.tag_id in tags and s.farm_id != facts.farm.farm_id and s.heard_at >= began]
    if not heard:
        return []
    particulars = {"gateways": sorted({s.gateway_id for s in heard}), "animals": len({s.tag_id for s in heard})}
    return [Testimony(witness=Witness.GATEWAY, since=min(s.heard_at for s in heard), particulars=particulars)]
