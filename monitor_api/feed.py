"""The verb that feeds sheets in: prices, weighings, policies, filings, core banking.

Good rows are written, bad ones say why they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from collateral.ops import clock
from collateral.settings.fragments import DatabaseSettings
from collateral.store import pool, sight, valuations
from collateral.store.valuations import Fed
from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import SheetRefused, read

ALL = "all"
MOST_FAULTS_SHOWN = 50


def add(verbs: Any) -> None:
    """Add the verb to a parser's sub-parsers."""
    feed = verbs.add_parser("feed", help="take in prices, weighings or papers from a CSV file; again changes nothing")
    feed.add_argument("kind", choices=(*SHEETS, ALL), help=f"what the file holds; {ALL}: a folder of KIND.csv files")
    feed.add_argument("file", type=Path, help=f"a CSV file, or with {ALL} a folder")
    feed.add_argument("--dry-run", action="store_true", help="only say what would be done")
    feed.add_argument("--json", action="store_true", help="say it as JSON")
    feed.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    """0: every row is in; 1: some are not, or nothing could be read."""
    sheets = _sheets(chosen.kind, chosen.file)
    if not sheets:
        print(f"monitor_api: {chosen.file} holds none of {', '.join(k + '.csv' for k in SHEETS)}", file=sys.stderr)
        return 1
    said, today = [], clock.now().date()
    with pool.connect(sight.readable(DatabaseSettings().database_url.get_secret_value())) as connection:
        for kind, file in sheets:
            try:
                fed = _feed(connection, kind, file, today, dry_run=chosen.dry_run)
            except (SheetRefused, OSError) as error:
                print(f"monitor_api: {file}: {error}", file=sys.stderr)
                return 1
            said.append({"kind": kind, "file": str(file), "dry_run": chosen.dry_run} | asdict(fed))
            if not chosen.json:
                _print(file, fed, dry_run=chosen.dry_run)
    if chosen.json:
        print(json.dumps(said if chosen.kind == ALL else said[0], ensure_ascii=False))
    return 1 if any(fed["faults"] for fed in said) else 0


def _sheets(kind: str, path: Path) -> list[tuple[str, Path]]:
    """Which files hold what; in a folder, files are called after their kind."""
    if kind != ALL:
        return [(kind, path)]
    return [(one, path / f"{one}.csv") for one in SHEETS if (path / f"{one}.csv").is_file()]


def _feed(connection: pool.Connection, kind: str, file: Path, today: date, *, dry_run: bool) -> Fed:
    sheet = read(SHEETS[kind], file.read_bytes(), today)
    return valuations.feed(connection, kind, sheet, dry_run=dry_run)


def _print(file: Path, fed: Fed, *, dry_run: bool) -> None:
    for fault in fed.faults[:MOST_FAULTS_SHOWN]:
        where = f"line {fault.line}, {fault.column}" if fault.column else f"line {fault.line}"
        print(f"  {where}: {fault.why}", file=sys.stderr)
    if len(fed.faults) > MOST_FAULTS_SHOWN:
        print(f"  ... and {len(fed.faults) - MOST_FAULTS_SHOWN} more", file=sys.stderr)
    done = "would be written" if dry_run else "written"
    lines = len({fault.line for fault in fed.faults})
    print(f"{file}: {fed.new} new and {fed.changed} changed rows {done}, {fed.same} said the same, {lines} refused")
