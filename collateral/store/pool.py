"""Connections to the database, and one clear error when there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from collateral.model.person import Person, Role

# The names by which the rest of the system speaks of the driver's things.
Connection = psycopg.Connection
ConnectionLost = psycopg.OperationalError


# A cable that is cut says nothing: without these a writer would wait for hours.
_NOTICE_CUTS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}


class DatabaseUnavailable(ConnectionError):
    """The database cannot be used; the message says where, why and what to do."""


def connect(dsn: str) -> psycopg.Connection:
    """One connection, autocommit, UTC. Raises DatabaseUnavailable."""
    try:
        return psycopg.connect(_complete(dsn), autocommit=True, connect_timeout=10, options="-c timezone=UTC")
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise DatabaseUnavailable(explain(dsn, error)) from error


def open_pool(dsn: str, *, most: int = 4) -> ConnectionPool:
    """A pool of up to `most` connections, checked before use. Raises DatabaseUnavailable."""
    connect(dsn).close()  # says clearly what is wrong, which a pool's time-out does not
    pool = ConnectionPool(
        _complete(dsn),
        min_size=1,
        max_size=most,
        open=False,
        kwargs={"autocommit": True, "options": "-c timezone=UTC"},
        check=ConnectionPool.check_connection,
    )
    try:
        pool.open(wait=True, timeout=10)
    except PoolTimeout as error:
        raise DatabaseUnavailable(explain(dsn, error)) from error
    return pool


def _complete(dsn: str) -> str:
    return psycopg.conninfo.make_conninfo(dsn, **_NOTICE_CUTS)


def try_lock(connection: psycopg.Connection, number: int) -> bool:
    """Take a lock that lasts as long as the connection; False when somebody else holds it."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
    return bool(row and row[0])


@contextmanager
def acting_as(connection: psycopg.Connection, person: Person) -> Iterator[psycopg.Connection]:
    """A transaction that sees only what `person` may see (row-level security)."""
    branch = person.branch_id or "*"
    farm = person.farm_id if person.role is Role.FARM and person.farm_id else "*"
    with connection.transaction():
        connection.execute("SET LOCAL ROLE herdlien_person")
        connection.execute(
            "SELECT set_config('herdlien.branch', %s, true), set_config('herdlien.farm', %s, true)",
            (branch, farm),
        )
        yield connection


def explain(dsn: str, error: Exception) -> str:
    """Where, why, and what to do, without the password."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return "HERDLIEN_DATABASE_URL is not a PostgreSQL connection string; write postgresql://user:password@host:port/name"
    where = (
        f"{parts.get('user', '')}@{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
    )
    reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    fix = "start it, or correct HERDLIEN_DATABASE_URL"
    if "password" in reason or "authentication" in reason:
        fix = "correct the user or password in HERDLIEN_DATABASE_URL"
    elif "does not exist" in reason:
        fix = "create it, or correct HERDLIEN_DATABASE_URL"
    return f"database {where}: {reason}; {fix}"
