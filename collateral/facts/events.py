"""What happened at a farm that is no reading: deaths, odd sightings of tags, checks of identity, patrols."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.model.herd import CameraCount
from collateral.model.ids import AnimalId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.place import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """One reported death. `confirmed_at`: photo, ear tag and disposal record (无害化处理) were seen; None until then.

    `animal_id` None: of a group known by number. `carcass_sha256` is the photo's hash. `tag_still_at`: since when the
    animal's own tag had shown no movement when the death was recorded; None if it did not, or has none.
    """

    animal_id: AnimalId | None
    group_id: str | None
    loan_id: LoanId | None
    pen_id: PenId
    died_at: datetime
    reported_at: datetime
    confirmed_at: datetime | None = None
    carcass_sha256: str | None = None
    disposal_ref: str | None = None
    tag_still_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LyingView:
    """How many of the animals that a camera saw in a pen at one moment lay, of how many that it could tell of."""

    camera_id: CameraId
    pen_id: PenId
    captured_at: datetime
    seen: int
    lying: int
    frame_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSighting:
    """A tag of this farm heard by a gateway, here or at another farm. Kept for tags that were heard at several farms
    within the last day. `frame_counter` and `session` are LoRaWAN's, None on other links."""

    tag_id: TagId
    farm_id: FarmId
    gateway_id: GatewayId
    position: Position
    heard_at: datetime
    frame_counter: int | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRegression:
    """A tag's frame counter went back without a join in between: a replay, a clone, or a server that lost its state."""

    tag_id: TagId
    at: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheck:
    """A muzzle or face comparison of one animal with its enrolment."""

    animal_id: AnimalId
    checked_at: datetime
    matched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """One supervisor's visit (巡查): where it was recorded, what was counted, which photos were filed."""

    patrol_id: str
    supervisor: str
    loan_id: LoanId
    due_at: datetime
    done_at: datetime | None
    position: Position | None
    counted: int | None
    book: int | None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A gateway heard nothing for an hour or longer, and is back: from its last sign to its next, in event time.

    `counts_before`: the newest known count of each of its cameras in the hour before. Readings that a tag kept through
    the outage and sent later do not shorten it.
    """

    gateway_id: GatewayId
    began_at: datetime
    ended_at: datetime
    counts_before: tuple[CameraCount, ...] = ()

    @property
    def lasted(self) -> timedelta:
        return self.ended_at - self.began_at
