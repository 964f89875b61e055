"""How fast ingest carries readings into the database, beside the ceiling: the same rows by COPY alone.

Publisher, broker, ingest and database share one machine and are all real; the rate counts committed rows, from
the first publish to the receipt for the last message. The ledger at the end must show nothing lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collateral.contract import codec, topics
from collateral.contract.messages import VERSION, Reading, Readings, Receipt
from collateral.contract.topics import Kind, Topic
from collateral.ops.mqtt import Connection, Delivery
from collateral.settings.fragments import BrokerSettings
from collateral.store import pool, readings, timescale
from collateral.store.migrate import migrate
from ingest.parcel import reading_rows
from stack import timescale as timescale_server
from stack.broker import Broker
from stack.child import Child
from stack.folders import REPOSITORY, run_folder
from stack.health import answers
from stack.ports import LOOPBACK, free_port
from stack.postgres import EmbeddedPostgres
from stack.timescale import TimescalePostgres

FARM, GATEWAY, SPOOL = "bench", "gateway-1", "spool-1"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
TAGS = 2000
COPY_ROWS = 5000
MOST_UNRECEIPTED = 3000
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run measured."""

    batched_rows_per_s: int
    copy_ceiling_rows_per_s: int
    ratio_to_copy: float
    rows: int
    rows_per_message: int
    lost: int
    duplicates: int
    ingest_cpu_us_per_row: float
    rss_mb_max: float
    broker: str
    database: str


