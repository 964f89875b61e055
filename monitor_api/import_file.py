"""What importing any file from a farm takes, of animals or of groups: for whom it is, what it says back, its record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from collateral.book.enrolment_rows import CheckedFile, Good, Outcome
from collateral.contract.ledger import RowFaultShape
from collateral.contract.spreadsheet import RowFault
from collateral.model.saying import Refusal, say
from collateral.store import enrolment_files, pool
from monitor_api.tongues import spoken


class ImportRefused(Refusal):
    """Farm and loan do not fit; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to import for whom. `may_name` None: every loan may be named. `counties` empty: those of the book."""

    farm_id: str
    loan_id: str | None
    actor: str
    now: datetime
    dry_run: bool
    counties: frozenset[str] = frozenset()
    may_name: frozenset[str] | None = None


def fit(connection: pool.Connection, wanted: Wanted) -> None:
    """That farm and loan are there, and of one branch. Raises ImportRefused."""
    branch = enrolment_files.branch_of_farm(connection, wanted.farm_id)
    if branch is None:
        raise ImportRefused(say("there is no farm {farm}; enrol it first, or correct the name", farm=wanted.farm_id))
    if wanted.loan_id is None:
        return
    owner = enrolment_files.branch_of_loan(connection, wanted.loan_id)
    if owner is None:
        raise ImportRefused(say("there is no loan {loan}; enrol it first, or correct the name", loan=wanted.loan_id))
    if owner != branch:
        raise ImportRefused(
            say("farm {farm} is of branch {branch}, loan {loan} of branch {owner}",
                farm=wanted.farm_id, branch=branch, loan=wanted.loan_id, owner=owner)
        )  # fmt: skip


def may_name(connection: pool.Connection, wanted: Wanted) -> frozenset[str]:
    """The loans that the answer may name."""
    return enrolment_files.loans_in_sight(connection) if wanted.may_name is None else wanted.may_name


def record(
    connection: pool.Connection, data: bytes, checked: CheckedFile[Good], wanted: Wanted, kind: str,
    name: Callable[[Good], str],
) -> None:  # fmt: skip
    """Keep that a file was written and what it changed; `kind`: what its rows are called by, such as animal_id."""
    enrolment_files.record(
        connection, at=wanted.now, actor=wanted.actor, farm=wanted.farm_id, loan=wanted.loan_id,
        sha256=hashlib.sha256(data).hexdigest(), added=len(checked.of(Outcome.NEW)),
        unchanged=len(checked.of(Outcome.UNCHANGED)), faults=checked.bad_lines,
        changes=[
            {kind: name(row), "column": column, "before": told(before), "after": told(after)}
            for row in checked.changed for column, (before, after) in row.changes.items()
        ],
    )  # fmt: skip


def figures(checked: CheckedFile[Good]) -> dict[str, Any]:
    """What every answer tells of a checked file."""
    return {
        "new": len(checked.of(Outcome.NEW)), "updated": len(checked.of(Outcome.UPDATED)),
        "unchanged": len(checked.of(Outcome.UNCHANGED)), "bad": checked.bad_lines,
        "faults": fault_shapes(checked.faults),
    }  # fmt: skip


def fault_shapes(faults: Sequence[RowFault]) -> list[RowFaultShape]:
    """What is wrong with the rows of a file, in the language of the request."""
    return [
        RowFaultShape(line=f.line, column=f.column, value=f.value, code=f.code, why=spoken(f.why), fix=spoken(f.fix))
        for f in faults
    ]


def told(value: Any) -> Any:
    """A value of the book as a program reads it."""
    return value.isoformat() if isinstance(value, date) else value
