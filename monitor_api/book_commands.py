"""The verbs that change the book from a terminal: import."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from collateral.book.enrolment_file import Checked, Outcome
from collateral.book.enrolment_table import RowFault, TableRefused
from collateral.contract.ledger import ImportAnswer
from collateral.ops import clock
from collateral.store import pool, sight
from monitor_api import pledge_checks
from monitor_api.book_settings import BookSettings
from monitor_api.import_animals import ImportRefused, Wanted, run
from monitor_api.import_answer import answer, refused

ACTOR = "command line"


def add(verbs: Any) -> None:
    """Add the verbs to a parser's sub-parsers."""
    load = verbs.add_parser("import", help="enrol and pledge the animals of a CSV file; again changes nothing")
    load.add_argument("file", type=Path, help="CSV with ear_tag, species, pen, value, and what is known beside")
    load.add_argument("--farm", required=True, help="the farm where they stand")
    load.add_argument("--loan", help="the loan that they secure; without it they are enrolled only")
    load.add_argument("--dry-run", action="store_true", help="only say what would be done")
    load.add_argument("--json", action="store_true", help="say it as JSON")
    load.set_defaults(run=_import)


def _import(chosen: argparse.Namespace) -> int:
    """0: every row was good; 1: some were not, or nothing could be read."""
    settings = BookSettings()
    key = settings.round_key()
    matched = None
    wanted = Wanted(
        farm_id=chosen.farm, loan_id=chosen.loan, actor=ACTOR, now=clock.now(), dry_run=chosen.dry_run,
        counties=settings.county_codes(),
    )  # fmt: skip
    try:
        data = chosen.file.read_bytes()
        with pool.connect(sight.readable(settings.database_url.get_secret_value())) as connection:
            checked = run(connection, data, wanted)
            if key and chosen.loan:
                matched = pledge_checks.check(connection, key, wanted.now, chosen.loan).exact
    except OSError as error:
        return _refused(chosen.file, f"cannot be read: {error.strerror}")
    except ImportRefused as error:
        return _refused(chosen.file, str(error))
    except TableRefused as error:
        if chosen.json:
            print(json.dumps(refused(error.faults, dry_run=chosen.dry_run).model_dump(mode="json"), ensure_ascii=False))
        else:
            _list(error.faults)
        return _refused(chosen.file, "nothing was read")
    said = answer(checked, dry_run=chosen.dry_run).model_copy(update={"pledge_matches": matched})
    _tell(said, checked, as_json=chosen.json)
    return 1 if checked.faults else 0


def _tell(said: ImportAnswer, checked: Checked, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(said.model_dump(mode="json"), ensure_ascii=False))
        return
    _list(checked.faults)
    for change in said.changes:
        print(f"  line {change.line}, {change.column}: {change.before} -> {change.after}")
    if said.counties_from == "provinces":
        print("counties: only the province was checked; set HERDLIEN_COUNTIES")
    if said.pledge_matches:
        print(f"another bank holds {said.pledge_matches} animals of this loan too: drawing on it is blocked")
    counts = ", ".join(f"{outcome} {len(checked.of(outcome))}" for outcome in Outcome)
    print(f"{'dry run, nothing written' if said.dry_run else 'written'}: {counts}, bad {said.bad}")


def _list(faults: list[RowFault]) -> None:
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)


def _refused(file: Path, why: str) -> int:
    print(f"monitor_api: {file}: {why}", file=sys.stderr)
    return 1
