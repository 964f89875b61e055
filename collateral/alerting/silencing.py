"""Planned work explains what it causes: for whom, where, how long, and what it can never explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from collateral.model.finding import Finding, Severity
from collateral.model.ids import AnimalId, FarmId, LoanId


class Work(StrEnum):
    """转群出栏, 产犊, 诊疗, 换标, 检修."""

    PLANNED_MOVE = "planned_move"
    CALVING = "calving"
    TREATMENT = "treatment"
    RETAGGING = "retagging"
    MAINTENANCE = "maintenance"


LONGEST: dict[Work, timedelta] = {
    Work.PLANNED_MOVE: timedelta(days=2),
    Work.CALVING: timedelta(days=14),
    Work.TREATMENT: timedelta(days=7),
    Work.RETAGGING: timedelta(days=3),
    Work.MAINTENANCE: timedelta(hours=12),
}
"""No silence lasts longer [I]; what lasts longer is asked for anew, by somebody who looks again."""

COVERS: dict[Work, frozenset[str]] = {
    Work.PLANNED_MOVE: frozenset({
        "left_fence", "group_removal", "count_gap", "tag_silence", "counted_twice", "tag_moved", "planned_movement",
    }),
    Work.CALVING: frozenset({
        "calving", "oestrus", "fever", "suspected_death", "feed_stop", "low_activity", "outbreak",
    }),
    Work.TREATMENT: frozenset({"fever", "suspected_death", "feed_stop", "low_activity", "outbreak", "left_fence"}),
    Work.RETAGGING: frozenset({"tag_removed", "tag_silence", "tag_moved", "tag_cloned", "suspected_death"}),
    Work.MAINTENANCE: frozenset({
        "gateway_silence", "farm_blackout", "tag_silence", "camera_blinded", "camera_replayed", "fleet_decay",
    }),
}  # fmt: skip
"""What each kind of work can cause [I]; it silences nothing else."""

ONLY_APPROVED = "group_removal"
"""Red, it is silenced for the animals of an approved movement alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Planned work at a farm, from `start` to `end`, who says so and why.

    Empty `rules`: all that such work can cause. Empty `animals`: all; else only these are covered. `approved`: the
    animals of the approved movement that it belongs to.
    """

    silence_id: int
    work: Work
    farm_id: FarmId
    start: datetime
    end: datetime
    by: str
    why: str
    loan_id: LoanId | None = None
    rules: frozenset[str] = frozenset()
    animals: frozenset[AnimalId] = frozenset()
    movement_id: str | None = None
    approved: frozenset[AnimalId] = frozenset()

    def refusal(self, now: datetime) -> str | None:
        """Why this may not be set at `now`, or None."""
        longest = LONGEST[self.work]
        if self.end <= max(self.start, now):
            return "a silence ends after it begins, and in the future"
        if self.end - self.start > longest:
            return f"{self.work} may be silent for {longest.total_seconds() / 3600:g} hours at most; ask for less"
        if foreign := sorted(self.rules - COVERS[self.work]):
            return f"{self.work} cannot explain {', '.join(foreign)}; it covers: {', '.join(sorted(COVERS[self.work]))}"
        if self.work is Work.PLANNED_MOVE and not self.approved:
            return "a planned move needs the number of an approved movement of this farm that names its animals"
        return None


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be told of, and what was silenced, each with its silence."""

    audible: list[Finding]
    silenced: list[tuple[Finding, Silence]]


def hear(findings: list[Finding], silences: list[Silence], now: datetime) -> Heard:
    """Findings divided by the silences of this moment. A finding that names more animals than are covered is told of
    for the others."""
    heard = Heard([], [])
    present = [s for s in silences if s.start <= now < s.end]
    for finding in findings:
        rest: Finding | None = finding
        for silence in present:
            if rest is not None and _is_about(silence, rest):
                covered, rest = _divided(rest, silence)
                heard.silenced.extend([(covered, silence)] if covered else [])
        if rest is not None:
            heard.audible.append(rest)
    return heard


def _is_about(silence: Silence, finding: Finding) -> bool:
    return (
        finding.farm_id == silence.farm_id
        and finding.rule in (silence.rules or COVERS[silence.work])
        and silence.loan_id in {None, finding.loan_id}
    )


def _divided(finding: Finding, silence: Silence) -> tuple[Finding | None, Finding | None]:
    """What the silence covers of a finding, and what it leaves."""
    only = silence.animals
    if finding.rule == ONLY_APPROVED and finding.severity is Severity.RED:
        if not silence.approved:
            return None, finding
        only = silence.approved
    if silence.work is Work.PLANNED_MOVE:
        only = (only or silence.approved) & silence.approved
    elif not only:
        return finding, None
    inside = tuple(a for a in finding.animals if a in only)
    outside = tuple(a for a in finding.animals if a not in only)
    if not finding.animals or not inside:
        return None, finding
    covered = replace(finding, animals=inside)
    return covered, replace(finding, animals=outside) if outside else None
