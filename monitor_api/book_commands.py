"""The verbs that bring what a farm's file names into the book from a terminal: import, import-groups."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from collateral.contract.ledger import GroupImportAnswer, ImportAnswer, RowFaultShape
from collateral.ops import clock
from collateral.store import pool, sight
from monitor_api import import_answer, import_groups, pledge_checks
from monitor_api.book_settings import BookSettings
from monitor_api.import_file import ImportRefused, Wanted

ACTOR = "command line"
Answer = ImportAnswer | GroupImportAnswer
Imported = Callable[[pool.Connection, bytes, Wanted], Answer]


def add(verbs: Any) -> None:
    """Add the verbs to a parser's sub-parsers."""
    animals = "ear_tag, species, pen, value, and what is known beside"
    groups = "group, species, pen, head, value, and weight_kg if known"
    _add(verbs, "import", "animals", animals, import_answer.imported)
    _add(verbs, "import-groups", "groups", groups, import_groups.imported)


def _add(verbs: Any, verb: str, holds: str, columns: str, imported: Imported) -> None:
    load = verbs.add_parser(verb, help=f"enrol and pledge the {holds} of a CSV file; again changes nothing")
    load.add_argument("file", type=Path, help=f"CSV with {columns}")
    load.add_argument("--farm", required=True, help="the farm where they stand")
    load.add_argument("--loan", help="the loan that they secure; without it they are enrolled only")
    load.add_argument("--dry-run", action="store_true", help="only say what would be done")
    load.add_argument("--json", action="store_true", help="say it as JSON")
    load.set_defaults(run=partial(_import, imported))


def _import(imported: Imported, chosen: argparse.Namespace) -> int:
    """0: every row was good; 1: some were not, or nothing could be read."""
    settings = BookSettings()
    key = settings.round_key()
    wanted = Wanted(
        farm_id=chosen.farm, loan_id=chosen.loan, actor=ACTOR, now=clock.now(), dry_run=chosen.dry_run,
        counties=settings.county_codes(),
    )  # fmt: skip
    try:
        data = chosen.file.read_bytes()
        with pool.connect(sight.readable(settings.database_url.get_secret_value())) as connection:
            said = imported(connection, data, wanted)
            if key and chosen.loan and not said.refused:
                matched = pledge_checks.check(connection, key, wanted.now, chosen.loan).exact
                said = said.model_copy(update={"pledge_matches": matched})
    except (OSError, ImportRefused) as error:
        why = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
        print(f"monitor_api: {chosen.file}: {why}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(said.model_dump(mode="json"), ensure_ascii=False))
    else:
        _tell(said)
    if said.refused:
        print(f"monitor_api: {chosen.file}: nothing was read", file=sys.stderr)
    return 1 if said.faults else 0


def _tell(said: Answer) -> None:
    for fault in said.faults:
        print(f"  {_fault(fault)}", file=sys.stderr)
    for change in said.changes:
        print(f"  line {change.line}, {change.column}: {change.before} -> {change.after}")
    if said.refused:
        return
    if isinstance(said, ImportAnswer) and said.counties_from == "provinces":
        print("counties: only the province was checked; set HERDLIEN_COUNTIES")
    if said.pledge_matches:
        print(f"another bank holds {said.pledge_matches} animals of this loan too: drawing on it is blocked")
    counts = f"new {said.new}, updated {said.updated}, unchanged {said.unchanged}, bad {said.bad}"
    print(f"{'dry run, nothing written' if said.dry_run else 'written'}: {counts}")


def _fault(fault: RowFaultShape) -> str:
    where = f"line {fault.line}, {fault.column}" if fault.column else f"line {fault.line}"
    value = f" {fault.value!r}" if fault.value else ""
    return f"{where}{value}: {fault.why}; {fault.fix}"
