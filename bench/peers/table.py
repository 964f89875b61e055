"""The table that a peer writes into: `reading` once more, with its unique key, and a hypertable where that is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg

from collateral.store import pool

NAME: LiteralString = "peer_reading"
_MAKE: LiteralString = f"""
DROP TABLE IF EXISTS {NAME};
CREATE TABLE {NAME} (LIKE reading INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE UNIQUE INDEX {NAME}_key ON {NAME} (tag_id, measured_at, sequence);
"""
_CHUNKS: LiteralString = """
SELECT time_interval FROM timescaledb_information.dimensions
WHERE hypertable_name = 'reading' AND dimension_number = 1
"""
_HYPERTABLE: LiteralString = (
    f"SELECT create_hypertable('{NAME}', by_range('measured_at', %s::interval), create_default_indexes => false)"
)


@contextmanager
def peer_table(dsn: str) -> Iterator[psycopg.Connection]:
    """Make it, give a connection to count with, and drop it again."""
    with pool.connect(dsn) as connection:
        connection.execute(_MAKE)
        if connection.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone() is not None:
            for (interval,) in connection.execute(_CHUNKS).fetchall():
                connection.execute(_HYPERTABLE, [interval])
        try:
            yield connection
        finally:
            connection.execute(f"DROP TABLE {NAME}")


def committed(connection: psycopg.Connection) -> int:
    """Rows that others can see by now."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {NAME}").fetchall()
    return int(rows)


def clear(connection: psycopg.Connection) -> None:
    """Empty it, and let the server write out what is pending, so that each run starts alike."""
    connection.execute(f"TRUNCATE {NAME}")
    connection.execute("CHECKPOINT")
