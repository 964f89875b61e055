"""Real services for tests, as processes: PostgreSQL (plain and TimescaleDB) and MQTT brokers.

`database` is a fresh, migrated database for each test, on each server that this machine can have. `broker` is
shared by the whole run, so a test takes its own `mqtt_prefix` (a farm that nobody else uses) and client ids.
"""

import contextlib
import itertools
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from stack import mosquitto, nats, timescale
from stack.broker import Broker, missing
from stack.folders import REPOSITORY, run_folder
from stack.postgres import EmbeddedPostgres, packaged_version
from stack.timescale import TimescalePostgres

SERVERS = ("plain", "timescale")
BROKERS = ("mosquitto", "nats")
MIGRATED = "migrated"
"""The database with the schema and no rows, to be copied."""
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 << 30
# A background worker that sits in the template would forbid copying it.
TEST_SETTINGS = {"timescaledb.max_background_workers": "0"}


def forget_environment() -> None:
    """A test must not depend on what the developer has set, except on where shared data lies."""
    for name in list(os.environ):
        if name.startswith("HERDLIEN_") and name not in {"HERDLIEN_DATA", "HERDLIEN_TIMESCALE"}:
            del os.environ[name]


def describe() -> list[str]:
    """What this run stands on."""
    found = nats.find()
    second = found if isinstance(found, str) else found.version()
    return [
        f"databases: {packaged_version()}; TimescaleDB {timescale.state()}",
        f"brokers: Mosquitto {mosquitto.state()}; {second}",
    ]


def data_folder() -> Path:
    """Where shared pictures and sensor data lie."""
    return Path(os.environ.get("HERDLIEN_DATA") or REPOSITORY.parent / "shared" / "data")


def memory_folder() -> Path | None:
    """A file system in memory with plenty of room, if there is one.

    A database for each test is a thousand small files made and removed: 0.03 s there, 0.5 s on a disk. What has to
    outlive a power cut is tested with a database of its own.
    """
    if os.environ.get("TMPDIR") or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return None
    return MEMORY


@pytest.fixture(scope="session")
def service_folder() -> Iterator[Path]:
    """A folder for the servers of this run, removed at its end."""
    folder = run_folder("test", under=memory_folder())
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(service_folder: Path) -> Iterator[Callable[[str], EmbeddedPostgres]]:
    """Starts each kind of server when it is first asked for, and keeps it for the whole run.

    pytest leaves a parametrised fixture and comes back to it in every file, and would start and migrate anew.
    """
    with contextlib.ExitStack() as running:

        @cache
        def start(kind: str) -> EmbeddedPostgres:
            make = TimescalePostgres if kind == "timescale" else EmbeddedPostgres
            settings = TEST_SETTINGS if kind == "timescale" else {}
            server = running.enter_context(make(service_folder / f"postgres-{kind}", durable=False, settings=settings))
            # Not at the top: tests that need no database run without it.
            from collateral.store.migrate import migrate

            with _administrator(server) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(MIGRATED)))
            migrate(server.dsn_of(MIGRATED))
            return server

        yield start


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, servers: Callable[[str], EmbeddedPostgres]) -> EmbeddedPostgres:
    """A running server; once plain and once with TimescaleDB (see `parametrise`)."""
    kind: str = request.param
    if kind == "timescale" and (reason := timescale.available()):
        pytest.skip(reason)
    return servers(kind)


_numbers = itertools.count(1)


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The connection string of a fresh database without any schema."""
    yield from _fresh(postgres_server, "template1")


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The connection string of a fresh, migrated database."""
    yield from _fresh(postgres_server, MIGRATED)


def _fresh(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with _administrator(server) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
        connection.execute(copy)
    yield server.dsn_of(name)
    with _administrator(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administrator(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.dsn_of("postgres"), autocommit=True)


@pytest.fixture(scope="session")
def brokers(service_folder: Path) -> Iterator[Callable[[str], Broker]]:
    """Starts each kind of broker when it is first asked for, and keeps it."""
    with contextlib.ExitStack() as running:
        yield cache(lambda kind: running.enter_context(Broker(kind, service_folder / f"broker-{kind}")))


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, brokers: Callable[[str], Broker]) -> Broker:
    """A running broker; once Mosquitto and once NATS (see `parametrise`)."""
    kind: str = request.param
    if reason := missing(kind):
        pytest.skip(reason)
    return brokers(kind)


@pytest.fixture
def mqtt_prefix() -> str:
    """The name of a farm that no other test uses, so that tests can share a broker."""
    return f"farm-{secrets.token_hex(4)}"


@pytest.fixture
def client_id() -> Callable[[str], str]:
    """Makes a client id that no other test uses; the same name gives the same id within one test."""
    mine = secrets.token_hex(4)
    return lambda name: f"{name}-{mine}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with shared pictures and sensor data, else the test is skipped."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder} (set HERDLIEN_DATA)")
    return folder


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Run a test once per server and broker; one marked `timescale` on TimescaleDB alone, `broker(...)` on those alone."""
    if "postgres_server" in metafunc.fixturenames:
        special = metafunc.definition.get_closest_marker("timescale") is not None
        metafunc.parametrize("postgres_server", SERVERS[1:] if special else SERVERS, indirect=True, scope="session")
    if "broker" in metafunc.fixturenames:
        special = metafunc.definition.get_closest_marker("broker")
        metafunc.parametrize("broker", special.args if special else BROKERS, indirect=True, scope="session")
