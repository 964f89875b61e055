"""A gateway as a process against a real broker: nothing is lost, and only a receipt makes it forget."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collateral.contract import codec, topics
from collateral.contract.messages import VERSION, GatewayState, Readings, Receipt, Status, Uplink
from collateral.contract.topics import Kind, Topic
from collateral.ops.mqtt import Connection, Delivery
from collateral.settings.fragments import BrokerSettings
from firmware_sim.link import Link
from stack.broker import Broker
from stack.ports import free_port

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BATCHES, PER_BATCH = 60, 50


class Bank:
    """Stands for ingest: stores readings, and receipts them while `answers` is set."""

    def __init__(self, broker: Broker, farm: str, name: str) -> None:
        self.farm, self.answers = farm, threading.Event()
        self.answers.set()
        self.stored: set[tuple[str, int]] = set()
        self.statuses: list[Status] = []
        self._numbers: dict[str, set[int]] = {}
        settings = BrokerSettings(broker_host=broker.host, broker_port=broker.port)
        kinds = [str(Topic(farm, "gw-1", kind)) for kind in (Kind.READINGS, Kind.STATUS)]
        self.link = Connection(name, settings, subscribe=kinds, on_delivery=self._take)

    def _take(self, delivery: Delivery) -> None:
        delivery.acknowledge()
        if topics.parse(delivery.topic).kind is Kind.STATUS:
            self.statuses.append(codec.decode(delivery.payload, Status))
            return
        batch = codec.decode(delivery.payload, Readings)
        if not self.answers.is_set():
            return  # the broker's acknowledgement is out, and the database never saw it
        self.stored |= {(reading.tag, reading.seq) for reading in batch.readings}
        numbers = self._numbers.setdefault(batch.spool, set())
        numbers.add(batch.number)
        up_to = next(n for n in range(max(numbers) + 2) if n + 1 not in numbers)
        missing = [n for n in range(up_to + 1, max(numbers)) if n not in numbers]
        receipt = Receipt(v=VERSION, gateway="gw-1", spool=batch.spool, committed_up_to=up_to, at=NOON, missing=missing)
        topic = str(Topic(self.farm, "gw-1", Kind.RECEIPT))
        self.link.publish(topic, codec.encode(receipt), wait_s=None)


class Box:
    """The gateway process and its files; `kill` is a power cut."""

    def __init__(self, broker_host: str, broker_port: int, farm: str, folder: Path) -> None:
        self.port, self.spool = free_port(), folder / "spool.sqlite"
        self._log = folder / "edge.log"
        broker = {"HERDLIEN_BROKER_HOST": broker_host, "HERDLIEN_BROKER_PORT": str(broker_port)}
        self._environment = {**os.environ, **broker}
        self._command = [sys.executable, "-m", "edge", "--farm", farm, "--gateway", "gw-1"]
        self._command += ["--listen", str(self.port), "--spool", str(self.spool), "--heartbeat", "1"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stderr=log)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(20)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def kept(self) -> int:
        """Messages in the spool; only while the gateway does not run."""
        with contextlib.closing(sqlite3.connect(self.spool)) as database:
            return int(database.execute("SELECT count(*) FROM message").fetchone()[0])


@pytest.fixture
def bank(broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]) -> Iterator[Bank]:
    made = Bank(broker, mqtt_prefix, client_id("bank"))
    with made.link:
        yield made


@pytest.fixture
def box(broker: Broker, mqtt_prefix: str, tmp_path: Path) -> Iterator[Box]:
    made = Box(broker.host, broker.port, mqtt_prefix, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def tags(box: Box) -> Iterator[Link]:
    link = Link("gw-1", "127.0.0.1", box.port)
    link.start()
    yield link
    link.close()


def uplinks(batch: int) -> list[Uplink]:
    at = NOON + timedelta(hours=batch)
    return [Uplink(tag=f"{n:016x}", seq=batch, measured_at=at) for n in range(PER_BATCH)]


EVERYTHING = {(f"{n:016x}", batch) for n in range(PER_BATCH) for batch in range(BATCHES)}


def eventually(holds: Callable[[], bool], wait_s: float = 40.0) -> bool:
    """Whether it comes to hold in time."""
    deadline = time.monotonic() + wait_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_gateway_killed_in_the_middle_of_its_backlog_loses_nothing(bank: Bank, box: Box, tags: Link) -> None:
    for batch in range(BATCHES):
        tags.hand_over(readings=uplinks(batch))
        if batch in {15, 40}:
            assert eventually(lambda: tags.pending < 10)
            box.kill()
            box.start()
    assert eventually(lambda: bank.stored == EVERYTHING)
    assert tags.wait_below(1, 20)
    so_far = len(bank.statuses)  # an earlier birth or will also says that nothing waits
    assert eventually(lambda: any(s.at is not None and s.unsent == 0 for s in bank.statuses[so_far:]))
    assert box.stop() == 0
    assert box.kept() == 0


def test_without_a_receipt_the_gateway_keeps_what_the_broker_has_acknowledged(bank: Bank, box: Box, tags: Link) -> None:
    bank.answers.clear()
    tags.hand_over(readings=uplinks(0))
    assert tags.wait_below(1, 20)
    assert eventually(lambda: any(s.unsent == 1 and s.oldest_unsent_at == NOON for s in bank.statuses))
    box.kill()
    assert box.kept() == 1
    bank.answers.set()
    box.start()
    assert eventually(lambda: len(bank.stored) == PER_BATCH)
    assert eventually(lambda: bank.statuses[-1].oldest_unsent_at is None)


def test_tags_are_taken_while_there_is_no_broker_and_sent_once_there_is(
    broker: Broker, bank: Bank, mqtt_prefix: str, tmp_path: Path
) -> None:
    away = Box("127.0.0.1", free_port(), mqtt_prefix, tmp_path)
    away.start()
    link = Link("gw-1", "127.0.0.1", away.port)
    link.start()
    try:
        link.hand_over(readings=uplinks(0))
        assert link.wait_below(1, 20)
    finally:
        link.close()
        status = away.stop()
    assert (status, away.kept(), away.log().count("broker_away")) == (0, 1, 1)
    there = Box(broker.host, broker.port, mqtt_prefix, tmp_path)
    there.start()
    try:
        assert eventually(lambda: len(bank.stored) == PER_BATCH)
    finally:
        there.kill()


def test_a_gateway_says_hello_and_goodbye_and_a_dead_one_is_reported(bank: Bank, box: Box) -> None:
    assert eventually(lambda: bool(bank.statuses))
    assert bank.statuses[0].state is GatewayState.ONLINE
    assert box.stop() == 0
    assert eventually(lambda: bank.statuses[-1].state is GatewayState.OFFLINE)
    assert bank.statuses[-1].at is not None
    box.start()
    assert eventually(lambda: bank.statuses[-1].state is GatewayState.ONLINE)
    box.kill()
    assert eventually(lambda: bank.statuses[-1].state is GatewayState.OFFLINE)
    assert bank.statuses[-1].at is None, "the will is written before its time is known"
