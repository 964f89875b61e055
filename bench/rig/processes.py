"""What a benchmark starts and watches: a database, ingest, and the processor time and memory of a process (Linux)."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from collateral.store.migrate import migrate
from stack import timescale as timescale_server
from stack.broker import Broker
from stack.child import Child
from stack.folders import REPOSITORY
from stack.health import answers
from stack.ports import LOOPBACK, free_port
from stack.postgres import EmbeddedPostgres
from stack.timescale import TimescalePostgres

LOOK_S = 0.25


def server(kind: str, folder: Path) -> EmbeddedPostgres:
    """A durable server of the kind asked for (auto: TimescaleDB where it can be had), not yet started."""
    fitting = kind == "timescale" or (kind == "auto" and timescale_server.available() is None)
    return (TimescalePostgres if fitting else EmbeddedPostgres)(folder / "postgres")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """As `server`, running and migrated; its connection string."""
    with server(kind, folder) as running:
        migrate(running.dsn)
        yield running.dsn


def environment(dsn: str, broker: Broker, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that points a program at these services, and lets simulated data in."""
    return {
        **os.environ,
        "HERDLIEN_DATABASE_URL": dsn,
        "HERDLIEN_BROKER_HOST": broker.host,
        "HERDLIEN_BROKER_PORT": str(broker.port),
        "HERDLIEN_SIMULATED": "accept",
        **(more or {}),
    }


@dataclass
class Ingest:
    """A running ingest: its process and its health page."""

    child: Child
    port: int

    def health(self) -> dict[str, Any]:
        """What its page shows."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/health", timeout=30) as page:
            return dict(json.loads(page.read()))

    def stored(self) -> int:
        """Readings that it, or all its workers together, have stored since they started."""
        report = self.health()
        return int(sum(each.get("readings", 0) for each in report.get("workers", {"": report}).values()))

    @property
    def pids(self) -> list[int]:
        """Its process and those that this one started."""
        pid = self.child.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu_seconds(self) -> float:
        """Processor time used so far, user and system."""
        return sum(_ticks(pid) for pid in self.pids) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Resident memory now, the largest of its processes."""
        return max(_status_kb(pid, "VmRSS") for pid in self.pids) / 1024

    def rss_mb_max(self) -> float:
        """The most that one of its processes ever had resident."""
        return max(_status_kb(pid, "VmHWM") for pid in self.pids) / 1024


@contextmanager
def running_ingest(
    dsn: str, broker: Broker, folder: Path, *, workers: int = 1, more: Mapping[str, str] | None = None
) -> Iterator[Ingest]:
    """Ingest as a process of its own, ready."""
    port = free_port(1 + workers)
    command = [sys.executable, "-m", "ingest", "--health-port", str(port), "--workers", str(workers)]
    child = Child(command, folder / "ingest.log", environment=environment(dsn, broker, more), folder=REPOSITORY)
    ready = answers(f"http://{LOOPBACK}:{port}/health")
    try:
        while not ready(child):
            if child.status() is not None:
                raise SystemExit("\n".join(["ingest did not start:", *child.last_lines()]))
            time.sleep(0.05)
        yield Ingest(child, port)
    finally:
        child.stop()


@dataclass
class MemoryWatch:
    """Resident memory against rows stored, looked at a few times a second."""

    ingest: Ingest
    seen: list[tuple[int, float]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def peak_mb(self, rows: int) -> float:
        """The most seen while up to `rows` rows were stored."""
        return max((mb for stored, mb in self.seen if stored <= rows), default=0.0)

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                stored = self.ingest.stored()
            except OSError:  # busy: the next look will do
                continue
            self.seen.append((stored, self.ingest.rss_mb()))


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _status_kb(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
