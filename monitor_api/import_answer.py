"""What an import says back."""

from __future__ import annotations

from datetime import date
from typing import Any

from collateral.book.enrolment_file import Checked, Outcome
from collateral.contract.ledger import ChangeShape, ImportAnswer, RowFaultShape
from collateral.contract.spreadsheet import RowFault, TableRefused
from collateral.store import pool
from monitor_api import import_animals
from monitor_api.tongues import spoken


def imported(connection: pool.Connection, data: bytes, wanted: import_animals.Wanted) -> ImportAnswer:
    """Import a file of animals and say what became of it. Raises ImportRefused."""
    try:
        return _answer(import_animals.run(connection, data, wanted), dry_run=wanted.dry_run)
    except TableRefused as error:
        return _refused(error.faults, dry_run=wanted.dry_run)


def _answer(checked: Checked, *, dry_run: bool) -> ImportAnswer:
    """A checked file as an answer: counts, every fault, every change."""
    return ImportAnswer(
        dry_run=dry_run, new=len(checked.of(Outcome.NEW)), updated=len(checked.of(Outcome.UPDATED)),
        unchanged=len(checked.of(Outcome.UNCHANGED)), bad=checked.bad_lines,
        faults=fault_shapes(checked.faults),
        changes=[
            ChangeShape(line=row.line, animal_id=row.animal.animal_id, column=c, before=_told(old), after=_told(new))
            for row in checked.rows for c, (old, new) in row.changes.items()
        ],
        counties_from=checked.counties_from,
    )  # fmt: skip


def _refused(faults: list[RowFault], *, dry_run: bool) -> ImportAnswer:
    """A file that is no table of animals."""
    return ImportAnswer(
        dry_run=dry_run, refused=True, new=0, updated=0, unchanged=0, bad=0, changes=[], counties_from="provinces",
        faults=fault_shapes(faults),
    )  # fmt: skip


def fault_shapes(faults: list[RowFault]) -> list[RowFaultShape]:
    """What is wrong with the rows of a file, in the language of the request."""
    return [
        RowFaultShape(line=f.line, column=f.column, value=f.value, code=f.code, why=spoken(f.why), fix=spoken(f.fix))
        for f in faults
    ]


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
