"""Animals that exist as tags only: their lives are copies of one another, or no life at all (R4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from collateral.anomaly.identity.likeness import moments, twins
from collateral.facts.herd import HerdFacts, Track
from collateral.facts.series import Flags, HerdSeries
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import HeadCount
from collateral.model.ids import GatewayId, LoanId, PenId


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostLimits:
    """`correlation`: two activity series more alike than this are one (R4). `tags`: so many alike under one gateway
    (R4). `hours`: of the 72 that a pair must share [I]. `still`: standard deviation of activity, 0-100, of a tag that
    does not move; real ones have 11.7 (anomaly.md) [I]. `agrees`: share of the ghosts that a camera or a count
    session must miss [I]. `counts`: pictures a camera must have counted [I]."""

    correlation: float = 0.98
    tags: int = 5
    hours: int = 48
    still: float = 0.5
    agrees: float = 2 / 3
    counts: int = 3


LIMITS = GhostLimits()


def ghost_animals(facts: HerdFacts, limits: GhostLimits = LIMITS) -> list[Finding]:
    """Five or more tags under one gateway live the same life, or report steps or warmth without ever moving.

    Cause: tags on animals that do not exist: carried in a bucket, hung on a machine, or played by a program.
    Denominator: tagged pledged head of the loan. Window: 72 hours. Minimum sample: five tags under one gateway, 48
    hours that both of a pair were measured. Suppressed: never; honest pairs correlate at .04 once the hour of day is
    taken out (anomaly.md). Orange on the tags' word alone, red when a camera counts fewer head than tags are heard in
    the pen, or a count session did not find them. Source: R4.
    """
    if facts.series is None:
        return []
    rows = np.flatnonzero(_alike(facts, facts.series, limits) | _still(facts, facts.series, limits))
    of_loan: dict[LoanId, list[Track]] = {}
    for row in rows.tolist():
        track = facts.tracks[row]
        if track.loan_id:
            of_loan.setdefault(track.loan_id, []).append(track)
    return [_finding(facts, loan, ghosts, limits) for loan, ghosts in sorted(of_loan.items())]


def _alike(facts: HerdFacts, series: HerdSeries, limits: GhostLimits) -> Flags:
    found = np.zeros(series.animals, np.bool_)
    for rows in _by_gateway(facts).values():
        if rows.size >= limits.tags:
            others = twins(series.activity.values[rows], limits.hours, limits.correlation)
            found[rows] = others >= limits.tags - 1
    return found


def _still(facts: HerdFacts, series: HerdSeries, limits: GhostLimits) -> Flags:
    """Tags that never move and yet claim a life, where a gateway has several of them."""
    seen = ~np.isnan(series.activity.values)
    _, moves = moments(series.activity.values, seen)
    still = (seen.sum(axis=1) >= limits.hours) & (moves < limits.still) & _claims_life(series)
    found = np.zeros(series.animals, np.bool_)
    for rows in _by_gateway(facts).values():
        motionless = rows[still[rows]]
        if motionless.size >= limits.tags:
            found[motionless] = True
    return found


def _claims_life(series: HerdSeries) -> Flags:
    """Steps, or a temperature that changes by more than a degree from hour to hour [I]."""
    walks = (series.steps.values > 0).any(axis=1)
    _, warms = moments(series.temp_c.values, ~np.isnan(series.temp_c.values))
    return np.asarray(walks | (warms > 1.0))


def _by_gateway(facts: HerdFacts) -> dict[GatewayId, np.ndarray]:
    """Rows of the tags that each gateway hears."""
    found: dict[GatewayId, list[int]] = {}
    for row, track in enumerate(facts.tracks):
        if track.gateway_id and track.tag_id:
            found.setdefault(track.gateway_id, []).append(row)
    return {gateway: np.asarray(rows) for gateway, rows in found.items()}


def _finding(facts: HerdFacts, loan: LoanId, ghosts: list[Track], limits: GhostLimits) -> Finding:
    series = facts.series
    since = series.ends_at - timedelta(hours=series.hours) if series else facts.as_of
    others = [*_cameras_say(facts, ghosts, limits), *_count_sessions_say(facts, loan, ghosts, limits)]
    figures = {
        "alike": len(ghosts), "tagged": sum(t.tag_id is not None for t in facts.of_loan[loan]),
        "gateways": sorted({t.gateway_id for t in ghosts if t.gateway_id}),
    }  # fmt: skip
    return Finding(
        rule="ghost_animals", severity=Severity.RED if others else Severity.ORANGE, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=loan, as_of=facts.as_of, since=since, animals=tuple(t.animal_id for t in ghosts),
        testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures), *others), figures=figures,
    )  # fmt: skip


def _cameras_say(facts: HerdFacts, ghosts: list[Track], limits: GhostLimits) -> Iterable[Testimony]:
    """Cameras whose every interval ends below the tags heard in their pen, by most of the ghosts."""
    by_pen: dict[PenId, int] = {}
    for track in ghosts:
        by_pen[track.pen.pen_id] = by_pen.get(track.pen.pen_id, 0) + 1
    for camera in facts.cameras:
        known = [c for c in camera.counts if c.count is not None]
        if camera.pen_id not in by_pen or len(known) < limits.counts:
            continue
        # The most that any picture allows: a counter misses animals, and must not witness by missing them.
        most = max((c.count for c in known if c.count), key=_high)
        heard = sum(t.is_evidenced(facts.as_of) for t in facts.of_pen[camera.pen_id])
        if heard - most.high >= limits.agrees * by_pen[camera.pen_id]:
            particulars = {
                "camera": camera.camera_id, "pen": camera.pen_id, "counted_at_most": most.high, "tags_heard": heard,
                "frames": [c.frame_sha256 for c in known[-limits.counts :]],
            }  # fmt: skip
            yield Testimony(witness=Witness.CAMERA, since=known[limits.counts - 1].captured_at, particulars=particulars)


def _high(count: HeadCount) -> int:
    return count.high


def _count_sessions_say(
    facts: HerdFacts, loan: LoanId, ghosts: list[Track], limits: GhostLimits
) -> Iterable[Testimony]:
    """Count sessions that did not find most of the ghosts."""
    names = {t.animal_id for t in ghosts}
    for session in facts.inspections:
        absent = len(names.intersection(session.absent))
        if session.loan_id == loan and session.passed and absent >= limits.agrees * len(names):
            particulars = {"session": session.session_id, "absent": absent}
            yield Testimony(witness=Witness.PHYSICAL, since=session.closed_at, particulars=particulars)
