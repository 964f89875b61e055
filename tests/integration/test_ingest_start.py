"""Ingest that cannot start says in one line which setting to change, and exits with status 2."""

import socket
import subprocess
import sys
from collections.abc import Mapping

from stack.folders import REPOSITORY
from stack.ports import LOOPBACK, free_port
from stack.postgres import EmbeddedPostgres
from tests.integration.field import environment


def refusal(settings: Mapping[str, str], *arguments: str) -> str:
    """The only line on standard error of an ingest that exits with 2."""
    done = subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        env=dict(settings), cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    return lines[0]


def test_a_wrong_password(postgres_server: EmbeddedPostgres, database: str) -> None:
    wrong = database.replace(postgres_server.dsn.split(":")[2].split("@")[0], "wrong")
    line = refusal(environment(wrong, LOOPBACK, free_port()))
    assert "correct the user or password in HERDLIEN_DATABASE_URL" in line
    assert "wrong" not in line


def test_a_database_that_does_not_answer() -> None:
    line = refusal(environment(f"postgresql://u:secret@{LOOPBACK}:{free_port()}/d", LOOPBACK, free_port()))
    assert "start it, or correct HERDLIEN_DATABASE_URL" in line
    assert "secret" not in line


def test_a_database_without_the_schema(empty_database: str) -> None:
    assert "migrate" in refusal(environment(empty_database, LOOPBACK, free_port()))


def test_a_broker_that_does_not_answer(database: str) -> None:
    line = refusal(environment(database, LOOPBACK, free_port()))
    assert "HERDLIEN_BROKER_HOST and HERDLIEN_BROKER_PORT" in line


def test_a_setting_out_of_range() -> None:
    settings = {**environment("postgresql://u@h/d", LOOPBACK, 1883), "HERDLIEN_INGEST_BATCH_ROWS": "0"}
    assert "HERDLIEN_INGEST_BATCH_ROWS" in refusal(settings)


def test_a_health_port_that_is_taken(database: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "--health-port" in refusal(environment(database, LOOPBACK, free_port()), "--health-port", port)
