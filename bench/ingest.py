"""How fast ingest carries readings into the database, beside the ceilings and a peer, all in one run.

Publisher, broker, ingest and database share one machine and are all real; a rate counts committed rows, from the
first publish to the receipt for the last message. The ledger of every run must show nothing lost or doubled.

    copy ceiling      the same rows, ready made, by binary COPY alone into the same table, with as many connections
    broker ceiling    the same messages through the broker to a reader that only acknowledges
    Node-RED          the same messages through its MQTT and PostgreSQL nodes into the same kind of table
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from bench.rig import flood
from bench.rig.processes import Ingest, MemoryWatch, database, running_ingest
from collateral.ops.mqtt import Delivery
from collateral.ops.mqtt_fast import FastConnection
from collateral.settings.fragments import BrokerSettings
from collateral.store import pool, readings, timescale
from collateral.store.readings import ReadingRow
from stack.broker import Broker
from stack.folders import REPOSITORY, run_folder

PER_MESSAGE = 100
COPY_ROWS = 5000
MILLION = 1_000_000
BATCHED_WINDOW, SINGLE_WINDOW = 3_000, 30_000
"""Messages under way. Receipts come four times a second at most, so single ones need many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One way of carrying rows, and what it cost."""

    rows: int
    rows_per_s: float
    cpu_us_per_row: float
    lost: int
    duplicates: int
    rss_mb_at_1m: float
    rss_mb_max: float


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers that all runs share."""

    dsn: str
    broker: Broker
    folder: Path
    workers: int

    def carried(self, name: str, rows: int, per_message: int, reader: str) -> Run:
        """Publish to receipt, through ingest."""
        say(f"{name}: {rows:,} readings, {per_message} a message, {reader} reader")
        self.emptied()
        more = {"HERDLIEN_INGEST_READER": reader}
        with running_ingest(self.dsn, self.broker, self.folder, workers=self.workers, more=more) as ingest:
            idle_s = ingest.cpu_seconds()
            with MemoryWatch(ingest) as memory:
                seconds = self.flooded(rows, per_message)
            run = self._run(ingest, memory, rows, seconds, ingest.cpu_seconds() - idle_s)
        say(f"{name}: {run.rows_per_s:,.0f} a second, lost {run.lost}, twice {run.duplicates}")
        return run

    def copied(self, rows: int) -> float:
        """Rows a second by COPY alone, ready rows, in batches, over as many connections as there are workers."""
        say(f"COPY alone: {rows:,} rows")
        self.emptied()
        with ExitStack() as stack:
            copiers = [
                stack.enter_context(get_context("spawn").Pool(1, _connect, (self.dsn, rows, number, self.workers)))
                for number in range(self.workers)
            ]
            for made in [copier.apply_async(_make) for copier in copiers]:
                made.get()
            return rows / max(took.get() for took in [copier.apply_async(_copy) for copier in copiers])

    def passed_on(self, rows: int, per_message: int) -> float:
        """Messages a second through the broker to a reader that only acknowledges."""
        say(f"broker alone: {rows // per_message:,} messages of {per_message}")
        settings = BrokerSettings(broker_host=self.broker.host, broker_port=self.broker.port)
        counted = Counted(rows // per_message)
        counted.link = FastConnection(
            "bench-counter", settings, subscribe=[flood.TOPIC], on_deliveries=counted.take, at_most=4000
        )
        with counted.link:
            began = time.perf_counter()
            window = BATCHED_WINDOW if per_message > 1 else SINGLE_WINDOW
            publisher = self._publisher(rows, per_message, "--unreceipted", "--window", str(window))
            counted.done.wait(flood.PATIENCE_S)
            seconds = time.perf_counter() - began
            publisher.wait()
        return rows // per_message / seconds

    def flooded(self, rows: int, per_message: int) -> float:
        """Seconds from the first publish to the receipt for the last message."""
        window = BATCHED_WINDOW if per_message > 1 else SINGLE_WINDOW
        publisher = self._publisher(rows, per_message, "--window", str(window))
        said, _ = publisher.communicate()
        if publisher.returncode:
            raise SystemExit(f"the publisher gave up: {said or 'see above'}")
        return float(json.loads(said.splitlines()[-1])["seconds"])

    def emptied(self) -> None:
        """Forget every reading."""
        with pool.connect(self.dsn) as connection:
            readings.forget_all(connection)

    def _publisher(self, rows: int, per_message: int, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bench.rig.flood", "--host", self.broker.host, "--port", str(self.broker.port)]
        command += ["--rows", str(rows), "--per-message", str(per_message), *more]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)

    def _run(self, ingest: Ingest, memory: MemoryWatch, rows: int, seconds: float, busy_s: float) -> Run:
        with pool.connect(self.dsn) as connection:
            tallies = readings.tallies(connection)
        stored = sum(tally.sequences for tally in tallies)
        wrong = sum(tally.first != 0 or tally.last != tally.sequences - 1 for tally in tallies)
        expected = sum(flood.rows_of_tag(f"{place:016x}", rows) for place in range(flood.TAGS))
        return Run(
            rows=rows,
            rows_per_s=rows / seconds,
            cpu_us_per_row=busy_s / rows * 1e6,
            lost=max(expected - stored, wrong),
            duplicates=sum(tally.rows - tally.sequences for tally in tallies),
            rss_mb_at_1m=memory.peak_mb(MILLION),
            rss_mb_max=ingest.rss_mb_max(),
        )


class Counted:
    """A reader that counts and acknowledges."""

    link: FastConnection

    def __init__(self, awaited: int) -> None:
        self._left = awaited
        self.done = threading.Event()

    def take(self, deliveries: list[Delivery]) -> None:
        """Acknowledge at once."""
        self.link.acknowledge_all(deliveries)
        self._left -= len(deliveries)
        if self._left <= 0:
            self.done.set()


@dataclass
class Copier:
    """One connection that copies its share of the rows; in a process of its own."""

    connection: pool.Connection
    rows: int
    number: int
    of: int
    made: list[ReadingRow] = field(default_factory=list)


_copier: Copier | None = None


def _connect(dsn: str, rows: int, number: int, of: int) -> None:
    global _copier  # noqa: PLW0603 - the one of this process
    _copier = Copier(pool.connect(dsn), rows, number, of)


def _make() -> None:
    """Make the rows, which is not counted."""
    assert _copier is not None  # noqa: S101 - made by _connect
    _copier.made = list(islice(flood.copy_rows(_copier.rows, PER_MESSAGE), _copier.number, None, _copier.of))


def _copy() -> float:
    assert _copier is not None  # noqa: S101 - made by _connect
    began = time.perf_counter()
    for first in range(0, len(_copier.made), COPY_ROWS):
        readings.copy_straight(_copier.connection, _copier.made[first : first + COPY_ROWS])
    return time.perf_counter() - began


def say(text: str) -> None:
    """Progress, beside the result."""
    print(text, file=sys.stderr, flush=True)


def peer(bench: Bench, rows: int, ours: float) -> dict[str, object]:
    """Node-RED on the same messages, or why it could not be had."""
    from bench.peers import node_red  # noqa: PLC0415 - wants npm

    say(f"Node-RED: {rows:,} readings, {PER_MESSAGE} a message")
    found = node_red.measure(
        flood.payloads(rows, PER_MESSAGE), rows, flood.TOPIC, bench.dsn, bench.broker, bench.folder / "node-red"
    )
    if isinstance(found, str):
        return {"node_red": found}
    return {"node_red_rows_per_s": round(found.rows_per_s), "ratio_to_node_red": round(ours / found.rows_per_s, 2)}


def measured(bench: Bench, given: argparse.Namespace) -> dict[str, object]:
    """Everything, in one run."""
    rounds = [
        (bench.copied(given.rows), bench.carried("batched", given.rows, PER_MESSAGE, given.reader))
        for _ in range(given.rounds)
    ]
    batched = [run for _, run in rounds]
    single = bench.carried("single", given.singles, 1, "paho")
    fast = bench.carried("single, fast", given.singles, 1, "fast")
    long = bench.carried("endurance", given.endurance_rows, PER_MESSAGE, given.reader) if given.endurance_rows else None
    runs = [*batched, single, fast, *([long] if long else [])]
    rate = statistics.median(run.rows_per_s for run in batched)
    with pool.connect(bench.dsn) as connection:
        edition = str(timescale.edition(connection))
    return {
        "batched_rows_per_s": round(rate),
        "single_msgs_per_s": round(single.rows_per_s),
        "single_msgs_per_s_fast_reader": round(fast.rows_per_s),
        "copy_ceiling_rows_per_s": round(statistics.median(ceiling for ceiling, _ in rounds)),
        "ratio_to_copy": round(statistics.median(run.rows_per_s / ceiling for ceiling, run in rounds), 3),
        "broker_ceiling_batched_msgs_per_s": round(bench.passed_on(given.rows, PER_MESSAGE)),
        "broker_ceiling_single_msgs_per_s": round(bench.passed_on(given.singles, 1)),
        **(peer(bench, given.peer_rows, rate) if given.peer_rows else {}),
        "lost": sum(run.lost for run in runs),
        "duplicates": sum(run.duplicates for run in runs),
        "rss_mb_max": round(max(run.rss_mb_max for run in runs), 1),
        **(endurance(long) if long else {}),
        "rounds": [[round(ceiling), round(run.rows_per_s)] for ceiling, run in rounds],
        "rows": given.rows,
        "single_rows": given.singles,
        "reader": given.reader,
        "workers": bench.workers,
        "cpu_us_per_row": {
            "batched": round(statistics.median(run.cpu_us_per_row for run in batched), 2),
            "single": round(single.cpu_us_per_row, 2),
            "single_fast": round(fast.cpu_us_per_row, 2),
        },
        "broker": bench.broker.version,
        "database": edition,
    }


def endurance(run: Run) -> dict[str, object]:
    """Whether memory stays flat while rows pass through."""
    return {
        "endurance_rows": run.rows,
        "endurance_rows_per_s": round(run.rows_per_s),
        "rss_mb_at_1m_rows": round(run.rss_mb_at_1m, 1),
        "rss_mb_at_end": round(run.rss_mb_max, 1),
        "rss_growth": round(run.rss_mb_max / run.rss_mb_at_1m - 1, 3),
    }


def main() -> int:
    """Run the benchmark; 0 when nothing was lost or stored twice."""
    parser = argparse.ArgumentParser(prog="bench.ingest", description=__doc__)
    parser.add_argument("--rows", type=int, default=2 * MILLION, help="batched readings a round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="COPY and ingest in turn so often; medians are told")
    parser.add_argument("--reader", default="paho", choices=["paho", "fast"], help="for batched readings")
    parser.add_argument("--endurance-rows", type=int, default=10 * MILLION, help="for memory; 0: leave it out")
    parser.add_argument("--singles", type=int, default=300_000, help="single readings (default %(default)s)")
    parser.add_argument("--peer-rows", type=int, default=300_000, help="readings through Node-RED; 0: leave it out")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--broker", default="auto", choices=["auto", "mosquitto", "nats"])
    parser.add_argument("--database", default="auto", choices=["auto", "plain", "timescale"])
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    given = parser.parse_args()
    folder = run_folder("bench")
    try:
        with database(given.database, folder) as dsn, Broker(given.broker, folder / "broker") as broker:
            result = measured(Bench(dsn, broker, folder, given.workers), given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in result.items():
        say(f"{name:36} {value}")
    if given.json:
        print(json.dumps(result))
    return int(bool(result["lost"] or result["duplicates"]))


if __name__ == "__main__":
    sys.exit(main())
