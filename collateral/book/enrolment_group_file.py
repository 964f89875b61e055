"""A file of groups known by number, to be enrolled and pledged, checked row by row against what the book holds. Pure.

A row says how many head a group has: what is so already is unchanged, what differs is an update, and an empty cell says
nothing. Once a movement has changed a group, its head follows from movements alone: a file that says otherwise is told
to ask for one, or an old file would bring back what was sold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

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
from collateral.book.enrolment_table import GROUPS
from collateral.contract.spreadsheet import Line, RowFault
from collateral.model.herd import Species
from collateral.model.saying import say


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledGroup:
    """One group as the book has it, or is to have it. `pledged` of its head secure `loan_id`, each at `value_minor`.
    `elsewhere`: head that secure other loans than the one that is asked about. `has_moved`: movements have changed
    it."""

    group_id: str
    farm_id: str
    pen: str
    species: Species
    head: int
    weight_kg: float | None = None
    pledged: int = 0
    value_minor: int | None = None
    loan_id: str | None = None
    elsewhere: int = 0
    has_moved: bool = False


@dataclass(frozen=True, kw_only=True)
class KnownGroups:
    """What a file is checked against. `loan_id` None: groups are enrolled without being pledged. `pens` of the farm, by
    id and by name, as (id, species). `groups` of the whole bank, with their pledge to `loan_id`, or else to any loan.
    `may_name`: loans that the caller may be told of."""

    farm_id: str
    loan_id: str | None
    pens: dict[str, tuple[str, Species]]
    groups: dict[str, EnrolledGroup]
    may_name: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow(GoodRow):
    """What the group is to be."""

    group: EnrolledGroup


CheckedGroups = CheckedFile[GroupRow]


def names(lines: Iterable[Line]) -> set[str]:
    """The groups that a file names: what to look up before checking."""
    return {line.cells["group"] for line in lines if "group" in line.cells}


def check(lines: Iterable[Line], unread: Iterable[RowFault], known: KnownGroups) -> CheckedGroups:
    """Check what was read of a file; `unread`: its rows that are none (`enrolment_table.read`)."""
    faults = list(unread)
    rows: list[GroupRow] = []
    seen: dict[str, int] = {}
    for line in lines:
        wanted, found = _read_row(line, known)
        name = wanted.get("group_id")
        if name is not None and (first := seen.setdefault(name, line.number)) != line.number:
            found.append(fault(line, "group", Bad("twice", say("stands already in line {line}", line=first),
                                                 say("correct or remove one"))))  # fmt: skip
        if not found:
            found = list(_against_book(line, wanted, known))
        if found:
            faults += found
        else:
            rows.append(_row(line, wanted, known))
    return CheckedGroups(rows, sorted(faults, key=lambda f: f.line))


def _read_row(line: Line, known: KnownGroups) -> tuple[dict[str, Any], list[RowFault]]:
    faults = empty_cells(line, GROUPS.required, known)
    kind = cells.species(line.cells["species"]) if "species" in line.cells else None
    readers: dict[str, Any] = {
        "group": cells.name, "head": cells.head, "value": cells.value_minor, "species": cells.species,
    }  # fmt: skip
    if isinstance(kind, Species):
        readers |= {"pen": lambda text: pen_of(text, kind, known), "weight_kg": partial(cells.weight_kg, of=kind)}
    said = {"group": "group_id", "value": "value_minor"}
    wanted: dict[str, Any] = {}
    for column, read_as in readers.items():
        got = read_as(line.cells[column]) if column in line.cells else None
        if isinstance(got, Bad):
            faults.append(fault(line, column, got))
        elif got is not None:
            wanted[said.get(column, column)] = got
    return wanted, faults


def _against_book(line: Line, wanted: dict[str, Any], known: KnownGroups) -> Iterator[RowFault]:
    held = known.groups.get(wanted["group_id"])
    if held is None:
        return
    if held.farm_id != known.farm_id:
        yield fault(line, "group", Bad("other_farm", say("is a group of another farm"), say("choose another name")))
        return
    if held.species is not wanted["species"]:
        said = say("differs: the group is of {species}", species=held.species)
        yield fault(line, "species", Bad("other_species", said, say("correct it")))
    if known.loan_id is not None and held.loan_id is not None and held.loan_id != known.loan_id:
        yield fault(line, "group", pledged_to(held.loan_id, known))
    elif not held.has_moved:
        yield from _against_pledges(line, wanted, held, known)
    if held.has_moved:
        yield from _against_movements(line, wanted, held, known)


def _against_pledges(line: Line, wanted: dict[str, Any], held: EnrolledGroup, known: KnownGroups) -> Iterator[RowFault]:
    """All that is pledged of a group, to whichever loans, is there."""
    if known.loan_id is not None and wanted["head"]:
        if held.elsewhere:
            said = say("cannot all be pledged: {elsewhere} of them secure other loans", elsewhere=held.elsewhere)
            fix = say("import it without a loan, or have the others released first")
            yield fault(line, "head", Bad("over_pledged", said, fix))
        return
    pledged = held.elsewhere + (held.pledged if known.loan_id is not None else 0)
    if pledged > wanted["head"]:
        said = say("is less than the {pledged} head that are pledged", pledged=pledged)
        yield fault(line, "head", Bad("over_pledged", said, say("ask for a sale, death or release instead")))


def _against_movements(
    line: Line, wanted: dict[str, Any], held: EnrolledGroup, known: KnownGroups
) -> Iterator[RowFault]:
    ask = say("ask for a purchase, birth, sale, death or transfer instead")
    if wanted["head"] != held.head:
        said = say("differs from {head}, which the book has by its movements", head=held.head)
        yield fault(line, "head", Bad("moved", said, ask))
    if wanted["pen"] != held.pen:
        said = say("differs from {pen}, where its movements took place", pen=held.pen)
        yield fault(line, "pen", Bad("moved", said, ask))
    if known.loan_id is not None and not held.pledged and held.head:
        yield fault(line, "group", Bad("moved", say("was released by a movement"), say("pledge it by a purchase")))


def _row(line: Line, wanted: dict[str, Any], known: KnownGroups) -> GroupRow:
    held = known.groups.get(wanted["group_id"])
    if held is None:
        new = EnrolledGroup(farm_id=known.farm_id, loan_id=known.loan_id if wanted["head"] else None, **wanted)
        pledged = replace(new, pledged=new.head if new.loan_id else 0)
        return GroupRow(line=line.number, group=pledged, outcome=Outcome.NEW)
    group = replace(held, **wanted)
    if known.loan_id is not None and not held.has_moved:
        group = replace(group, pledged=group.head, loan_id=known.loan_id if group.head else None)
    changes = differences(held, group, ("pen", "head", "weight_kg", "pledged", "value_minor", "loan_id"))
    if known.loan_id is None or not group.pledged:
        changes.pop("value_minor", None)  # what is not pledged has no value in the book
    outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
    return GroupRow(line=line.number, group=group, outcome=outcome, changes=changes)
