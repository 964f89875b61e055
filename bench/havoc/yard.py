"""The system under test: gateways, broker, ingest and database as processes, and the lines between them."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.havoc.cuttable import Cuttable
from bench.havoc.unit import BrokerUnit, DatabaseUnit, Program, Unit
from bench.rig.processes import server
from collateral.store.migrate import migrate
from stack.errors import StackError
from stack.ports import LOOPBACK, free_port, is_free

FARM = "bench"
SMALL_SPOOL_MB, LARGE_SPOOL_MB = 1, 256
START_S = 60.0
RESTART_APART_S = 1.0
MOST_FAILED_STARTS = 10
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's process, its line to the broker, its local door and its health page."""

    program: Program
    line: Cuttable
    door: int
    page: int

    def unsent(self) -> int | None:
        """Messages in its spool; None while it does not answer."""
        found = health(self.page).get("unsent")
        return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each. Workers share the messages among all of them; ingesters of one process get every one."""

    gateways: int
    ingesters: int
    workers: int


class Yard:
    """Everything that runs; leaving it stops everything. `say` takes one line of progress."""

    def __init__(self, folder: Path, size: Size, kind: str, say: Callable[[str], None]) -> None:
        self.folder, self._say = folder, say
        self._size, self._kind = size, kind
        self._opened = ExitStack()
        self._failed_starts = 0
        self.gateways: list[Gateway] = []
        self.ingesters: list[Program] = []

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._opened = opening
            self._open()
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def units(self) -> Iterator[Unit]:
        """All processes, what others need first."""
        yield from (self.database, self.broker, *self.ingesters, *(each.program for each in self.gateways))

    def lines(self) -> Iterator[Cuttable]:
        """All lines."""
        yield from (self.to_database, self.from_ingest, *(each.line for each in self.gateways))

    def keep(self, now_s: float) -> None:
        """Start again what is not running and has been away long enough, as a service manager does."""
        for unit in self.units():
            if not unit.running and now_s >= unit.back_at_s:
                self._start_again(unit, now_s)

    def unsent(self) -> int | None:
        """Messages in all spools together; None while a gateway does not answer."""
        each = [gateway.unsent() for gateway in self.gateways]
        return None if None in each else sum(count or 0 for count in each)

    def _start_again(self, unit: Unit, now_s: float) -> None:
        unit.back_at_s = now_s + RESTART_APART_S
        try:
            unit.start()
            self._failed_starts = 0
        except StackError as error:
            self._failed_starts += 1
            self._say(f"{unit.name} did not start: {error}")
            if self._failed_starts >= MOST_FAILED_STARTS:
                raise

    # -- opening --------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.database = DatabaseUnit(server(self._kind, self.folder))
        self.broker = BrokerUnit(self.folder / "broker")
        for unit in (self.database, self.broker):
            self._opened.callback(unit.stop)
            unit.start()
        self.dsn = self.database.server.dsn
        migrate(self.dsn)
        self._open_ingest()
        self.gateways = [self._gateway(number) for number in range(1, self._size.gateways + 1)]

    def _open_ingest(self) -> None:
        self.to_database = self._line(self.database.server.port)
        self.from_ingest = self._line(self.broker.server.port)
        dsn = self.dsn.replace(f":{self.database.server.port}/", f":{self.to_database.port}/")
        environment = {
            **_broker_at(self.from_ingest),
            "HERDLIEN_DATABASE_URL": dsn,
            "HERDLIEN_SIMULATED": "accept",
        }
        names = [f"ingest-{number}" for number in range(1, self._size.ingesters + 1)]
        self.ingesters = [self._ingester(name, environment) for name in names]

    def _ingester(self, name: str, environment: dict[str, str]) -> Program:
        page = _free_ports(1 + self._size.workers)
        command = [
            sys.executable, "-m", "ingest", "--client-id", f"chaos-{name}", "--health-port", str(page),
            "--workers", str(self._size.workers),
        ]  # fmt: skip
        return self._started(Program(name, command, environment, self.folder / f"{name}.log"), page)

    def _gateway(self, number: int) -> Gateway:
        name, line, door, page = f"gateway-{number}", self._line(self.broker.server.port), free_port(), free_port()
        spool_mb = SMALL_SPOOL_MB if number == 1 else LARGE_SPOOL_MB
        command = [
            sys.executable, "-m", "edge", "--farm", FARM, "--gateway", name, "--listen", str(door),
            "--spool", str(self.folder / f"{name}.sqlite"), "--spool-mb", str(spool_mb),
            "--heartbeat", "10", "--health-port", str(page),
        ]  # fmt: skip
        program = Program(name, command, _broker_at(line), self.folder / f"{name}.log")
        return Gateway(self._started(program, page), line, door, page)

    def _line(self, port: int) -> Cuttable:
        return self._opened.enter_context(Cuttable(LOOPBACK, port))

    def _started(self, program: Program, page: int) -> Program:
        self._opened.callback(program.stop)
        program.start()
        _await_ready(program, page)
        return program


def _free_ports(count: int) -> int:
    """The first of so many free ports in a row: each worker has its page at the next one."""
    while True:
        first = free_port()
        if all(is_free(port) for port in range(first, first + count)):
            return first


def health(page: int) -> dict[str, Any]:
    """A program's health page, whatever it says of itself; empty while it does not answer."""
    try:
        with _direct.open(f"http://{LOOPBACK}:{page}/health", timeout=2.0) as reply:
            report: dict[str, Any] = json.load(reply)
    except urllib.error.HTTPError as unwell:
        with unwell:
            report = json.load(unwell)
    except (OSError, ValueError):
        return {}
    return report


def _broker_at(line: Cuttable) -> dict[str, str]:
    return {**os.environ, "HERDLIEN_BROKER_HOST": LOOPBACK, "HERDLIEN_BROKER_PORT": str(line.port)}


def _await_ready(program: Program, page: int) -> None:
    deadline = time.monotonic() + START_S
    while not health(page).get("ok"):
        if not program.running or time.monotonic() > deadline:
            said = program.child.last_lines() if program.child else []
            raise StackError("\n".join([f"{program.name} did not start:", *said]))
        time.sleep(0.05)
