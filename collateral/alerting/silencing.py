"""Planned work explains what it causes: for whom, where, how long, and what it can never explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from collateral.model.finding import Finding, Severity
from collateral.model.ids import AnimalId, FarmId, LoanId
from collateral.model.saying import Saying, say


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


@dataclass(frozen=True, slots=True)
class ApprovedHead:
    """Head of groups known by number that an approved movement of a loan lets go, and that have not left yet."""

    loan_id: LoanId
    head: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Planned work at a farm, from `start` to `end`, who says so and why.

    Empty `rules`: all that such work can cause. Empty `animals`: all; else only these are covered. `approved`: the
    animals of the approved movement that it belongs to. `by_number`: its head of groups; no names tell who they are, so
    they explain what names nobody, and no more than so many.
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
    by_number: ApprovedHead | None = None

    def refusal(self, now: datetime) -> Saying | None:
        """Why this may not be set at `now`, or None."""
        longest = LONGEST[self.work]
        if self.end <= max(self.start, now):
            return say("a silence ends after it begins, and in the future")
        if self.end - self.start > longest:
            hours = longest.total_seconds() / 3600
            return say("{work} may be silent for {hours:g} hours at most; ask for less", work=self.work, hours=hours)
        if foreign := sorted(self.rules - COVERS[self.work]):
            return say(
                "{work} cannot explain {foreign}; it covers: {covered}",
                work=self.work, foreign=foreign, covered=sorted(COVERS[self.work]),
            )  # fmt: skip
        if self.work is Work.PLANNED_MOVE and not (self.approved or (self.by_number and not self.animals)):
            return say(
                "a planned move needs the number of an approved movement of this farm that names its animals, "
                "or head of its groups that have not left yet; of these no single animals can be named"
            )
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
    if _is_of_number(silence, finding):
        return finding, None
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


def _is_of_number(silence: Silence, finding: Finding) -> bool:
    """Whether approved head of groups account for all that a finding tells of, which names nobody.

    What the book has excused already is part of what was approved, and is not explained a second time.
    """
    by_number = silence.by_number
    if by_number is None or silence.animals or finding.animals or finding.loan_id != by_number.loan_id:
        return False
    match finding.rule:
        case "count_gap":
            missing: int = finding.figures["short"] + finding.figures["excused"]
            return missing <= by_number.head
        case "planned_movement":
            return set(finding.figures["movements"]) == {silence.movement_id}
        case _:
            return False
