"""Shapes of kept reconciliations over HTTP: book x tags x camera x last physical count, pen by pen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from collateral.contract.http import Count, Shape

UnseenState = Literal["outside", "long", "recent", "dark", "excused"]


class PhysicalShape(Shape):
    """Head of the book that the last passed inspection found; `sigma` in head, aged to the snapshot's moment."""

    found: int
    sigma: float
    counted_at: datetime


class PenReconciliation(Shape):
    """One pen. `physical` null: not inspected. `excused`: accounted for by approved movements and reported deaths."""

    pen_id: str
    pen_name: str
    farm_id: str
    as_of: datetime
    book: int
    tagged: int
    tags_seen: int
    evidenced: int
    excused: int
    camera: Count
    physical: int | None
    estimate: Count
    coverage: float
    value_minor: int


class UnseenLine(Shape):
    """A pledged animal not evidenced for a day. `age_h` null: never heard, or longer ago than is looked back. `state`:
    last heard outside its fence; silent for over three days (long) or less (recent) though its gateway listens; its
    gateway could not hear it, or it wears no tag (dark); accounted for (excused)."""

    animal_id: str
    identity: str
    tag_id: str | None
    pen_id: str
    last_seen_at: datetime | None
    age_h: float | None
    state: UnseenState
    value_minor: int


class Reconciliation(Shape):
    """One loan at one moment. `chance_short`: that any head is missing beyond those excused; null in old snapshots.
    `shortfall_proved`: even the upper end of the estimate lies below what should be there. `pens_as_of`: the pens and
    the unseen are kept for the newest snapshot of an hour."""

    loan_id: str
    as_of: datetime
    book: int
    tags_seen: int
    excused: int
    camera: Count
    physical: PhysicalShape | None
    estimate: Count
    short: int
    shortfall_proved: bool
    chance_short: float | None
    coverage: float
    value_minor: int
    pens_as_of: datetime | None
    pens: list[PenReconciliation]
    unseen: list[UnseenLine]
    unseen_total: int


class PenCourse(Shape):
    """How one pen's figures went, oldest first."""

    loan_id: str
    pen_id: str
    points: list[PenReconciliation]
