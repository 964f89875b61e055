"""Several ingest workers beside one another: one process for each core, fed by shared subscriptions.

Worker k connects as `<client id>-k` and keeps that name over restarts, so that what the broker has dealt out to it
and it has not acknowledged comes to it again. Its health page is at the port after the parent's, and so on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from collateral.ops import health
from collateral.ops.logs import logger

FIRST_BACKOFF_S, LARGEST_BACKOFF_S = 0.5, 10.0
STEADY_S = 30.0
"""A worker that has run this long had no trouble starting."""
GRACE_S = 20.0
PAGE_PATIENCE_S = 2.0
CANNOT_START = 2
MOST_WORKERS = 64


@dataclass(slots=True)
class Worker:
    """One process, started again when it ends."""

    name: str
    command: list[str]
    port: int | None
    process: subprocess.Popen[bytes] | None = None
    began_s: float = 0.0
    backoff_s: float = FIRST_BACKOFF_S
    due_s: float = field(default=0.0)

    def start(self, now_s: float) -> None:
        """Begin, or begin again."""
        self.process, self.began_s = subprocess.Popen(self.command, stdin=subprocess.DEVNULL), now_s

    def has_ended(self) -> int | None:
        """Its exit status when it has ended, else None."""
        return self.process.poll() if self.process is not None else None

    def put_off(self, now_s: float) -> None:
        """Start again after a while, longer each time that it ends soon."""
        steady = now_s - self.began_s >= STEADY_S
        self.backoff_s = FIRST_BACKOFF_S if steady else min(LARGEST_BACKOFF_S, 2 * self.backoff_s)
        self.process, self.due_s = None, now_s + self.backoff_s

    def report(self) -> dict[str, Any]:
        """Its health page, or why there is none."""
        if self.process is None:
            return {"ok": False, "state": "is being started again"}
        if self.port is None:
            return {"ok": True, "pid": self.process.pid}
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=PAGE_PATIENCE_S) as page:
                return dict(json.loads(page.read()))
        except urllib.error.HTTPError as unwell:
            return dict(json.loads(unwell.read()))
        except OSError as error:
            return {"ok": False, "state": f"does not answer: {error}"}


class Workers:
    """Runs `count` of them until told to stop."""

    def __init__(self, count: int, client_id: str, port: int | None, stop: threading.Event) -> None:
        self._stop, self._port = stop, port
        self._workers = [_worker(number, count, client_id, port) for number in range(1, count + 1)]

    def run(self) -> int:
        """Work until stopped; 0, or the status of a worker that cannot start at all."""
        page = health.serve(self._port, self.health) if self._port else None
        try:
            for worker in self._workers:
                worker.start(time.monotonic())
            return self._watch()
        finally:
            self._end()
            health.end(page)

    def health(self) -> dict[str, Any]:
        """What the parent's page shows."""
        reports = {worker.name: worker.report() for worker in self._workers}
        return {"ok": all(report["ok"] for report in reports.values()), "workers": reports}

    def _watch(self) -> int:
        while not self._stop.wait(0.1):
            for worker in self._workers:
                status = worker.has_ended()
                if status == CANNOT_START and time.monotonic() - worker.began_s < STEADY_S and not worker.due_s:
                    return CANNOT_START  # it has said why
                if status is not None:
                    logger().warning("worker_ended", worker=worker.name, status=status)
                    worker.put_off(time.monotonic())
                elif worker.process is None and time.monotonic() >= worker.due_s:
                    worker.start(time.monotonic())
        return 0

    def _end(self) -> None:
        running = [worker.process for worker in self._workers if worker.process is not None]
        for process in running:
            process.terminate()
        until_s = time.monotonic() + GRACE_S
        for process in running:
            try:
                process.wait(max(0.1, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def end_with(parent: int, stop: threading.Event) -> None:
    """Set `stop` when `parent` is gone: a worker left behind would fight with the next one over its name."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def name_of(number: int, client_id: str) -> str:
    """The client id of worker `number`, counted from 1."""
    return f"{client_id}-{number}"


def split(name: str) -> tuple[str, int]:
    """The client id and the number in a worker's name."""
    client_id, _, number = name.rpartition("-")
    return client_id, int(number)


def _worker(number: int, count: int, client_id: str, port: int | None) -> Worker:
    name = name_of(number, client_id)
    command = [sys.executable, "-m", "ingest", "--worker-of", str(os.getpid()), "--client-id", name]
    command += ["--workers", str(count)]
    own_port = port + number if port else None
    return Worker(name, command + (["--health-port", str(own_port)] if own_port else []), own_port)
