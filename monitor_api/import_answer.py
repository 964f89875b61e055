"""What an import says back."""

from __future__ import annotations

from collateral.book.enrolment_file import Checked
from collateral.contract.ledger import ChangeShape, ImportAnswer
from collateral.contract.spreadsheet import RowFault, TableRefused
from collateral.store import pool
from monitor_api import import_animals
from monitor_api.import_file import Wanted, fault_shapes, figures, told


def imported(connection: pool.Connection, data: bytes, wanted: Wanted) -> ImportAnswer:
    """Import a file of animals and say what became of it. Raises ImportRefused."""
    try:
        return _answer(import_animals.run(connection, data, wanted), dry_run=wanted.dry_run)
    except TableRefused as error:
        return _refused(error.faults, dry_run=wanted.dry_run)


def _answer(checked: Checked, *, dry_run: bool) -> ImportAnswer:
    """A checked file as an answer: counts, every fault, every change."""
    return ImportAnswer(
        dry_run=dry_run, **figures(checked),
        changes=[
            ChangeShape(line=row.line, animal_id=row.animal.animal_id, column=c, before=told(old), after=told(new))
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
