"""A file of animals to be enrolled and pledged, checked row by row against what the book holds (story A1). Pure.

Good rows are taken, bad ones are listed with line, column, value, reason and what to do. A row says what an animal is
to be: what is so already is unchanged, what differs is an update, and an empty cell says nothing. What a movement has
released or brought elsewhere, an older file does not undo.

Counties: the first two digits must be a province's. The whole code must be one of `Known.counties`: the list that the
bank has set, or, failing that, the counties of the animals that it has enrolled already. A new bank has neither, and
then only the province is checked; the answer says which of these it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from collateral.book import enrolment_cells as cells
from collateral.book.enrolment_cells import Bad
from collateral.book.enrolment_rows import (
    CheckedFile,
    GoodRow,
    Outcome,
    differences,
    empty_cells,
    fault,
    pen_of,
    pledged_to,
)
from collateral.book.enrolment_table import ANIMALS
from collateral.contract.spreadsheet import Line, RowFault
from collateral.model.herd import AnimalStatus, Species
from collateral.model.saying import say

CountySource = Literal["configured", "enrolled", "provinces"]
CELLS = ("pen", "breed", "born", "weight_kg", "value_minor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """One animal as the book has it, or is to have it. `loan_id` None: not pledged. `has_moved`: a movement has brought
    it where it is. `released_from`: loans that it once secured."""

    animal_id: str
    ear_tag: str
    farm_id: str
    pen: str
    species: Species
    status: AnimalStatus = AnimalStatus.PRESENT
    rfid: str | None = None
    dev_eui: str | None = None
    breed: str | None = None
    born: date | None = None
    weight_kg: float | None = None
    value_minor: int | None = None
    loan_id: str | None = None
    has_moved: bool = False
    released_from: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a file is checked against. `loan_id` None: animals are enrolled without being pledged.

    `animals` by every ear tag that they bear or bore, of the whole bank; `rfids` and `euis` say which animal bears
    them; `pens` of the farm, by id and by name, as (id, species). `may_name`: loans that the caller may be told of.
    """

    farm_id: str
    loan_id: str | None
    pens: dict[str, tuple[str, Species]]
    counties: frozenset[str]
    counties_from: CountySource
    animals: dict[str, Enrolled]
    rfids: dict[str, str]
    euis: dict[str, str]
    may_name: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(GoodRow):
    """What the animal is to be."""

    animal: Enrolled


@dataclass(frozen=True)
class Checked(CheckedFile[Row]):
    """A whole file, and which counties it was held against."""

    counties_from: CountySource


def numbers(lines: Sequence[Line]) -> tuple[set[str], set[str], set[str]]:
    """Ear tags, RFIDs and DevEUIs that a file names, as far as they can be read: what to look up before checking."""
    tags = {line.cells.get("ear_tag", "").replace("-", "").replace(" ", "") for line in lines}
    rfids = {line.cells.get("rfid", "").replace(" ", "") for line in lines}
    euis = {found for line in lines if isinstance(found := cells.dev_eui(line.cells.get("dev_eui", "")), str)}
    return tags - {""}, rfids - {""}, euis


def check(lines: Iterable[Line], unread: Iterable[RowFault], known: Known, today: date) -> Checked:
    """Check what was read of a file; `unread`: its rows that are none (`enrolment_table.read`)."""
    faults = list(unread)
    rows: list[Row] = []
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        wanted, found = _read_row(line, known, today)
        found += list(_twice(line, wanted, seen))
        if not found:
            found = list(_against_book(line, wanted, known))
        if found:
            faults += found
        else:
            rows.append(_row(line, wanted, known))
    return Checked(rows, sorted(faults, key=lambda f: f.line), known.counties_from)


