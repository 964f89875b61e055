"""What one person sees of the database: a bounded transaction under row-level security."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from collateral.model.person import Person
from collateral.store import migrate, pool

# The name by which the rest of the system speaks of the driver's pool.
Pool = ConnectionPool

WAIT_S = 5.0
LONGEST_STATEMENT = "15s"


def readable(dsn: str) -> str:
    """The connection string when it is one. Raises pool.DatabaseUnavailable otherwise."""
    try:
        psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise pool.DatabaseUnavailable(pool.explain(dsn, error)) from error
    return dsn


@contextmanager
def sight(connections: Pool, person: Person) -> Iterator[psycopg.Connection]:
    """A transaction that sees what `person` may see. Raises pool.DatabaseUnavailable, also when it breaks midway."""
    with _reachable(connections, WAIT_S) as connection, pool.acting_as(connection, person) as scoped:
        scoped.execute("SELECT set_config('statement_timeout', %s, true)", (LONGEST_STATEMENT,))
        yield scoped


@contextmanager
def unscoped(connections: Pool, wait_s: float = WAIT_S) -> Iterator[psycopg.Connection]:
    """A connection for what happens before anybody is known, such as a login."""
    with _reachable(connections, wait_s) as connection:
        yield connection


def is_schema_current(connections: Pool, wait_s: float = 1.5) -> bool:
    """Whether the database answers with the present schema. Raises pool.DatabaseUnavailable."""
    with _reachable(connections, wait_s) as connection:
        return migrate.is_current(connection)


@contextmanager
def _reachable(connections: Pool, wait_s: float) -> Iterator[psycopg.Connection]:
    try:
        with connections.connection(timeout=wait_s) as connection:
            yield connection
    except (PoolTimeout, psycopg.OperationalError) as error:
        dsn = connections.conninfo
        raise pool.DatabaseUnavailable(pool.explain(dsn if isinstance(dsn, str) else dsn(), error)) from error
