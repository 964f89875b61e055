"""Book x tags x camera: how many pledged head there are, how sure that is, and how much of it is evidenced.

The tags bound the number from below, the camera gives an independent estimate, the book the number that should be
there. Per pen the two are combined by their precision; pens add up; intervals add in quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.facts.herd import CameraState, HerdFacts, PledgedGroup, Track
from collateral.model.herd import CameraCount, HeadCount
from collateral.model.ids import LoanId, PenId

PRESENT_IF_SILENT = 0.90  # a quiet tag is far more often a lost tag (about 5 % a year) than an unreported loss
PRESENT_IF_UNHEARD = 0.98  # its gateway is quiet or behind: silence says almost nothing
PRESENT_IF_OUTSIDE = 0.02
Z95 = 1.96
CAMERA_SIGMA = 0.04  # of the count: published counters see 92-94 % (domain 0.6); story A2 has 18 of 471
COUNT_FRESH = timedelta(hours=2)
LEAST_VARIANCE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class PenReconciled:
    """One pen of one loan. `camera` is scaled to the loan's share of the pen; None: no fresh count."""

    pen_id: PenId
    book: int
    tagged: int
    tags_seen: int
    evidenced: int
    camera: HeadCount | None
    mean: float
    variance: float
    camera_sigma: float  # where the camera alone speaks: its errors are alike from pen to pen and do not average out

    @property
    def estimate(self) -> HeadCount:
        """This pen's 95 % interval."""
        return _interval([self], self.book)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One loan at one moment. `estimate` is a 95 % interval, capped at the book; `coverage` is 0-1."""

    loan_id: LoanId
    as_of: datetime
    book: int
    tags_seen: int
    camera: HeadCount | None
    estimate: HeadCount
    coverage: float
    value_minor: int
    pens: tuple[PenReconciled, ...]

    @property
    def short(self) -> int:
        """Head missing on the best estimate."""
        return self.book - self.estimate.best

    @property
    def shortfall_proved(self) -> bool:
        """Whether even the upper end of the interval is below the book."""
        return self.estimate.high < self.book


def reconcile(facts: HerdFacts, loan: LoanId) -> Reconciled:
    """Reconcile one loan on one farm."""
    tracks = [t for t in facts.tracks if t.loan_id == loan]
    groups = [g for g in facts.groups if g.loan_id == loan]
    pens = sorted({t.pen.pen_id for t in tracks} | {g.pen.pen_id for g in groups})
    lines = tuple(_pen(facts, loan, pen, tracks, groups) for pen in pens)
    book = sum(p.book for p in lines)
    cameras = [p.camera for p in lines if p.camera]
    return Reconciled(
        loan_id=loan, as_of=facts.as_of, book=book, tags_seen=sum(p.tags_seen for p in lines),
        camera=_added(cameras) if cameras else None,
        estimate=_interval(lines, book),
        coverage=sum(p.evidenced for p in lines) / book if book else 0.0,
        value_minor=sum(t.value_minor for t in tracks) + sum(g.head * g.value_per_head_minor for g in groups),
        pens=lines,
    )  # fmt: skip


def merge(parts: list[Reconciled]) -> Reconciled:
    """One loan secured on several farms: the sum of its farms."""
    book = sum(p.book for p in parts)
    lines = tuple(line for p in parts for line in p.pens)
    cameras = [p.camera for p in parts if p.camera]
    return Reconciled(
        loan_id=parts[0].loan_id, as_of=max(p.as_of for p in parts), book=book,
        tags_seen=sum(p.tags_seen for p in parts),
        camera=_added(cameras) if cameras else None,
        estimate=_interval(lines, book),
        coverage=sum(p.coverage * p.book for p in parts) / book if book else 0.0,
        value_minor=sum(p.value_minor for p in parts), pens=lines,
    )  # fmt: skip


def _pen(facts: HerdFacts, loan: LoanId, pen: PenId, tracks: list[Track], groups: list[PledgedGroup]) -> PenReconciled:
    own = [t for t in tracks if t.pen.pen_id == pen]
    grouped = sum(g.head for g in groups if g.pen.pen_id == pen)
    seen = sum(t.is_evidenced(facts.as_of) for t in own)
    tag_mean, tag_variance = _by_tags(facts, own)
    whole_pen = _by_camera(facts, pen)
    others = sum(t.pen.pen_id == pen and t.loan_id != loan for t in facts.tracks)
    camera = _minus(whole_pen, others) if whole_pen else None
    mean, variance, camera_sigma = _combined(tag_mean, tag_variance, grouped, camera)
    if not grouped:
        mean = max(mean, float(seen))  # what a tag has just proved there no camera can take away
    evidenced = seen + (min(grouped, max(0, camera.best - len(own))) if camera else 0)
    return PenReconciled(
        pen_id=pen, book=len(own) + grouped, tagged=sum(t.tag_id is not None for t in own),
        tags_seen=seen, evidenced=evidenced, camera=camera,
        mean=mean, variance=variance, camera_sigma=camera_sigma,
    )  # fmt: skip


def _by_tags(facts: HerdFacts, own: list[Track]) -> tuple[float, float]:
    chances = [_present(facts, t) for t in own]
    return sum(chances), sum(p * (1 - p) for p in chances)


def _present(facts: HerdFacts, track: Track) -> float:
    """The chance that a pledged animal is where it should be, given its tag."""
    if track.is_outside:
        return PRESENT_IF_OUTSIDE
    if track.is_evidenced(facts.as_of):
        return 1.0
    unheard = track.gateway_id in facts.silent_gateways or (
        track.gateway_id is not None and facts.judged_until.get(track.gateway_id, facts.as_of) < facts.as_of
    )
    return PRESENT_IF_UNHEARD if unheard else PRESENT_IF_SILENT


def _by_camera(facts: HerdFacts, pen: PenId) -> HeadCount | None:
    """The newest fresh count of the pen; the median of the last three pictures calms a single bad one."""
    fresh = [c for camera in facts.cameras if camera.pen_id == pen for c in _fresh(camera, facts.as_of)]
    if not fresh:
        return None
    newest = sorted(fresh, key=lambda c: c.captured_at)[-3:]
    middle = sorted(newest, key=lambda c: c.count.best if c.count else 0)[len(newest) // 2]
    return middle.count


def _fresh(camera: CameraState, as_of: datetime) -> list[CameraCount]:
    return [c for c in camera.counts if c.count is not None and as_of - c.captured_at <= COUNT_FRESH]


def _combined(
    tag_mean: float, tag_variance: float, grouped: int, camera: HeadCount | None
) -> tuple[float, float, float]:
    """Mean, variance, and the part of the deviation that all cameras share.

    Tags and camera are weighed by their precision. Grouped animals have the camera alone, or nobody.
    """
    if camera is None:
        # Nobody speaks for the group: the book is the best guess, and the interval reaches to none.
        return tag_mean + grouped, tag_variance, grouped / Z95
    sigma = max((camera.high - camera.low) / (2 * Z95), CAMERA_SIGMA * camera.best, math.sqrt(LEAST_VARIANCE))
    if grouped:
        return float(camera.best), 0.0, sigma
    weight_tags, weight_camera = 1 / max(tag_variance, LEAST_VARIANCE), 1 / sigma**2
    mean = (tag_mean * weight_tags + camera.best * weight_camera) / (weight_tags + weight_camera)
    return mean, 1 / (weight_tags + weight_camera), 0.0


def _interval(lines: Sequence[PenReconciled], book: int) -> HeadCount:
    mean = sum(line.mean for line in lines)
    deviation = math.hypot(math.sqrt(sum(line.variance for line in lines)), sum(line.camera_sigma for line in lines))
    low, best, high = (min(book, max(0, round(mean + side * Z95 * deviation))) for side in (-1, 0, 1))
    return HeadCount(low, best, high)


def _added(counts: list[HeadCount]) -> HeadCount:
    best = sum(c.best for c in counts)
    down = math.sqrt(sum((c.best - c.low) ** 2 for c in counts))
    up = math.sqrt(sum((c.high - c.best) ** 2 for c in counts))
    return HeadCount(max(0, best - round(down)), best, best + round(up))


def _minus(count: HeadCount, others: int) -> HeadCount:
    return HeadCount(max(0, count.low - others), max(0, count.best - others), max(0, count.high - others))
