"""Ingest killed, database away, broker away: nothing lost, nothing twice."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collateral.store import pool
from collateral.store.readings import Ledger, compare_published
from stack.broker import Broker
from stack.postgres import EmbeddedPostgres
from tests.integration.field import FieldGateway, Trickle, await_true, made_up, published, running_ingest

MESSAGES = [made_up("gw-1", number, rows=20) for number in range(1, 401)]
PAUSE_S = 0.003

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway(mqtt_prefix: str, broker: Broker) -> Iterator[FieldGateway]:
    with FieldGateway(mqtt_prefix, "gw-1", broker) as gateway:
        yield gateway


def ledger(database: str) -> Ledger:
    with pool.connect(database) as connection:
        return compare_published(connection, published(MESSAGES))


WHOLE = Ledger(published=8000, stored=8000, lost=0, duplicates=0, surplus=0)


def test_a_killed_ingest_loses_nothing_and_stores_nothing_twice(
    database: str, broker: Broker, gateway: FieldGateway, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    with running_ingest(database, broker, client_id("ingest"), tmp_path) as ingest:
        with Trickle(gateway, MESSAGES, PAUSE_S):
            for share in (50, 150):
                await_true(lambda share=share: gateway.up_to >= share, f"{share} messages are receipted")
                ingest.kill()
                ingest.start()
        assert ledger(database) == WHOLE


def test_the_database_goes_away_and_comes_back(
    database: str,
    broker: Broker,
    gateway: FieldGateway,
    client_id: Callable[[str], str],
    tmp_path: Path,
    postgres_server: EmbeddedPostgres,
) -> None:
    with running_ingest(database, broker, client_id("ingest"), tmp_path) as ingest:
        with Trickle(gateway, MESSAGES, PAUSE_S):
            await_true(lambda: gateway.up_to >= 50, "50 messages are receipted")
            postgres_server.stop()
            await_true(lambda: ingest.said("database_away"), "ingest says that the database is away")
            claimed = gateway.up_to
            postgres_server.restart()
        assert ledger(database) == WHOLE
        assert claimed < len(MESSAGES)
        assert (ingest.said("database_away"), ingest.said("database_back")) == (1, 1)
        assert ingest.said("quarantined") == 0


@pytest.mark.parametrize("reader", ["paho", "fast"])
def test_the_broker_goes_away_and_comes_back(
    reader: str, database: str, broker: Broker, gateway: FieldGateway, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    more = {"HERDLIEN_INGEST_READER": reader}
    with running_ingest(database, broker, client_id("ingest"), tmp_path, more=more) as ingest:
        with Trickle(gateway, MESSAGES, PAUSE_S):
            await_true(lambda: gateway.up_to >= 50, "50 messages are receipted")
            broker.kill()
            await_true(lambda: ingest.said("broker_away"), "ingest says that the broker is away")
            broker.start()
        assert ledger(database) == WHOLE
