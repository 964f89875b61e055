"""What an import says back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from collateral.book.enrolment_file import Checked, Outcome
from collateral.book.enrolment_table import RowFault
from collateral.contract.ledger import ChangeShape, ImportAnswer, RowFaultShape


def answer(checked: Checked, *, dry_run: bool) -> ImportAnswer:
    """A checked file as an answer: counts, every fault, every change."""
    return ImportAnswer(
        dry_run=dry_run, new=len(checked.of(Outcome.NEW)), updated=len(checked.of(Outcome.UPDATED)),
        unchanged=len(checked.of(Outcome.UNCHANGED)), bad=checked.bad_lines,
        faults=[RowFaultShape(**asdict(fault)) for fault in checked.faults],
        changes=[
            ChangeShape(line=row.line, animal_id=row.animal.animal_id, column=c, before=_told(old), after=_told(new))
            for row in checked.rows for c, (old, new) in row.changes.items()
        ],
        counties_from=checked.counties_from,
    )  # fmt: skip


def refused(faults: list[RowFault], *, dry_run: bool) -> ImportAnswer:
    """A file that is no table of animals."""
    return ImportAnswer(
        dry_run=dry_run, refused=True, new=0, updated=0, unchanged=0, bad=0, changes=[], counties_from="provinces",
        faults=[RowFaultShape(**asdict(fault)) for fault in faults],
    )  # fmt: skip


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
