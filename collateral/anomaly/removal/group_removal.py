"""A group driven off: several animals of one pen leave within the hour (R2). Red needs the camera to agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from collateral.anomaly.removal.left_fence import crossed_at
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import CameraCount
from collateral.model.ids import LoanId, PenId

BASE_COUNTS = 3  # counts before the removal that a drop is measured from
BASE_WINDOW = timedelta(hours=3)
CONFIRMING_COUNTS = 2  # one low picture may be a bad picture
SIGMAS = 3.0
AGREES_FROM = 2 / 3  # the camera must see at least this share of what the tags say is gone
LEAST_SIGMA = 1.0  # even a perfect counter sees animals hide behind one another


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRemovalLimits:
    """A group is at least `share` of the pen and at least `least` head that cross within `within_min` minutes (R2)."""

    share: float = 0.03
    least: int = 3
    within_min: float = 60.0

    def group(self, herd: int) -> int:
        """How many head of a pen of `herd` make a group."""
        return max(self.least, math.ceil(self.share * herd))


LIMITS = GroupRemovalLimits()


@dataclass(frozen=True, slots=True)
class Drop:
    """What a camera saw go: its typical count before, the lowest confirmed since, and when that was certain."""

    camera: CameraState
    before: float
    after: float
    certain_at: datetime
    frames: tuple[str, ...]

    @property
    def head(self) -> int:
        return round(self.before - self.after)


def group_removal(facts: HerdFacts, limits: GroupRemovalLimits = LIMITS) -> list[Finding]:
    """At least 3 % (and three head) of a pen leave within 60 minutes.

    Cause: theft by lorry, unapproved sale. Denominator: tagged head of the pen. Window: 60 minutes between the
    first and the last crossing. Minimum sample: three animals with two consecutive fixes outside each; for the
    camera three counts before and two lower ones after. Suppressed: approved movements. Orange on the tags'
    word alone, red when a camera on that pen saw the number drop as well. Source: R2, two-witness principle.
    """
    findings = []
    for loan in facts.loans:
        pens = _groups(facts, loan, limits)
        if pens:
            findings.append(_finding(facts, loan, pens, limits))
    return findings


def _groups(facts: HerdFacts, loan: LoanId, limits: GroupRemovalLimits) -> dict[PenId, list[Track]]:
    """The pens of a loan from which a group is gone, with the animals."""
    herds: dict[PenId, list[Track]] = {}
    for track in facts.of_loan[loan]:
        herds.setdefault(track.pen.pen_id, []).append(track)
    found = {}
    for pen, herd in sorted(herds.items()):
        gone = _together([t for t in herd if t.is_outside and not facts.may_leave(t.animal_id)], limits)
        if len(gone) >= limits.group(len(herd)):
            found[pen] = gone
    return found


def _together(out: list[Track], limits: GroupRemovalLimits) -> list[Track]:
    """The largest set of animals whose crossings lie within the window."""
    ordered = sorted(out, key=lambda t: crossed_at(t).measured_at)
    best: list[Track] = []
    for first, start in enumerate(ordered):
        end = crossed_at(start).measured_at + timedelta(minutes=limits.within_min)
        members = [t for t in ordered[first:] if crossed_at(t).measured_at <= end]
        best = max(best, members, key=len)
    return best


def _finding(facts: HerdFacts, loan: LoanId, pens: dict[PenId, list[Track]], limits: GroupRemovalLimits) -> Finding:
    gone = [track for group in pens.values() for track in group]
    tags = _tag_testimony(facts, pens, limits)
    drops = [d for c in facts.cameras if c.pen_id in pens and (d := _drop(c, pens[c.pen_id], limits))]
    cameras = tuple(_camera_testimony(d) for d in drops)
    figures = {
        "gone": len(gone),
        "pens": sorted(pens),
        "camera_drop": sum(d.head for d in drops) if drops else None,
        "second_witness_at": max([tags.since, *(d.certain_at for d in drops)]).isoformat() if drops else None,
    }
    return Finding(
        rule="group_removal", severity=Severity.RED if drops else Severity.ORANGE, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=",".join(sorted(pens)), as_of=facts.as_of, since=min(_began(g) for g in pens.values()),
        animals=tuple(t.animal_id for t in gone), testimonies=(tags, *cameras), figures=figures,
    )  # fmt: skip


def _began(group: list[Track]) -> datetime:
    """When the first of them was first seen outside."""
    return min(t.outside_run[0].measured_at for t in group)


def _tag_testimony(facts: HerdFacts, pens: dict[PenId, list[Track]], limits: GroupRemovalLimits) -> Testimony:
    certain = []
    for pen, group in pens.items():
        need = limits.group(len(facts.of_pen[pen]))
        certain.append(sorted(crossed_at(t).measured_at for t in group)[min(need, len(group)) - 1])
    animals = [t for group in pens.values() for t in group]
    particulars = {
        "animals": len(animals),
        "last_heard_at": max(t.outside_run[-1].measured_at for t in animals).isoformat(),
    }
    return Testimony(witness=Witness.TAG, since=min(certain), particulars=particulars)


def _camera_testimony(drop: Drop) -> Testimony:
    particulars = {
        "camera": drop.camera.camera_id, "pen": drop.camera.pen_id, "before": drop.before, "after": drop.after,
        "drop": drop.head, "frames": list(drop.frames),
    }  # fmt: skip
    return Testimony(witness=Witness.CAMERA, since=drop.certain_at, particulars=particulars)


def _drop(camera: CameraState, gone: list[Track], limits: GroupRemovalLimits) -> Drop | None:
    """Whether the camera's counts fell for good when these left: consecutive counts clearly below those before.

    A counter misses animals far more often than it invents them, and misses come in spells (a herd lying in the
    dark). So the better half of the counts before tells what was there, and how much such counts scatter.
    """
    began = _began(gone)
    known = [c for c in camera.counts if c.count is not None]
    before = [c for c in known if began - BASE_WINDOW <= c.captured_at < began]
    if len(before) < BASE_COUNTS:
        return None
    good = _better_half([_best(c) for c in before])
    base = median(good)
    low = _trailing_low([c for c in known if c.captured_at >= began], base - max(limits.least, SIGMAS * _sigma(good)))
    if len(low) < CONFIRMING_COUNTS or base - median(_best(c) for c in low) < AGREES_FROM * len(gone):
        return None
    frames = (before[-1].frame_sha256, *(c.frame_sha256 for c in low[-CONFIRMING_COUNTS:]))
    return Drop(camera, base, min(_best(c) for c in low), low[CONFIRMING_COUNTS - 1].captured_at, frames)


def _trailing_low(counts: list[CameraCount], limit: float) -> list[CameraCount]:
    low: list[CameraCount] = []
    for count in reversed(counts):
        if _best(count) > limit:
            break
        low.append(count)
    return low[::-1]


def _better_half(values: list[int]) -> list[int]:
    """The values from the median up."""
    middle = median(values)
    return [v for v in values if v >= middle]


def _sigma(values: list[int]) -> float:
    """Spread of a camera's own counts: 1.4826 x median absolute deviation, never under one head."""
    middle = median(values)
    return max(LEAST_SIGMA, 1.4826 * median(abs(v - middle) for v in values))


def _best(count: CameraCount) -> int:
    if count.count is None:
        raise ValueError("only known counts can be compared")
    return count.count.best
