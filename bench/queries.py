"""The store's query budget at size: readings of 17,000 animals, rolled up, then the queries that people wait for.

Loads by binary COPY into a durable TimescaleDB server with its default settings, up to --rows or for --load-minutes.
Queries are those of the product, answers read to the last row; `cold` is the first time after a restart of the
server, with its own cache empty. What was loaded is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bench.rig import herd, processes
from collateral.store import case_reading, histories, pool, roll_ups, timescale
from collateral.store.ages import Ages
from collateral.store.migrate import migrate
from stack.folders import check_space, run_folder
from stack.postgres import EmbeddedPostgres

INTERVAL = timedelta(minutes=20)  # so that 100 million rows are 82 days, a little less than is kept
HISTORY = timedelta(days=14)
BYTES_A_ROW = 350  # with index, roll-ups and write-ahead log
SPARE_MB = 6_000
RUNS = 200
BUDGET_MS = {"last_position": 20.0, "history_14_days": 20.0, "herd_day": 200.0}

Figures = dict[str, float]


def main() -> int:
    """Load, roll up, measure; 0 when the medians keep to the budget."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was loaded is removed then too
    folder = run_folder("bench")
    try:
        check_space(folder, options.rows * BYTES_A_ROW // 1_000_000 + SPARE_MB)
        result = _measured(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in result.items():
        print(f"{name:24} {value}", file=sys.stderr)
    if options.json:
        print(json.dumps(result))
    return int(not result["within_budget"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.queries", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000, help="readings to load (default: %(default)s)")
    parser.add_argument("--load-minutes", type=float, default=10.0, help="stop loading then (default: %(default)s)")
    parser.add_argument("--roll-days", type=int, default=3, help="newest whole days to roll up (default: %(default)s)")
    parser.add_argument("--database", default="auto", choices=["auto", "plain", "timescale"])
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def _measured(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    with processes.server(options.database, folder) as server:
        migrate(server.dsn)
        herd.enrol(server.dsn, INTERVAL)
        _say("loading")
        loaded = herd.load(server.dsn, options.rows, INTERVAL, most_s=options.load_minutes * 60)
        now = loaded.until
        result: dict[str, object] = {
            "database": "", "rows": loaded.rows, "load_s": round(loaded.seconds, 1),
            "rows_per_s": round(loaded.rows / loaded.seconds), "animals": herd.TAGS,
            "days": round((now - herd.SINCE) / timedelta(days=1), 1),
        }  # fmt: skip
        with pool.connect(server.dsn) as connection:
            result["database"] = str(timescale.edition(connection))
            result |= _rolled_up(connection, now, options.roll_days)
            _say("vacuuming, as autovacuum would in time")
            connection.execute("VACUUM ANALYZE")
            result |= _rolled_up_again(connection, now)
            result |= _sizes(connection)
            _say("asking, warm")
            result |= _asked(connection, now, "warm")
        result |= _asked_cold(server, now)
    result["within_budget"] = all(_number(result[f"{n}_warm_median_ms"]) <= most for n, most in BUDGET_MS.items())
    return result


def _rolled_up(connection: pool.Connection, now: datetime, days: int) -> Figures:
    """Roll the newest whole days up for the first time."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    # As if the older days had been rolled up long ago: this takes minutes and would show nothing else.
    connection.execute(
        "DELETE FROM touched_hour WHERE hour < %s OR hour >= %s", (midnight - timedelta(days=days), midnight)
    )
    _say(f"rolling {days} days up")
    began = time.perf_counter()
    done = roll_ups.roll_up(connection, now, Ages())
    seconds = time.perf_counter() - began
    if len(done.hours) != 24 * days:
        raise SystemExit(f"{len(done.hours)} hours were rolled up instead of {24 * days}: load more rows")
    return {"roll_up_first_day_s": round(seconds / days, 2)}


def _rolled_up_again(connection: pool.Connection, now: datetime) -> Figures:
    last = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return {
        "roll_up_hour_again_s": round(_again(connection, last, 1), 3),
        "roll_up_day_again_s": round(_again(connection, last, 24), 3),
    }


def _again(connection: pool.Connection, day: datetime, hours: int) -> float:
    began = time.perf_counter()
    with connection.transaction():
        roll_ups.compute(connection, day, [day + timedelta(hours=n) for n in range(hours)], five_minutes=True)
    return time.perf_counter() - began


def _sizes(connection: pool.Connection) -> dict[str, object]:
    tables = ("reading", "animal_5min", "animal_hour", "animal_day", "herd_hour")
    return {f"{table}_mb": round(_size(connection, table) / 1e6) for table in tables}


def _size(connection: pool.Connection, table: str) -> int:
    """Bytes, with indexes and chunks."""
    hyper = timescale.edition(connection).timescale and table == "reading"
    query = "SELECT hypertable_size(%s::regclass)" if hyper else "SELECT pg_total_relation_size(%s::regclass)"
    row = connection.execute(query, (table,)).fetchone()
    return int(row[0]) if row else 0


def _asked(connection: pool.Connection, now: datetime, state: str, runs: int = RUNS) -> Figures:
    chance = random.Random(state)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)

    def animal() -> str:
        return f"a{chance.randrange(herd.TAGS)}"

    def whole_herd() -> None:
        if len(histories.animals_on(connection, day)) != herd.TAGS:
            raise SystemExit("the day's roll-up does not hold every animal")

    questions: dict[str, Callable[[], object]] = {
        "last_position": lambda: case_reading.animals(connection, (animal(),), now),
        "history_14_days": lambda: histories.readings(connection, animal(), now - HISTORY, now),
        "herd_day": whole_herd,
    }
    figures: Figures = {}
    for name, ask in questions.items():
        figures |= _timed(ask, runs if name != "herd_day" else max(1, runs // 10), f"{name}_{state}")
    return figures


def _asked_cold(server: EmbeddedPostgres, now: datetime) -> Figures:
    """Restart, connect, ask each question of a few animals that nobody has asked of."""
    server.restart()
    _say("asking, cold")
    with pool.connect(server.dsn) as connection:
        return _asked(connection, now, "cold", runs=20)


def _timed(ask: Callable[[], object], runs: int, name: str) -> Figures:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    first = taken[0]
    taken.sort()
    return {
        f"{name}_median_ms": round(statistics.median(taken), 2),
        f"{name}_p95_ms": round(taken[min(len(taken) - 1, int(len(taken) * 0.95))], 2),
        f"{name}_first_ms": round(first, 2),
    }


def _number(value: object) -> float:
    return float(str(value))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