def main() -> int:
    """Run the benchmark; 0 when nothing was lost or stored twice."""
    parser = argparse.ArgumentParser(prog="bench.ingest", description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--per-message", type=int, default=100)
    parser.add_argument("--broker", default="auto", choices=["auto", "mosquitto", "nats"])
    parser.add_argument("--database", default="auto", choices=["auto", "plain", "timescale"])
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    messages = made_up(options.rows, options.per_message)
    folder = run_folder("bench")
    try:
        with database(options.database, folder) as dsn, Broker(options.broker, folder / "broker") as broker:
            result = measure(messages, dsn, broker, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in asdict(result).items():
        print(f"{name:26} {value}", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(result)))
    return int(result.lost > 0 or result.duplicates > 0)


def made_up(rows: int, per_message: int) -> list[Readings]:
    """Messages of one gateway: `TAGS` tags in turn, each with its own sequence, one uplink a minute."""
    messages = []
    for number, first in enumerate(range(0, rows, per_message), start=1):
        batch = [_reading(row) for row in range(first, min(rows, first + per_message))]
        messages.append(
            Readings(
                v=VERSION, gateway=GATEWAY, spool=SPOOL, number=number, sent_at=SINCE, readings=batch, simulated=True
            )
        )
    return messages


def _reading(row: int) -> Reading:
    at = SINCE + timedelta(minutes=row // TAGS)
    return Reading(
        tag=f"{row % TAGS:016x}", seq=row // TAGS, measured_at=at, heard_at=at + timedelta(seconds=2),
        lat=43.9 + row % 100 / 1e4, lon=116.1 + row % 97 / 1e4, fix_error_m=8.0, steps=row % 120,
        activity=float(row % 100), ear_temp_c=31.5, battery_pct=80.0, rssi_dbm=-92.0, snr_db=7.5,
    )  # fmt: skip


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """A durable server of the kind asked for (auto: TimescaleDB where it can be had), migrated."""
    fitting = kind == "timescale" or (kind == "auto" and timescale_server.available() is None)
    server = (TimescalePostgres if fitting else EmbeddedPostgres)(folder / "postgres")
    with server:
        migrate(server.dsn)
        yield server.dsn


def measure(messages: list[Readings], dsn: str, broker: Broker, folder: Path) -> Result:
    """The ceiling, then the whole way, then the ledger."""
    ceiling = copy_alone(messages, dsn)
    with running_ingest(dsn, broker, folder) as child:
        idle_s = cpu_seconds(child.pid)
        seconds = published_to_committed(messages, broker)
        busy_s = cpu_seconds(child.pid) - idle_s
        rss_mb = highest_rss_mb(child.pid)
    rows = sum(len(message.readings) for message in messages)
    with pool.connect(dsn) as connection:
        sent = ((r.tag, r.seq, r.measured_at) for message in messages for r in message.readings)
        ledger = readings.compare_published(connection, sent)
        edition = str(timescale.edition(connection))
    return Result(
        batched_rows_per_s=round(rows / seconds),
        copy_ceiling_rows_per_s=round(ceiling),
        ratio_to_copy=round(rows / seconds / ceiling, 3),
        rows=rows,
        rows_per_message=len(messages[0].readings),
        lost=ledger.lost,
        duplicates=ledger.duplicates,
        ingest_cpu_us_per_row=round(busy_s / rows * 1e6, 2),
        rss_mb_max=rss_mb,
        broker=broker.version,
        database=edition,
    )


def copy_alone(messages: list[Readings], dsn: str) -> float:
    """Rows a second by binary COPY of ready rows into the same table, which is emptied afterwards."""
    rows = [row for message in messages for row in reading_rows(message, SINCE)]
    with pool.connect(dsn) as connection:
        began = time.perf_counter()
        for first in range(0, len(rows), COPY_ROWS):
            readings.copy_straight(connection, rows[first : first + COPY_ROWS])
        seconds = time.perf_counter() - began
        connection.execute("TRUNCATE reading")
        connection.execute("CHECKPOINT")
    return len(rows) / seconds


@contextmanager
def running_ingest(dsn: str, broker: Broker, folder: Path) -> Iterator[Child]:
    """Ingest as a process of its own, ready."""
    port = free_port()
    environment = {
        **os.environ,
        "HERDLIEN_DATABASE_URL": dsn,
        "HERDLIEN_BROKER_HOST": broker.host,
        "HERDLIEN_BROKER_PORT": str(broker.port),
    }
    command = [sys.executable, "-m", "ingest", "--health-port", str(port)]
    child = Child(command, folder / "ingest.log", environment=environment, folder=REPOSITORY)
    ready = answers(f"http://{LOOPBACK}:{port}/health")
    try:
        while not ready(child):
            if child.status() is not None:
                raise SystemExit("\n".join(["ingest did not start:", *child.last_lines()]))
            time.sleep(0.05)
        yield child
    finally:
        child.stop()


def published_to_committed(messages: list[Readings], broker: Broker) -> float:
    """Seconds from the first publish to the receipt for the last message."""
    topic = str(Topic(FARM, GATEWAY, Kind.READINGS))
    payloads = [codec.encode(message) for message in messages]
    progress = Progress()
    settings = BrokerSettings(broker_host=broker.host, broker_port=broker.port)
    filters = [topics.every(Kind.RECEIPT)]
    with Connection("bench-publisher", settings, subscribe=filters, on_delivery=progress.hear) as link:
        began = time.perf_counter()
        for number, payload in enumerate(payloads, start=1):
            link.publish(topic, payload, wait_s=None)
            progress.await_number(number - MOST_UNRECEIPTED)
        progress.await_number(len(payloads))
        return time.perf_counter() - began


class Progress:
    """How far ingest's receipts have come."""

    def __init__(self) -> None:
        self._up_to = 0
        self._changed = threading.Condition()

    def hear(self, delivery: Delivery) -> None:
        """Take a receipt in."""
        receipt = codec.decode(delivery.payload, Receipt)
        with self._changed:
            self._up_to = max(self._up_to, receipt.committed_up_to)
            self._changed.notify_all()
        delivery.acknowledge()

    def await_number(self, number: int) -> None:
        """Block until `number` is receipted; ends the program when it takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._up_to >= number, PATIENCE_S):
                raise SystemExit(f"no receipt for message {number} within {PATIENCE_S} s (at {self._up_to})")


def highest_rss_mb(pid: int) -> float:
    """The largest resident memory of the process and its children, from /proc (Linux)."""
    peaks = [_peak_kb(each) for each in [pid, *_children(pid)]]
    return round(max(peaks, default=0) / 1024, 1)


def cpu_seconds(pid: int) -> float:
    """Processor time that the process and its children have used, user and system (Linux)."""
    return sum(_ticks(each) for each in [pid, *_children(pid)]) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if __name__ == "__main__":
    sys.exit(main())
