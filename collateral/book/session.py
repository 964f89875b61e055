"""What is recorded in a count session (盘点): the plan, tag reads, heads, photographs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, TagId
from collateral.model.place import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """What is to be counted, and from when until when nothing may move between pens (freeze window)."""

    session_id: str
    loan_id: LoanId
    farm_id: FarmId
    pens: tuple[PenId, ...]
    opened_at: datetime
    opened_by: str
    freeze_from: datetime
    freeze_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRead:
    """A tag read in a pen. `reader`: the device; `position`: where it was, when it knew."""

    pen_id: PenId
    tag_id: TagId
    read_at: datetime
    reader: str
    position: Position | None = None


class CountedBy(StrEnum):
    """What counted the heads of a pen."""

    EYE = "eye"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionHeads:
    """Heads of one pen, counted once. `frame_sha256`: of the camera's picture."""

    pen_id: PenId
    heads: int
    counted_at: datetime
    counted_by: CountedBy
    frame_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPhoto:
    """A photograph of a sampled animal. `matches`: whether animal and tag on it are the enrolled ones."""

    tag_id: TagId
    sha256: str
    taken_at: datetime
    matches: bool
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSession:
    """One session as recorded so far. `sample` None: not drawn yet."""

    plan: SessionPlan
    reads: tuple[SessionRead, ...] = ()
    heads: tuple[SessionHeads, ...] = ()
    sample: tuple[TagId, ...] | None = None
    photos: tuple[SessionPhoto, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """What the book has in the pens of a session. `pledged`: tag to animal, of this loan; where an animal wears no tag
    its official number. `enrolled`: all tags of the farm. `names`: official number to tag, for readers that read it.
    `by_number`: head of groups known by number, whatever they secure, per pen. `booked_in`: the pen in which the book
    has each pledged tag. `pen_names`: as people know them."""

    pledged: Mapping[TagId, AnimalId]
    enrolled: frozenset[TagId] = frozenset()
    names: Mapping[str, TagId] = field(default_factory=dict)
    by_number: Mapping[PenId, int] = field(default_factory=dict)
    booked_in: Mapping[TagId, PenId] = field(default_factory=dict)
    pen_names: Mapping[PenId, str] = field(default_factory=dict)
