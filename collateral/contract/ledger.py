"""Shapes of the ledger over HTTP: importing animals, movement requests, the roll-forward. Amounts in minor units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from collateral.contract.http import Shape

KindWord = Literal["sale", "death", "birth", "purchase", "transfer", "substitution", "release"]
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


class MovementAsked(Shape):
    loan_id: str
    kind: KindWord
    leaving: list[str] = Field(default=[], max_length=20_000)
    entering: list[EntrantShape] = Field(default=[], max_length=20_000)
    to_pen_id: str | None = None
    window_from: datetime
    window_to: datetime
    reason: str = Field(min_length=1, max_length=500)
    documents: list[DocumentShape] = Field(default=[], max_length=20)


class DecisionAsked(Shape):
    note: str = Field(default="", max_length=500)


class ExecutionAsked(Shape):
    """What really happened. `left` None: all that were to leave. `at` None: now."""

    left: list[str] | None = None
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
    request_id: int
    loan_id: str
    kind: KindWord
    state: Literal["requested", "approved", "refused", "withdrawn", "executed", "closed"]
    leaving: int
    entering: int
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
    """`objections`: what stands against approving it now, in plain words; empty: nothing."""

    summary: MovementSummary
    leaving: list[str]
    entering: list[EntrantShape]
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
    """opening + in - out = closing. `ties` False: `unexplained_*` name the animals, `contradicted` the requests."""

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
    contradicted: list[int]
