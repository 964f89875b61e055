"""What becomes of the rows of an enrolment file, of animals or of groups, and how it is said. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from collateral.book.enrolment_cells import Bad
from collateral.contract.spreadsheet import Line, RowFault
from collateral.model.herd import Species
from collateral.model.saying import say


class Outcome(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRow:
    """A row that can be taken, and what of it is new (column -> before, after)."""

    line: int
    outcome: Outcome
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


Good = TypeVar("Good", bound=GoodRow)


@dataclass(frozen=True)
class CheckedFile(Generic[Good]):
    """A whole file. `faults` in the order of lines; a line that has one is in no row."""

    rows: list[Good]
    faults: list[RowFault]

    def of(self, outcome: Outcome) -> list[Good]:
        """The rows of one outcome."""
        return [row for row in self.rows if row.outcome is outcome]

    @property
    def changed(self) -> list[Good]:
        """The rows that say anything new."""
        return [row for row in self.rows if row.outcome is not Outcome.UNCHANGED]

    @property
    def bad_lines(self) -> int:
        """How many rows cannot be taken."""
        return len({fault.line for fault in self.faults})


class KnownFarm(Protocol):
    """The farm that a file is for: `pens` by id and by name, as (id, species). `loan_id` None: nothing is pledged.
    `may_name`: loans that the caller may be told of."""

    @property
    def farm_id(self) -> str: ...
    @property
    def loan_id(self) -> str | None: ...
    @property
    def pens(self) -> dict[str, tuple[str, Species]]: ...
    @property
    def may_name(self) -> frozenset[str]: ...


def fault(line: Line, column: str, bad: Bad) -> RowFault:
    """A cell that cannot be taken."""
    return RowFault(line.number, column, line.cells.get(column, ""), bad.code, bad.why, bad.fix)


def empty_cells(line: Line, required: tuple[str, ...], known: KnownFarm) -> list[RowFault]:
    """What a row must hold and does not; a pledge needs a value."""
    empty = Bad("empty_cell", say("is empty"), say("fill it in"))
    needed = (*required, *(("value",) if known.loan_id else ()))
    return [fault(line, column, empty) for column in needed if column not in line.cells]


def pen_of(text: str, kind: Species, known: KnownFarm) -> str | Bad:
    """The id of a pen of the farm that is for a species."""
    pen = known.pens.get(text)
    if pen is None:
        there = sorted({pen_id for pen_id, _ in known.pens.values()})
        fix = say("write one of: {pens}", pens=there) if there else say("enrol the pens of the farm first")
        return Bad("pen", say("is no pen of farm {farm}", farm=known.farm_id), fix)
    if pen[1] is not kind:
        return Bad(
            "pen", say("is a pen for {species}", species=pen[1]), say("choose a pen for {species}", species=kind)
        )
    return pen[0]


def pledged_to(loan_id: str, known: KnownFarm) -> Bad:
    """What is said of what secures another loan."""
    other = say("loan {loan}", loan=loan_id) if loan_id in known.may_name else say("another loan of this bank")
    return Bad(
        "pledged", say("is already pledged to {loan}", loan=other), say("have it released there first, or leave it out")
    )


def differences(held: object, wanted: object, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """What of it is new: column -> before, after."""
    pairs = {name: (getattr(held, name), getattr(wanted, name)) for name in names}
    return {name: (before, after) for name, (before, after) in pairs.items() if before != after}
