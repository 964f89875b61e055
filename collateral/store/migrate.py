"""Bring a database to the present schema: numbered SQL files, each applied once, in one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import psycopg

from collateral.store import pool, timescale

# Two programs may start at once; the second waits for the first.
_LOCK = 0x4845_5244


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was applied now, and what kind of database this is."""

    applied: tuple[str, ...]
    database: timescale.Edition


def migrate(dsn: str) -> Migrated:
    """Apply what is missing. Raises pool.DatabaseUnavailable when the database cannot be reached."""
    with pool.connect(dsn) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '30s'")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migration"
                " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            done = {row[0] for row in connection.execute("SELECT name FROM schema_migration")}
            missing = [(name, sql) for name, sql in scripts() if name not in done]
            for name, sql in missing:
                connection.execute(sql.encode())
                connection.execute("INSERT INTO schema_migration (name) VALUES (%s)", (name,))
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            edition = timescale.prepare(connection)
    return Migrated(tuple(name for name, _ in missing), edition)


def scripts() -> list[tuple[str, str]]:
    """Name and text of every migration, in order."""
    folder = resources.files("collateral.store") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [(entry.name, entry.read_text("utf-8")) for entry in files]


def is_current(connection: psycopg.Connection) -> bool:
    """Whether every migration has been applied."""
    row = connection.execute("SELECT to_regclass('schema_migration') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return False
    done = {name for (name,) in connection.execute("SELECT name FROM schema_migration")}
    return {name for name, _ in scripts()} <= done
