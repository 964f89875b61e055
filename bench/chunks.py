"""How long a chunk of `reading` should be: COPY, the queries of one animal, and a day's scan, for several lengths.

17,000 tags speak in turn, once an hour, as on a real estate. With --brin the same with a BRIN index on the time.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bench.rig import herd
from bench.rig.processes import database
from collateral.store import case_reading, histories, pool, roll_ups, timescale
from collateral.store.migrate import migrate
from stack.folders import check_space, run_folder

INTERVAL = timedelta(hours=1)
RUNS = 60


def main() -> int:
    """Measure each length and print a table."""
    parser = argparse.ArgumentParser(prog="bench.chunks", description=__doc__)
    parser.add_argument("--days", type=int, default=21, help="days of hourly readings (default: %(default)s)")
    parser.add_argument("--lengths", nargs="+", default=["6 hours", "1 day", "7 days"], help="chunk lengths")
    parser.add_argument("--database", default="timescale", choices=["plain", "timescale"])
    parser.add_argument("--rounds", type=int, default=2, help="take the best of so many (default: %(default)s)")
    parser.add_argument("--brin", action="store_true", help="add a BRIN index on measured_at")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    rounds = [[_measured(options, length) for length in options.lengths] for _ in range(options.rounds)]
    found = [_least(several) for several in zip(*rounds, strict=True)]
    for row in found:
        print("  ".join(f"{name} {value}" for name, value in row.items()), file=sys.stderr)
    if options.json:
        print(json.dumps({"days": options.days, "brin": options.brin, "lengths": found}))
    return 0


def _measured(options: argparse.Namespace, length: str) -> dict[str, object]:
    print(f"chunks of {length}", file=sys.stderr)
    with _fresh(options.database, length, brin=options.brin) as dsn:
        herd.enrol(dsn, INTERVAL)
        loaded = herd.load(dsn, options.days * 24 * herd.TAGS, INTERVAL)
        with pool.connect(dsn) as connection:
            connection.execute("VACUUM ANALYZE reading")
            return {
                "length": length,
                "rows": loaded.rows,
                "copy_us_a_row": round(loaded.seconds / loaded.rows * 1e6, 2),
                "copy_server_cpu_us_a_row": round(loaded.server_s / loaded.rows * 1e6, 2),
                **_queries(connection, loaded.until),
            }


def _least(several: tuple[dict[str, object], ...]) -> dict[str, object]:
    """Column by column: what the machine can do when nothing else is going on."""
    return {name: min(row[name] for row in several) for name in several[0]}  # type: ignore[type-var]


@contextmanager
def _fresh(kind: str, length: str, *, brin: bool) -> Iterator[str]:
    folder = run_folder("bench")
    check_space(folder, 15_000)
    timescale.CHUNK = length
    try:
        with database(kind, Path(folder)) as dsn:
            migrate(dsn)
            if brin:
                with pool.connect(dsn) as connection:
                    connection.execute("CREATE INDEX reading_time ON reading USING brin (measured_at)")
            yield dsn
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _queries(connection: pool.Connection, now: datetime) -> dict[str, float]:
    chance = random.Random(1)
    day = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo) - timedelta(days=1)

    def animal() -> str:
        return f"a{chance.randrange(herd.TAGS)}"

    return {
        "last_position_ms": _median(lambda: case_reading.animals(connection, (animal(),), now)),
        "history_14_days_ms": _median(lambda: histories.readings(connection, animal(), now - timedelta(days=14), now)),
        "roll_up_hour_ms": _median(lambda: _again(connection, day, 1), 5),
        "roll_up_day_ms": _median(lambda: _again(connection, day, 24), 1),
        "day_scan_ms": _median(lambda: _scan(connection, day), 5),
    }


def _again(connection: pool.Connection, day: datetime, hours: int) -> None:
    with connection.transaction():
        roll_ups.compute(connection, day, [day + timedelta(hours=n) for n in range(hours)], five_minutes=True)


def _scan(connection: pool.Connection, day: datetime) -> None:
    bounds = (day, day + timedelta(days=1))
    connection.execute(
        "SELECT count(*), avg(activity) FROM reading WHERE measured_at >= %s AND measured_at < %s", bounds
    ).fetchone()


def _median(work: Callable[[], object], runs: int = RUNS) -> float:
    work()  # plans and caches are made
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken) * 1000, 2)


if __name__ == "__main__":
    sys.exit(main())
