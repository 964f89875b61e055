"""The verbs of the pledge check among banks from a terminal: export-pledges, import-pledges."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from collateral.book import pledge_match as book
from collateral.book.pledge_match import RoundKey
from collateral.contract.spreadsheet import RowFault, TableRefused
from collateral.ops import clock
from collateral.settings.fragments import SettingsError
from collateral.store import pledge_match, pool, sight
from monitor_api import pledge_checks
from monitor_api.book_settings import BookSettings

ACTOR = "command line"


def add(verbs: Any) -> None:
    """Add the verbs to a parser's sub-parsers."""
    own = verbs.add_parser("export-pledges", help="write what this bank holds as keyed hashes for its partners")
    own.add_argument("file", type=Path)
    own.set_defaults(run=_export)
    theirs = verbs.add_parser(
        "import-pledges", help="compare a partner's list with all pledges; matches block drawdowns"
    )
    theirs.add_argument("file", type=Path)
    theirs.add_argument("--partner", required=True, help="the other bank's code")
    theirs.add_argument("--as-of", required=True, type=date.fromisoformat, help="the day the list speaks of")
    theirs.add_argument("--dry-run", action="store_true", help="only check the file")
    theirs.set_defaults(run=_import)


def _export(chosen: argparse.Namespace) -> int:
    settings, key = _round()
    with pool.connect(sight.readable(settings.database_url.get_secret_value())) as connection:
        pledges = pledge_match.own(connection)
    chosen.file.write_bytes(book.own_list(pledges, key))
    print(f"wrote {chosen.file}: {len(pledges)} pledges, round {key.round}")
    return 0


def _import(chosen: argparse.Namespace) -> int:
    """0: taken whole; 1: rows were bad, or nothing could be read."""
    settings, key = _round()
    try:
        data = chosen.file.read_bytes()
        with pool.connect(sight.readable(settings.database_url.get_secret_value())) as connection:
            taken = pledge_checks.import_list(
                connection, data, key, partner=chosen.partner, as_of=chosen.as_of, by=ACTOR, now=clock.now(),
                dry_run=chosen.dry_run,
            )  # fmt: skip
    except OSError as error:
        print(f"monitor_api: {chosen.file}: cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except TableRefused as error:
        _list(error.faults)
        return 1
    _list(taken.faults)
    checked = taken.checked
    print(json.dumps({
        "rows": taken.rows, "bad": len(taken.faults), "stored": taken.list_id is not None,
        "exact_animals": checked.exact if checked else None,
        "loans_matched": sorted(checked.matches) if checked else [],
        "unchecked_partners": list(checked.unchecked) if checked else [],
    }))  # fmt: skip
    return 1 if taken.faults else 0


def _round() -> tuple[BookSettings, RoundKey]:
    settings = BookSettings()
    key = settings.round_key()
    if key is None:
        raise SettingsError(
            "HERDLIEN_PLEDGE_ROUND and HERDLIEN_PLEDGE_KEY_FILE are not set; agree on them with the partners"
        )
    return settings, key


def _list(faults: list[RowFault]) -> None:
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
