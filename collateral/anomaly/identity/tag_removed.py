"""Tags that were taken off: the tag says so itself, or it lies still at the temperature of the air (R8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from collateral.facts.herd import HerdFacts, Track
from collateral.facts.series import Flags, Floats, HerdSeries
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRemovedLimits:
    """`still_h`: hours without a step, `near_air_c`: degrees from the air (R8). `below_usual_c`: degrees under the
    wearer's own usual hour, so that a warm day does not take tags off [I]. `several` removals within `within_h` hours
    are graver (R8). `mates`: where nobody measures the air, the coolest of at least so many tags stands for it [I]."""

    still_h: int = 6
    near_air_c: float = 3.0
    below_usual_c: float = 3.0
    several: int = 3
    within_h: int = 24
    mates: int = 8


LIMITS = TagRemovedLimits()


def tag_removed(facts: HerdFacts, limits: TagRemovedLimits = LIMITS) -> list[Finding]:
    """Tags whose contact is open, or that took no step for 6 hours and have cooled to within 3 degC of the air.

    Cause: tag cut off or torn out, swapped onto another animal, lost. Denominator: tagged pledged head of the loan.
    Window: 72 hours; three removals within 24 are graver. Minimum sample: one report of the contact; six hours all of
    which were measured; a usual temperature of seven days, which it has left by 3 degC. Suppressed: animals reported
    dead. Yellow, orange from three in 24 hours; one lost tag a month in 500 is what real tags do. Source: R8 and
    domain 0.5.
    """
    if facts.series is None:
        return []
    dead = {death.animal_id for death in facts.deaths}
    tampered: Flags = np.asarray(facts.series.tamper.any(axis=1))
    cold = _lies_cold(facts, facts.series, limits)
    of_loan: dict[LoanId, list[tuple[Track, datetime, bool]]] = {}
    for row in np.flatnonzero(tampered | cold).tolist():
        track = facts.tracks[row]
        if track.loan_id and track.animal_id not in dead:
            since = _since(facts, facts.series, row, limits)
            of_loan.setdefault(track.loan_id, []).append((track, since, bool(tampered[row])))
    return [_finding(facts, loan, removed, limits) for loan, removed in sorted(of_loan.items())]


def _lies_cold(facts: HerdFacts, series: HerdSeries, limits: TagRemovedLimits) -> Flags:
    """No step and the temperature of the air, in each of the last hours, against the wearer's own usual."""
    last = slice(-limits.still_h, None)
    steps, temp = series.steps.values[:, last], series.temp_c.values[:, last]
    usual = series.temp_c.usual[:, series.local_hours[last]]
    # NaN compares false, so an hour that was not measured proves nothing.
    still = (steps == 0).all(axis=1)
    cold = (temp <= _air(facts, series, limits)[last] + limits.near_air_c).all(axis=1)
    return np.asarray(still & cold & (temp <= usual - limits.below_usual_c).all(axis=1))


def _air(facts: HerdFacts, series: HerdSeries, limits: TagRemovedLimits) -> Floats:
    """Degrees of the air by the hour of the series; where nobody measures it, what the coolest of the herd feel."""
    air = np.full(series.hours, np.nan, np.float32)
    if facts.climate is not None:
        late = round((series.ends_at - facts.climate.ends_at) / timedelta(hours=1))
        for column in range(series.hours):
            hour = len(facts.climate.temp_c) - series.hours + column + late
            if 0 <= hour < len(facts.climate.temp_c):
                air[column] = facts.climate.temp_c[hour]
    last = np.arange(series.hours - limits.still_h, series.hours)
    for column in last[np.isnan(air[last])]:
        felt = series.temp_c.values[:, column]
        felt = felt[~np.isnan(felt)]
        if felt.size >= limits.mates:
            air[column] = felt.min()
    return air


def _since(facts: HerdFacts, series: HerdSeries, row: int, limits: TagRemovedLimits) -> datetime:
    """When the contact first opened for good, else when the last hours without a step began."""
    tamper = series.tamper[row]
    if not tamper.any():
        return series.ends_at - timedelta(hours=limits.still_h)
    return min(series.begins(int(np.flatnonzero(tamper)[0])) + timedelta(hours=1), facts.as_of)


def _finding(
    facts: HerdFacts, loan: LoanId, removed: list[tuple[Track, datetime, bool]], limits: TagRemovedLimits
) -> Finding:
    recent = sum(facts.as_of - since <= timedelta(hours=limits.within_h) for _, since, _ in removed)
    figures = {"removed": len(removed), "contact": sum(said for _, _, said in removed), "in_24_h": recent}
    since = min(since for _, since, _ in removed)
    return Finding(
        rule="tag_removed", severity=Severity.ORANGE if recent >= limits.several else Severity.YELLOW,
        farm_id=facts.farm.farm_id, loan_id=loan, subject=loan, as_of=facts.as_of, since=since,
        animals=tuple(track.animal_id for track, _, _ in removed),
        testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),), figures=figures,
    )  # fmt: skip
