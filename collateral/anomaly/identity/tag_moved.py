"""A tag that now hangs on another animal: its wearer's life has changed, and its face does not match (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from collateral.facts.events import IdentityCheck
from collateral.facts.herd import HerdFacts, Track
from collateral.facts.series import Channel, Floats, HerdSeries
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMovedLimits:
    """`slack`, `reach`: of the cumulative sum, in the wearer's own deviations. Hours correlate, so both are larger than
    for independent ones: of 300 healthy made-up animals 1 % reach so far by activity and 2 % by temperature [I].
    `mates`: fewer have no common mode to take out (anomaly.md)."""

    slack: float = 1.0
    reach: float = 15.0
    mates: int = 8


LIMITS = TagMovedLimits()


def tag_moved(facts: HerdFacts, limits: TagMovedLimits = LIMITS) -> list[Finding]:
    """A muzzle or face check failed, and the wearer's activity or temperature took a step away from its own usual.

    Cause: tag taken off a pledged animal and put on another. Denominator: pledged head with a failed check. Window:
    72 hours for the step, 30 days for the check. Minimum sample: a usual day of seven days; one failed check, newer
    than any that matched. Suppressed: what the whole herd does at once; either sign alone, since 12 % of honest muzzle
    checks fail. Source: R10 (true positive rate of muzzles 88 %).
    """
    if facts.series is None:
        return []
    of_loan: dict[LoanId, list[tuple[Track, IdentityCheck, float]]] = {}
    residuals = None
    for check in _failed(facts).values():
        row = facts.row_of.get(check.animal_id)
        if row is None or not (track := facts.tracks[row]).loan_id:
            continue
        residuals = residuals or [
            _residual(c, facts.series, limits) for c in (facts.series.activity, facts.series.temp_c)
        ]
        step = max(_cusum(residual[row], limits.slack) for residual in residuals)
        if step >= limits.reach:
            of_loan.setdefault(track.loan_id, []).append((track, check, step))
    return [_finding(facts, loan, moved) for loan, moved in sorted(of_loan.items())]


def _failed(facts: HerdFacts) -> dict[AnimalId, IdentityCheck]:
    """The newest check of each animal, where it failed."""
    newest = {check.animal_id: check for check in sorted(facts.checks, key=lambda c: c.checked_at)}
    return {animal: check for animal, check in sorted(newest.items()) if not check.matched}


def _residual(channel: Channel, series: HerdSeries, limits: TagMovedLimits) -> Floats:
    """What is unusual for each animal and not shared by its herd, in its own deviations; NaN where unknown."""
    against_usual = channel.values - channel.usual[:, series.local_hours]
    known = np.count_nonzero(~np.isnan(against_usual), axis=0)
    shared = np.zeros(series.hours, np.float32)
    enough = known >= limits.mates
    if enough.any():
        shared[enough] = np.nanmedian(against_usual[:, enough], axis=0)
    spread = np.where(channel.spread > 0, channel.spread, np.nan)
    return np.asarray((against_usual - shared) / spread[:, None], np.float32)


def _cusum(residual: Floats, slack: float) -> float:
    """The highest that the two-sided cumulative sum of one animal's hours gets."""
    up = down = highest = 0.0
    for value in residual[~np.isnan(residual)].tolist():
        up, down = max(0.0, up + value - slack), max(0.0, down - value - slack)
        highest = max(highest, up, down)
    return highest


def _finding(facts: HerdFacts, loan: LoanId, moved: list[tuple[Track, IdentityCheck, float]]) -> Finding:
    checked: datetime = min(check.checked_at for _, check, _ in moved)
    figures = {"moved": len(moved), "step": round(max(step for _, _, step in moved), 1)}
    return Finding(
        rule="tag_moved", severity=Severity.YELLOW, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan,
        as_of=facts.as_of, since=checked, animals=tuple(track.animal_id for track, _, _ in moved),
        testimonies=(
            Testimony(witness=Witness.PHYSICAL, since=checked, particulars={"failed_checks": len(moved)}),
            Testimony(witness=Witness.TAG, since=facts.as_of, particulars=figures),
        ),
        figures=figures,
    )  # fmt: skip
