"""Shapes of the ledger over HTTP: importing animals, movement requests, the roll-forward. Amounts in minor units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from collateral.contract.http import Shape

KindWord = Literal["sale", "death", "birth", "purchase", "transfer", "substitution", "release"]
MOST_GROUPS = 500
MOST_HEAD = 1_000_000  # of one group; the largest pig farms of the world hold as many [I]
StepWord = Literal["approve", "refuse", "withdraw"]
DocumentWord = Literal[
    "quarantine_certificate", "disposal_record", "carcass_photo", "invoice", "tag_list", "birth_record",
    "release_consent", "proceeds_receipt",
]  # fmt: skip


class RowFaultShape(Shape):
    """What is wrong with one row of a file, and what to do. `code` is for translations."""

    line: int
    column: str
    value: str
    code: str
    why: str
    fix: str


class ChangeShape(Shape):
    line: int
    animal_id: str
    column: str
    before: str | float | None
    after: str | float | None


class ImportAnswer(Shape):
    """`counties_from`: configured, enrolled (those of the book), or provinces (no list: only provinces checked)."""

    dry_run: bool
    refused: bool = Field(default=False, description="The file is no table of animals; no row was looked at.")
    new: int
    updated: int
    unchanged: int
    bad: int
    faults: list[RowFaultShape]
    changes: list[ChangeShape]
    counties_from: Literal["configured", "enrolled", "provinces"]
    pledge_matches: int | None = Field(
        default=None, description="Animals of the loan that another bank holds too; null: not checked."
    )


class GroupChangeShape(Shape):
    line: int
    group_id: str
    column: str
    before: str | float | None
    after: str | float | None


class GroupImportAnswer(Shape):
    """What a file of groups is, or was, to the book."""

    dry_run: bool
    refused: bool = Field(default=False, description="The file is no table of groups; no row was looked at.")
    new: int
    updated: int
    unchanged: int
    bad: int
    faults: list[RowFaultShape]
    changes: list[GroupChangeShape]
    pledge_matches: int | None = Field(
        default=None, description="Animals of the loan that another bank holds too; null: not checked."
    )


class DocumentShape(Shape):
    """A paper: its number, or the SHA-256 of its file or photo, or both."""

    kind: DocumentWord
    number: str | None = Field(default=None, min_length=1, max_length=64)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    issued_on: date | None = None


class EntrantShape(Shape):
    """An enrolled animal that is to be pledged. `dam_id`, `born` and `tagged_on` are for births."""

    animal_id: str
    value_minor: int = Field(ge=0)
    dam_id: str | None = None
    born: date | None = None
    tagged_on: date | None = None


class GroupLeavingShape(Shape):
    """Head of a group known by number that leave. `to_group_id`: where a transfer takes them."""

    group_id: str
    head: int = Field(ge=1, le=MOST_HEAD)
    to_group_id: str | None = None


class GroupEnteringShape(Shape):
    """Head that come to a group and are pledged, each at `value_minor`."""

    group_id: str
    head: int = Field(ge=1, le=MOST_HEAD)
    value_minor: int = Field(ge=0)


class GroupHeadShape(Shape):
    group_id: str
    head: int = Field(ge=0, le=MOST_HEAD)


class GroupLine(Shape):
    """A group known by number. `head`: all of it by the book; `pledged` of them secure the loan that was asked about,
    each at `value_minor`; 0: none do."""

    group_id: str
    farm_id: str
    pen_id: str
    pen_name: str
    species: str
    head: int
    pledged: int
    value_minor: int


class MovementAsked(Shape):
    """Single animals, head of groups, or both. Each group is named once on a side."""

    loan_id: str
    kind: KindWord
    leaving: list[str] = Field(default=[], max_length=20_000)
    entering: list[EntrantShape] = Field(default=[], max_length=20_000)
    groups_leaving: list[GroupLeavingShape] = Field(default=[], max_length=MOST_GROUPS)
    groups_entering: list[GroupEnteringShape] = Field(default=[], max_length=MOST_GROUPS)
    to_pen_id: str | None = None
    window_from: datetime
    window_to: datetime
    reason: str = Field(min_length=1, max_length=500)
    documents: list[DocumentShape] = Field(default=[], max_length=20)


class DecisionAsked(Shape):
    note: str = Field(default="", max_length=500)


class ExecutionAsked(Shape):
    """What really happened. `left` None: all that were to leave. `groups` None: all head that were asked for; else so
    many of each group, and none of those that are not listed. `at` None: now."""

    left: list[str] | None = None
    groups: list[GroupHeadShape] | None = Field(default=None, max_length=2 * MOST_GROUPS)
    at: datetime | None = None


class ProceedsAsked(Shape):
    proceeds_minor: int = Field(ge=0)
    receipt_no: str = Field(min_length=1, max_length=64)


class MovementEventShape(Shape):
    at: datetime
    actor: str
    event: str
    note: str | None
    particulars: dict[str, Any]


class MovementSummary(Shape):
    """`leaving` and `entering` are head in all; so many of them `_by_number`, in groups."""

    request_id: int
    loan_id: str
    kind: KindWord
    state: Literal["requested", "approved", "refused", "withdrawn", "executed", "closed"]
    leaving: int
    entering: int
    leaving_by_number: int = 0
    entering_by_number: int = 0
    window_from: datetime
    window_to: datetime
    reason: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    executed_at: datetime | None
    closed_at: datetime | None
    proceeds_minor: int | None


class MovementDetail(Shape):
    """`objections`: what stands against approving it now, in plain words; empty: nothing. Once it is executed,
    `leaving` and the groups are what really moved."""

    summary: MovementSummary
    leaving: list[str]
    entering: list[EntrantShape]
    groups_leaving: list[GroupLeavingShape] = Field(default=[])
    groups_entering: list[GroupEnteringShape] = Field(default=[])
    to_pen_id: str | None
    documents: list[DocumentShape]
    events: list[MovementEventShape]
    objections: list[str]
    may_approve: bool


class RetagAsked(Shape):
    """The old tag ends and the new one begins at `at`; `ear_tag` where the official number changes too."""

    dev_eui: str | None = Field(default=None, pattern="^[0-9a-f]{16}$")
    ear_tag: str | None = Field(default=None, pattern="^[123][0-9]{14}$")
    at: datetime | None = None


class RollForwardShape(Shape):
    """opening + in - out = closing. `ties` False: `unexplained_*` name the animals and groups, `unexplained_head` says
    how many head each of them (above 0: came, below 0: gone), `contradicted` names the requests."""

    loan_id: str
    start: datetime
    end: datetime
    opening: int
    enrolled: int
    births: int
    purchases: int
    transfers_in: int
    substitutions_in: int
    sales: int
    deaths: int
    transfers_out: int
    substitutions_out: int
    releases: int
    closing: int
    difference: int
    ties: bool
    unexplained_in: list[str]
    unexplained_out: list[str]
    unexplained_head: dict[str, int] = Field(default={})
    contradicted: list[int]
