"""python -m ingest.audit FILE: hold what was published (CSV of tag,sequence,measured_at) against what is stored."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from collateral.settings.fragments import DatabaseSettings
from collateral.store import pool
from collateral.store.readings import Published, compare_published


def main(arguments: list[str] | None = None) -> int:
    """Print the ledger as one JSON object; 0 when nothing is lost, twice or unaccounted for, else 1."""
    parser = argparse.ArgumentParser(prog="python -m ingest.audit", description=__doc__)
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    try:
        with pool.connect(DatabaseSettings().database_url.get_secret_value()) as connection:
            ledger = compare_published(connection, _published(given.file))
    except (OSError, pool.DatabaseUnavailable) as error:
        print(f"ingest.audit: {error}", file=sys.stderr)
        return 2
    print(json.dumps(asdict(ledger)))
    return 1 if ledger.lost or ledger.duplicates or ledger.surplus else 0


def _published(file: Path) -> Iterator[Published]:
    with file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            yield row["tag"], int(row["sequence"]), datetime.fromisoformat(row["measured_at"])


if __name__ == "__main__":
    sys.exit(main())
