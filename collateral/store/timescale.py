"""Where TimescaleDB differs from PostgreSQL. The only such place: elsewhere queries are the same for both."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

CHUNK = "1 day"
HYPERTABLES = (("reading", "measured_at"),)


@dataclass(frozen=True, slots=True)
class Edition:
    """What kind of database this is. `timescale` is the extension's version, None on plain PostgreSQL."""

    postgresql: str
    timescale: str | None
    licence: str | None  # "apache" or "timescale"

    def __str__(self) -> str:
        if self.timescale is None:
            return f"PostgreSQL {self.postgresql}"
        return f"TimescaleDB {self.timescale} ({self.licence}) on PostgreSQL {self.postgresql}"


def prepare(connection: psycopg.Connection) -> Edition:
    """Make hypertables where TimescaleDB is there; leave plain tables where it is not."""
    if _can_have_extension(connection):
        connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        for table, column in HYPERTABLES:
            # The default time index costs 35-80 % more on every write and serves no query of ours.
            connection.execute(
                "SELECT create_hypertable(%s::regclass, by_range(%s, %s::interval),"
                " create_default_indexes => false, if_not_exists => true, migrate_data => true)",
                (table, column, CHUNK),
            )
    return edition(connection)


def edition(connection: psycopg.Connection) -> Edition:
    """What this database is."""
    row = connection.execute(
        "SELECT current_setting('server_version'),"
        " (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),"
        " current_setting('timescaledb.license', true)"
    ).fetchone() or ("unknown", None, None)
    return Edition(row[0].split()[0], row[1], row[2] if row[1] else None)


def _can_have_extension(connection: psycopg.Connection) -> bool:
    # CREATE EXTENSION without the preload drops the connection, so look first.
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')"
        " AND current_setting('shared_preload_libraries') LIKE '%timescaledb%'"
    ).fetchone()
    return bool(row and row[0])
