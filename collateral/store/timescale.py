"""Where TimescaleDB differs from PostgreSQL. The only such place: elsewhere queries are the same for both.

The Apache edition has hypertables and drop_chunks, and refuses everything else here; the Community edition has
compression and retention policies as well. Never call merge_chunks: it takes the server down (2.19.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg import sql

CHUNK = "1 day"
HYPERTABLES = (("reading", "measured_at"),)
COMMUNITY = "timescale"


@dataclass(frozen=True, slots=True)
class Edition:
    """What kind of database this is. `timescale` is the extension's version, None on plain PostgreSQL."""

    postgresql: str
    timescale: str | None
    licence: str | None  # "apache" or "timescale"

    @property
    def has_policies(self) -> bool:
        """Whether it compresses and drops by itself, once told."""
        return self.licence == COMMUNITY

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
            # Of a table that was one already: for chunks to come.
            connection.execute("SELECT set_chunk_time_interval(%s::regclass, %s::interval)", (table, CHUNK))
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


# Chunks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of a hypertable. The bounds are text: a wrong clock may make years that Python does not know."""

    schema: str
    name: str
    begins: str
    ends: str


_CHUNKS: LiteralString = """
SELECT chunk_schema, chunk_name, range_start::text, range_end::text
FROM timescaledb_information.chunks
WHERE hypertable_name = %(table)s AND range_start >= %(since)s::timestamptz AND range_end <= %(before)s::timestamptz
ORDER BY range_start
"""
_DROP: LiteralString = (
    "SELECT count(*) FROM drop_chunks(%(table)s::regclass,"
    " older_than => %(ends)s::timestamptz, newer_than => %(begins)s::timestamptz)"
)


def chunks(connection: psycopg.Connection, table: str, since: str, before: str) -> list[Chunk]:
    """The chunks that lie wholly between two moments, oldest first."""
    found = connection.execute(_CHUNKS, {"table": table, "since": since, "before": before})
    return [Chunk(schema=schema, name=name, begins=begins, ends=ends) for schema, name, begins, ends in found]


def received_since(connection: psycopg.Connection, chunk: Chunk, moment: datetime) -> bool:
    """Whether any row of a chunk came at `moment` or later."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE received_at >= %s)")
    row = connection.execute(query.format(sql.Identifier(chunk.schema, chunk.name)), (moment,)).fetchone()
    return bool(row and row[0])


def drop(connection: psycopg.Connection, table: str, chunk: Chunk) -> None:
    """Remove a chunk with all its rows."""
    connection.execute(_DROP, {"table": table, "begins": chunk.begins, "ends": chunk.ends})


# Policies of the Community edition --------------------------------------------------------------------------------

_JOB: LiteralString = """
SELECT job_id, scheduled, coalesce(config ->> 'compress_after', config ->> 'drop_after')::interval
FROM timescaledb_information.jobs WHERE hypertable_name = %s AND proc_name = %s
"""
_COLUMNSTORE: LiteralString = (
    "ALTER TABLE reading SET (timescaledb.enable_columnstore = true, timescaledb.segmentby = 'tag_id',"
    " timescaledb.orderby = 'measured_at DESC, sequence DESC')"
)


def set_policies(connection: psycopg.Connection, compress_after: timedelta, keep: timedelta, *, held: bool) -> None:
    """Tell the Community edition to compress readings and to drop old ones; `held` pauses the dropping.

    Raises psycopg's FeatureNotSupported on the Apache edition: ask Edition.has_policies first.
    """
    with connection.transaction():
        _compress(connection, compress_after)
        _drop_by_policy(connection, keep, held=held)


def _compress(connection: psycopg.Connection, after: timedelta) -> None:
    job = connection.execute(_JOB, ("reading", "policy_compression")).fetchone()
    if job is None:
        connection.execute(_COLUMNSTORE)
    elif job[2] == after:
        return
    connection.execute("CALL remove_columnstore_policy('reading', if_exists => true)")
    connection.execute("CALL add_columnstore_policy('reading', after => %s::interval)", (after,))


def _drop_by_policy(connection: psycopg.Connection, keep: timedelta, *, held: bool) -> None:
    job = connection.execute(_JOB, ("reading", "policy_retention")).fetchone()
    if job is None or job[2] != keep:
        connection.execute("SELECT remove_retention_policy('reading', if_exists => true)")
        connection.execute("SELECT add_retention_policy('reading', drop_after => %s::interval)", (keep,))
        job = connection.execute(_JOB, ("reading", "policy_retention")).fetchone()
    if job is not None and job[1] is held:
        connection.execute("SELECT alter_job(%s, scheduled => %s)", (job[0], not held))
