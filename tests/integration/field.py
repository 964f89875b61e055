"""A gateway in the field that resends until receipted, and ingest as the process that it really is."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from collateral.contract import codec
from collateral.contract.messages import VERSION, Reading, Readings, Receipt
from collateral.contract.topics import Kind, Topic
from collateral.ops.mqtt import Connection, Delivery, NotDelivered
from collateral.settings.fragments import BrokerSettings
from collateral.store.readings import Published
from stack.broker import Broker
from stack.child import Child
from stack.folders import REPOSITORY
from stack.health import answers
from stack.ports import LOOPBACK, free_port

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
PATIENCE_S = 60.0
RESEND_S = 1.0


def await_true(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s} s in vain: {what}"
        time.sleep(0.02)


def made_up(gateway: str, number: int, rows: int = 10) -> Readings:
    """Message `number` of a gateway; no two of its readings are alike."""
    first = number * rows
    each = [
        Reading(tag=f"{row % 50:016x}", seq=row, measured_at=at, heard_at=at)
        for row in range(first, first + rows)
        for at in [SINCE + timedelta(seconds=row)]
    ]
    return Readings(v=VERSION, gateway=gateway, spool="s1", number=number, sent_at=SINCE, readings=each)


def published(messages: Iterable[Readings]) -> Iterator[Published]:
    """The natural keys in these messages."""
    return ((reading.tag, reading.seq, reading.measured_at) for message in messages for reading in message.readings)


class FieldGateway:
    """Publishes numbered messages and keeps each until ingest's receipt covers it."""

    def __init__(self, farm: str, name: str, broker: Broker) -> None:
        self.farm, self.name = farm, name
        self.receipts: list[Receipt] = []
        settings = BrokerSettings(broker_host=broker.host, broker_port=broker.port)
        self._link = Connection(
            f"{farm}-{name}", settings, subscribe=[self.topic(Kind.RECEIPT)], on_delivery=self._hear
        )

    def __enter__(self) -> Self:
        self._link.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def topic(self, kind: Kind) -> str:
        return str(Topic(self.farm, self.name, kind))

    @property
    def up_to(self) -> int:
        """The highest number that the newest receipt covers."""
        return max((receipt.committed_up_to for receipt in self.receipts), default=0)

    def publish(self, kind: Kind, payload: bytes) -> None:
        """Publish once, and wait for the broker."""
        self._link.publish(self.topic(kind), payload)

    def send(self, message: Readings) -> None:
        """Publish once, without waiting."""
        self._link.publish(self.topic(Kind.READINGS), codec.encode(message), wait_s=None)

    def publish_until(self, condition: Callable[[], object], what: str, *sends: tuple[Kind, bytes]) -> None:
        """Publish these once, and wait until `condition` holds."""
        for kind, payload in sends:
            self.publish(kind, payload)
        await_true(condition, what)

    def deliver(self, messages: list[Readings], patience_s: float = PATIENCE_S, *, pause_s: float = 0.0) -> None:
        """Publish all, and again what is not receipted, until everything is."""
        deadline = time.monotonic() + patience_s
        while self.up_to < messages[-1].number:
            assert time.monotonic() < deadline, f"receipted up to {self.up_to} of {messages[-1].number}"
            for message in messages:
                if message.number > self.up_to:
                    self.send(message)
                    time.sleep(pause_s)
            self._await_quiet(messages[-1].number)

    def _await_quiet(self, last: int) -> None:
        """Wait for receipts as long as they make progress."""
        seen, since = self.up_to, time.monotonic()
        while self.up_to < last and time.monotonic() - since < RESEND_S:
            if self.up_to > seen:
                seen, since = self.up_to, time.monotonic()
            time.sleep(0.02)

    def _hear(self, delivery: Delivery) -> None:
        self.receipts.append(codec.decode(delivery.payload, Receipt))
        delivery.acknowledge()


class Ingest:
    """`python -m ingest` as a child process, with its health page."""

    def __init__(
        self,
        database: str,
        broker: Broker,
        client_id: str,
        folder: Path,
        *,
        workers: int = 1,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port(1 + workers)
        self.log = folder / f"{client_id}.log"
        self._command = [sys.executable, "-m", "ingest", "--client-id", client_id, "--health-port", str(self.port)]
        self._command += ["--workers", str(workers)] if workers > 1 else []
        self._environment = {**environment(database, broker.host, broker.port), **(more or {})}
        self.child: Child | None = None

    def start(self) -> Ingest:
        """Start and wait until it is ready."""
        self.child = child = Child(self._command, self.log, environment=self._environment, folder=REPOSITORY)
        ready = answers(f"http://{LOOPBACK}:{self.port}/health")
        await_true(lambda: ready(child) or child.status() is not None, "ingest is ready")
        assert child.status() is None, child.output()
        return self

    def refused(self) -> int:
        """Its exit status when it cannot start."""
        self.child = Child(self._command, self.log, environment=self._environment, folder=REPOSITORY)
        try:
            return self.child.wait(PATIENCE_S)
        finally:
            self.child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.child is not None
        self.child.kill()

    def stop(self) -> int:
        """End it in good order."""
        assert self.child is not None
        return self.child.stop()

    def page(self, path: str) -> bytes:
        """One of its pages, whatever its status."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=5) as reply:
                return bytes(reply.read())
        except urllib.error.HTTPError as unwell:
            return bytes(unwell.read())

    def health(self) -> dict[str, Any]:
        """Its health page."""
        report: dict[str, Any] = json.loads(self.page("/health"))
        return report

    def said(self, event: str) -> int:
        """How often its log has this event."""
        return self.log.read_text().count(f'"event": "{event}"')


def environment(database: str, host: str, port: int) -> dict[str, str]:
    """The environment that points ingest at these services."""
    return {
        **os.environ,
        "HERDLIEN_DATABASE_URL": database,
        "HERDLIEN_BROKER_HOST": host,
        "HERDLIEN_BROKER_PORT": str(port),
        "HERDLIEN_SIMULATED": "accept",
    }


@contextmanager
def running_ingest(
    database: str,
    broker: Broker,
    client_id: str,
    folder: Path,
    *,
    workers: int = 1,
    more: Mapping[str, str] | None = None,
) -> Iterator[Ingest]:
    """Ingest, ready; at the end it is stopped and forgotten by the broker."""
    ingest = Ingest(database, broker, client_id, folder, workers=workers, more=more)
    try:
        yield ingest.start()
    finally:
        ingest.stop()
        settings = BrokerSettings(broker_host=broker.host, broker_port=broker.port)
        for name in [client_id, *(f"{client_id}-{number}" for number in range(1, workers + 1) if workers > 1)]:
            with Connection(name, settings):
                pass


class Trickle:
    """A gateway that delivers in the background while the test breaks something."""

    def __init__(self, gateway: FieldGateway, messages: list[Readings], pause_s: float) -> None:
        self._failure: BaseException | None = None
        self._gateway, self._messages, self._pause_s = gateway, messages, pause_s
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(PATIENCE_S)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._gateway.deliver(self._messages, pause_s=self._pause_s)
        except (AssertionError, NotDelivered, OSError) as failure:
            self._failure = failure
