"""Shapes of the pledge check among banks and of blocked drawdowns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from collateral.contract.http import Shape
from collateral.contract.ledger import RowFaultShape

BlockWord = Literal["standing", "override_asked", "overridden", "lifted"]


class MatchShape(Shape):
    """One of ours that another bank lists too. `scheme` farm: only farm, species and time agree. `partner` is the
    bank's code; its customer is not known here. `identity`: the number of ours that matched."""

    scheme: str = Field(description="cn-tag, iso-11784 or farm.")
    subject: str
    identity: str
    partner: str
    listed_on: date
    found_at: datetime
    heard_at: datetime | None
    overridden: bool


class PledgeCheckAnswer(Shape):
    """`partners`: whose lists were compared; `unchecked`: whose newest list is of another round. `exact_animals`
    counts each animal once, however many of its numbers match."""

    loan_id: str
    partners: list[str]
    unchecked: list[str]
    exact_animals: int
    exact: list[MatchShape]
    manual: list[MatchShape] = Field(description="Same farm, species and time: for a person to look into.")
    drawdown_allowed: bool


class PartnerListAnswer(Shape):
    """`stored` False: a dry run, a list with faults only, or a file that was there already."""

    partner: str
    round: str
    as_of: date
    dry_run: bool
    refused: bool
    stored: bool
    rows: int
    faults: list[RowFaultShape]
    loans_matched: list[str]
    exact_animals: int


class PartnerShape(Shape):
    """The newest list of another bank. `rows`: animals and farms on it. `comparable` False: it is of another round than
    this bank's key, so nothing of it was compared."""

    partner: str
    round: str
    as_of: date
    rows: int
    imported_by: str
    imported_at: datetime
    comparable: bool


class MatchedLoan(Shape):
    """A loan with matches or a block. `manual`: farms of ours that agree in species and time only. `state` null: it was
    never barred."""

    loan_id: str
    exact_animals: int
    manual: int
    partners: list[str]
    allowed: bool
    state: BlockWord | None


class PledgeOverview(Shape):
    """How the check among banks stands. `round` null: this bank takes no part. `may_exchange`: whether the caller may
    make this bank's list and take others'."""

    round: str | None
    may_exchange: bool
    partners: list[PartnerShape]
    loans: list[MatchedLoan]


class BlockEventShape(Shape):
    at: datetime
    actor: str
    event: str
    note: str | None
    particulars: dict[str, Any]


class DrawdownAnswer(Shape):
    """Whether a loan may be drawn on. `may_*`: what the caller may do about a block now."""

    loan_id: str
    allowed: bool
    cause: str | None
    state: BlockWord | None
    animals: int
    partners: list[str]
    asked_by: str | None
    confirmed_by: str | None
    may_ask: bool
    may_confirm: bool
    events: list[BlockEventShape]


class OverrideAsked(Shape):
    reason: str = Field(min_length=10, max_length=1000)
