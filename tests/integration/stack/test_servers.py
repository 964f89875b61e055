"""The servers that tests and the demo stand on."""

import stat
from pathlib import Path

import psycopg
import pytest

from stack.errors import StackError
from stack.postgres import EmbeddedPostgres


def test_the_server_answers_with_the_generated_password(postgres_server: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres_server.dsn) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("herdlien",)


def test_a_wrong_password_is_refused(postgres_server: EmbeddedPostgres) -> None:
    wrong = postgres_server.dsn.replace(postgres_server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_password_file_is_for_the_server_alone(postgres_server: EmbeddedPostgres) -> None:
    mode = stat.S_IMODE(postgres_server.outside("password").stat().st_mode)
    assert mode == 0o600


def test_it_listens_on_the_loopback_address_only(postgres_server: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres_server.dsn) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)


def test_a_taken_port_is_named(postgres_server: EmbeddedPostgres, service_folder: Path) -> None:
    second = EmbeddedPostgres(service_folder / "second", port=postgres_server.port, durable=False)
    with pytest.raises(StackError, match=rf"port {postgres_server.port} for PostgreSQL is taken by .*postgres"):
        second.start()


def test_a_server_that_cannot_start_says_why_in_its_own_words(service_folder: Path) -> None:
    broken = EmbeddedPostgres(service_folder / "broken", durable=False, settings={"shared_buffers": "lots"})
    with pytest.raises(StackError, match=r'PostgreSQL did not start: .*invalid value for parameter "shared_buffers"'):
        broken.start()


@pytest.mark.timescale
def test_timescaledb_can_be_created(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE EXTENSION timescaledb")
        row = connection.execute("SELECT current_setting('timescaledb.license')").fetchone()
        assert row == ("apache",)


def test_each_test_gets_a_database_of_its_own(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert row == (0,)
        connection.execute("CREATE TABLE mark (id int)")


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_data_survives_a_restart(service_folder: Path, ending: str) -> None:
    server = EmbeddedPostgres(service_folder / f"survives {ending}").start()
    try:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        getattr(server, ending)()
        server.restart()
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
    finally:
        server.stop()


def test_a_second_start_on_the_same_folder_keeps_data_and_password(service_folder: Path) -> None:
    folder = service_folder / "twice"
    with EmbeddedPostgres(folder, durable=False) as first:
        password = first.password
        with psycopg.connect(first.dsn) as connection:
            connection.execute("CREATE TABLE kept (id int)")
    with EmbeddedPostgres(folder, durable=False) as second, psycopg.connect(second.dsn) as connection:
        assert second.password == password
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
