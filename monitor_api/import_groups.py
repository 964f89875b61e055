"""Importing a file of groups known by number: check against the book, write the good rows, list the bad ones."""

from __future__ import annotations

from collateral.book import enrolment_group_file
from collateral.book.enrolment_group_file import CheckedGroups, GroupRow, KnownGroups
from collateral.book.enrolment_table import GROUPS, read
from collateral.contract.enrolment import Enrolment, GroupEnrolled, PledgeEnrolled
from collateral.contract.ledger import GroupChangeShape, GroupImportAnswer
from collateral.contract.spreadsheet import RowFault, TableRefused
from collateral.store import enrolment_files, enrolment_groups, enrolments, pool
from monitor_api.import_file import Wanted, fault_shapes, figures, fit, may_name, record


def imported(connection: pool.Connection, data: bytes, wanted: Wanted) -> GroupImportAnswer:
    """Import a file of groups and say what became of it. Raises ImportRefused."""
    try:
        return _answer(_run(connection, data, wanted), dry_run=wanted.dry_run)
    except TableRefused as error:
        return _refused(error.faults, dry_run=wanted.dry_run)


def _run(connection: pool.Connection, data: bytes, wanted: Wanted) -> CheckedGroups:
    """Check `data` and, unless it is a dry run, write its good rows. All in one transaction, as the program itself."""
    lines, unread = read(data, GROUPS)
    names = enrolment_group_file.names(lines)
    with connection.transaction():
        enrolments.lock(connection)
        fit(connection, wanted)
        checked = enrolment_group_file.check(lines, unread, KnownGroups(
            farm_id=wanted.farm_id, loan_id=wanted.loan_id, pens=enrolment_files.pens(connection, wanted.farm_id),
            groups=enrolment_groups.held(connection, names, wanted.loan_id), may_name=may_name(connection, wanted),
        ))  # fmt: skip
        if checked.changed and not wanted.dry_run:
            _write(connection, data, checked, wanted)
    return checked


def _answer(checked: CheckedGroups, *, dry_run: bool) -> GroupImportAnswer:
    """A checked file as an answer: counts, every fault, every change."""
    return GroupImportAnswer(
        dry_run=dry_run, **figures(checked),
        changes=[
            GroupChangeShape(line=row.line, group_id=row.group.group_id, column=column, before=before, after=after)
            for row in checked.rows for column, (before, after) in row.changes.items()
        ],
    )  # fmt: skip


def _refused(faults: list[RowFault], *, dry_run: bool) -> GroupImportAnswer:
    """A file that is no table of groups."""
    return GroupImportAnswer(
        dry_run=dry_run, refused=True, new=0, updated=0, unchanged=0, bad=0, changes=[], faults=fault_shapes(faults)
    )


def _write(connection: pool.Connection, data: bytes, checked: CheckedGroups, wanted: Wanted) -> None:
    enrolments.write(connection, _enrolment(checked.changed, wanted), {})
    if wanted.loan_id is not None:
        # Movements say how many of a group are pledged, so an enrolment leaves its pledge alone.
        moved = [row.group for row in checked.changed if row.group.has_moved and row.group.loan_id == wanted.loan_id]
        enrolment_groups.revalue(connection, wanted.loan_id, {g.group_id: g.value_minor or 0 for g in moved})
    record(connection, data, checked, wanted, "group_id", lambda row: row.group.group_id)


def _enrolment(rows: list[GroupRow], wanted: Wanted) -> Enrolment:
    """The rows as the records that an enrolment is made of."""
    groups = [row.group for row in rows]
    return Enrolment(
        v=1, branches=[], people=[], farms=[], pens=[], animals=[], gateways=[], cameras=[], tags=[], loans=[],
        groups=[
            GroupEnrolled(
                group_id=g.group_id, farm_id=g.farm_id, pen_id=g.pen, species=g.species, head=g.head,
                weight_kg=g.weight_kg,
            )
            for g in groups
        ],
        pledges=[
            PledgeEnrolled(
                loan_id=wanted.loan_id, group_id=g.group_id, head=g.pledged, value_per_head_minor=g.value_minor or 0,
                since=wanted.now,
            )
            for g in groups if wanted.loan_id is not None and g.loan_id == wanted.loan_id and g.pledged
        ],
    )  # fmt: skip
