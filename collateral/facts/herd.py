"""What a rule sees: one farm at one moment, read-only. Gathered by `collateral.store.facts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from collateral.facts.events import CounterRegression, Death, IdentityCheck, LyingView, Outage, Patrol, TagSighting
from collateral.facts.loan import InsurancePolicy
from collateral.facts.outside import newest_run
from collateral.facts.series import Climate, HerdSeries
from collateral.model.herd import CameraCount, Farm, Pen
from collateral.model.ids import AnimalId, CameraId, GatewayId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement
from collateral.model.reading import Fix

POSITIVE_WITHIN = timedelta(hours=24)  # evidence older than this does not count towards coverage


@dataclass(frozen=True)
class Track:
    """One animal: its tag if it wears one, when it was last heard, by which gateway, and its newest fixes, oldest
    first."""

    animal_id: AnimalId
    identity: str
    tag_id: TagId | None
    pen: Pen
    loan_id: LoanId | None
    value_minor: int
    interval_s: int
    gateway_id: GatewayId | None
    last_seen_at: datetime | None
    fixes: tuple[Fix, ...]

    @cached_property
    def outside_run(self) -> tuple[Fix, ...]:
        """The newest unbroken run of fixes beyond the fence by more than the buffer and the fix's own error."""
        return newest_run(self.pen.fence, self.fixes)

    @property
    def is_outside(self) -> bool:
        """Two consecutive fixes outside: one alone is noise."""
        return len(self.outside_run) >= 2

    def is_evidenced(self, as_of: datetime) -> bool:
        """Heard within the last day, and not from outside its fence."""
        return self.last_seen_at is not None and as_of - self.last_seen_at <= POSITIVE_WITHIN and not self.is_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgedGroup:
    """Animals pledged by number in one pen. `free`: head of the same group beside them that secure no loan.

    `moved`: head that came to the group (above 0) or left it (below 0) by executed movements, whichever loan they were
    for, within the last 31 days, oldest first.
    """

    group_id: str
    pen: Pen
    loan_id: LoanId
    head: int
    value_per_head_minor: int
    free: int = 0
    moved: tuple[tuple[datetime, int], ...] = ()

    def came_since(self, moment: datetime) -> int:
        """How many more there should be than at a moment; below 0: fewer."""
        return sum(head for at, head in self.moved if at > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """`last_heard_at`: newest status or reading. `oldest_unsent_at`: from when on its readings are still waiting."""

    gateway_id: GatewayId
    heartbeat_s: int
    last_heard_at: datetime | None
    said_offline: bool
    oldest_unsent_at: datetime | None

    def is_silent(self, as_of: datetime) -> bool:
        """More than two heartbeats missed, or it said goodbye."""
        if self.last_heard_at is None:
            return True
        return self.said_offline or as_of - self.last_heard_at > timedelta(seconds=2 * self.heartbeat_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraState:
    """A camera and its newest counts, oldest first. `usual_share`: what it usually counts of each head evidenced in its
    pen (some counters miss 6-8 % at all times); None: not learnt yet."""

    camera_id: CameraId
    pen_id: PenId
    gateway_id: GatewayId
    interval_s: int
    counts: tuple[CameraCount, ...]
    usual_share: float | None = None


@dataclass(frozen=True)
class HerdFacts:
    """One farm as of one moment of event time.

    `series` holds the hourly columns, row i of `tracks[i]`; None where no rule on measurements can be asked. `deaths`
    reach back 14 days, `sightings` and `counter_regressions` one day, `checks`, `inspections` and `patrols` 30,
    `outages` that have ended seven, `lying` three. `policies`: the insurance policies of each loan.
    """

    farm: Farm
    as_of: datetime
    tracks: tuple[Track, ...]
    groups: tuple[PledgedGroup, ...]
    gateways: tuple[GatewayState, ...]
    cameras: tuple[CameraState, ...]
    movements: tuple[Movement, ...]
    series: HerdSeries | None = None
    climate: Climate | None = None
    deaths: tuple[Death, ...] = ()
    sightings: tuple[TagSighting, ...] = ()
    counter_regressions: tuple[CounterRegression, ...] = ()
    checks: tuple[IdentityCheck, ...] = ()
    inspections: tuple[InspectionResult, ...] = ()
    patrols: tuple[Patrol, ...] = ()
    outages: tuple[Outage, ...] = ()
    lying: tuple[LyingView, ...] = ()
    policies: Mapping[LoanId, tuple[InsurancePolicy, ...]] = field(default_factory=dict, hash=False)

    @cached_property
    def loans(self) -> tuple[LoanId, ...]:
        """The loans that this farm's animals secure, in order."""
        found = {t.loan_id for t in self.tracks if t.loan_id} | {g.loan_id for g in self.groups}
        return tuple(sorted(found))

    @cached_property
    def of_loan(self) -> dict[LoanId, tuple[Track, ...]]:
        """The pledged animals by loan, each in the order of `tracks`."""
        found: dict[LoanId, list[Track]] = {loan: [] for loan in self.loans}
        for track in self.tracks:
            if track.loan_id:
                found[track.loan_id].append(track)
        return {loan: tuple(tracks) for loan, tracks in found.items()}

    @cached_property
    def of_pen(self) -> dict[PenId, tuple[Track, ...]]:
        """All animals by pen, pledged or not."""
        found: dict[PenId, list[Track]] = {}
        for track in self.tracks:
            found.setdefault(track.pen.pen_id, []).append(track)
        return {pen: tuple(tracks) for pen, tracks in found.items()}

    @cached_property
    def row_of(self) -> dict[AnimalId, int]:
        """Which row of `series` an animal has."""
        return {track.animal_id: row for row, track in enumerate(self.tracks)}

    @cached_property
    def silent_gateways(self) -> frozenset[GatewayId]:
        return frozenset(g.gateway_id for g in self.gateways if g.is_silent(self.as_of))

    @cached_property
    def judged_until(self) -> dict[GatewayId, datetime]:
        """Up to when the absence of readings means something, per gateway: a backlog hides what follows it."""
        return {g.gateway_id: min(self.as_of, g.oldest_unsent_at or self.as_of) for g in self.gateways}

    def may_leave(self, animal: AnimalId) -> bool:
        """Whether an approved movement lets this animal leave now."""
        return any(animal in m.animal_ids and m.start <= self.as_of <= m.end for m in self.movements)
