"""Several workers share one broker's messages, and one that dies takes nothing with it."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collateral.contract import codec
from collateral.contract.topics import Kind
from collateral.store import pool
from collateral.store.readings import Ledger, compare_published
from stack.broker import Broker
from tests.integration.field import FieldGateway, Ingest, Trickle, await_true, made_up, published, running_ingest

MESSAGES = [made_up("gw-1", number, rows=20) for number in range(1, 301)]
WHOLE = Ledger(published=6000, stored=6000, lost=0, duplicates=0, surplus=0)
WORKERS = 2
SHARING = pytest.mark.broker("mosquitto")  # shared subscriptions need MQTT 5


@pytest.fixture
def gateway(mqtt_prefix: str, broker: Broker) -> Iterator[FieldGateway]:
    with FieldGateway(mqtt_prefix, "gw-1", broker) as gateway:
        yield gateway


def readings_of(ingest: Ingest) -> list[int]:
    """What each worker has stored."""
    return [int(report.get("readings", 0)) for report in ingest.health()["workers"].values()]


def pids_of(ingest: Ingest) -> list[int]:
    """The workers' processes."""
    assert ingest.child is not None
    pid = ingest.child.pid
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.slow
@SHARING
def test_workers_share_the_messages_and_a_killed_one_is_started_again(
    database: str, broker: Broker, gateway: FieldGateway, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    with running_ingest(database, broker, client_id("ingest"), tmp_path, workers=WORKERS) as ingest:
        with Trickle(gateway, MESSAGES, 0.003):
            await_true(lambda: gateway.up_to >= 50, "50 messages are receipted")
            assert all(readings_of(ingest)), "each worker has its share"
            first = pids_of(ingest)
            os.kill(first[0], signal.SIGKILL)
            await_true(lambda: len(set(pids_of(ingest)) - set(first)) == 1, "another has taken its place")
        with pool.connect(database) as connection:
            assert compare_published(connection, published(MESSAGES)) == WHOLE
        assert ingest.said("worker_ended") == 1


@SHARING
def test_workers_end_with_the_one_that_started_them(
    database: str, broker: Broker, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    with running_ingest(database, broker, client_id("ingest"), tmp_path, workers=WORKERS) as ingest:
        workers = pids_of(ingest)
        assert ingest.child is not None
        os.kill(ingest.child.pid, signal.SIGKILL)
        await_true(lambda: not any(is_running(pid) for pid in workers), "none is left behind")


@SHARING
def test_fewer_workers_lose_nothing_that_the_broker_had_dealt_out_to_the_others(
    database: str, broker: Broker, gateway: FieldGateway, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    name = client_id("ingest")
    many = Ingest(database, broker, name, tmp_path, workers=3).start()
    many.stop()
    for message in MESSAGES[:60]:
        gateway.send(message)  # once: nobody will send it again
    settle = [made_up("gw-1", 10_000)]
    with running_ingest(database, broker, name, tmp_path) as one:
        gateway.publish(Kind.READINGS, codec.encode(settle[0]))
        await_true(lambda: gateway.up_to == 60, "everything is committed")
        await_true(lambda: one.said("worker_left") == 3, "the others are given up")
    with pool.connect(database) as connection:
        assert compare_published(connection, published(MESSAGES[:60] + settle)).lost == 0


@pytest.mark.broker("nats")
def test_a_broker_without_shared_subscriptions_is_said_in_one_line(
    database: str, broker: Broker, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    ingest = Ingest(database, broker, client_id("ingest"), tmp_path, workers=WORKERS)
    assert ingest.refused() == 2
    assert "run one worker" in ingest.log.read_text()