def _read_row(line: Line, known: Known, today: date) -> tuple[dict[str, Any], list[RowFault]]:
    """The row's values by column, and what is wrong with single cells."""
    said = line.cells
    faults: list[RowFault] = []

    def take(column: str, read_as: Any, *, name: str = "") -> None:
        if column in said:
            got = read_as(said[column])
            if isinstance(got, Bad):
                faults.append(fault(line, column, got))
            else:
                wanted[name or column] = got

    wanted: dict[str, Any] = {}
    faults += empty_cells(line, ANIMALS.required, known)
    take("species", cells.species)
    kind = wanted.get("species")
    if kind is not None:
        take("ear_tag", lambda text: cells.ear_tag(text, kind, known.counties))
        take("weight_kg", lambda text: cells.weight_kg(text, kind))
        take("pen", lambda text: pen_of(text, kind, known))
    take("rfid", cells.rfid)
    take("dev_eui", cells.dev_eui)
    take("breed", str)
    take("born", lambda text: cells.born(text, today))
    take("value", cells.value_minor, name="value_minor")
    return wanted, faults


def _twice(line: Line, wanted: dict[str, Any], seen: dict[tuple[str, str], int]) -> Iterator[RowFault]:
    """A number that an earlier row has already. The first row keeps it."""
    for column in ("ear_tag", "rfid", "dev_eui"):
        if column in wanted:
            first = seen.setdefault((column, wanted[column]), line.number)
            if first != line.number:
                said = Bad("twice", say("stands already in line {line}", line=first),
                           say("read both animals again, correct or remove one"))  # fmt: skip
                yield fault(line, column, said)


def _against_book(line: Line, wanted: dict[str, Any], known: Known) -> Iterator[RowFault]:
    held = known.animals.get(wanted["ear_tag"])
    if held is not None and (bad := _unfit(held, wanted["ear_tag"], known)):
        yield fault(line, "ear_tag", bad)  # what else differs then follows from this
        return
    if held is not None and held.has_moved and wanted["pen"] != held.pen:
        why = say("differs from {pen}, where a movement brought it", pen=held.pen)
        yield fault(line, "pen", Bad("moved", why, say("ask for a transfer instead")))
    for column, bearers in (("rfid", known.rfids), ("dev_eui", known.euis)):
        number, before = wanted.get(column), getattr(held, column) if held else None
        bearer = bearers.get(number) if number else None
        if number and before and before != number:
            said = Bad("other_number", say("differs from {number}, which the animal bears", number=before),
                       say("book a retagging first"))  # fmt: skip
            yield fault(line, column, said)
        elif bearer is not None and bearer != (held.animal_id if held else None):
            said = Bad("borne", say("is borne by another animal"), say("read it again, or retag that one"))
            yield fault(line, column, said)


def _unfit(held: Enrolled, number: str, known: Known) -> Bad | None:
    """Why an animal that the book has cannot be enrolled here now."""
    if held.ear_tag != number:
        return Bad("replaced", say("was replaced by {number}", number=held.ear_tag), say("write the new number"))
    if held.loan_id is not None and held.loan_id != known.loan_id:
        return pledged_to(held.loan_id, known)
    if held.status is not AnimalStatus.PRESENT:
        return Bad("gone", say("is {status} by the book", status=held.status), say("read the ear tag again"))
    if held.farm_id != known.farm_id:
        return Bad("other_farm", say("is enrolled on another farm"), say("book a transfer first"))
    if held.loan_id is None and known.loan_id in held.released_from:
        # An old file would pledge anew what was released; a purchase says that it is meant.
        return Bad("moved", say("was released by a movement"), say("pledge it by a purchase"))
    return None


def _row(line: Line, wanted: dict[str, Any], known: Known) -> Row:
    held = known.animals.get(wanted["ear_tag"])
    if held is None:
        animal = Enrolled(animal_id=wanted["ear_tag"], farm_id=known.farm_id, loan_id=known.loan_id, **wanted)
        return Row(line=line.number, animal=animal, outcome=Outcome.NEW)
    animal = replace(held, **wanted, loan_id=known.loan_id or held.loan_id)
    changes = differences(held, animal, (*CELLS, "rfid", "dev_eui", "loan_id"))
    if known.loan_id is None:
        changes.pop("value_minor", None)  # an animal that is not pledged has no value in the book
    outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
    return Row(line=line.number, animal=animal, outcome=outcome, changes=changes)
