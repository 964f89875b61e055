"""What a backup asks of a database. The launcher may not import the store, so these questions stand here alone."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from collateral.settings.fragments import DatabaseSettings, SettingsError
from stack.errors import StackError

VARIABLE = "HERDLIEN_DATABASE_URL"
LOCK_PATIENCE_S = 60
# TimescaleDB's loader defines this setting on servers that load it, whether or not a database has the extension.
_SERVER: LiteralString = """
SELECT split_part(current_setting('server_version'), ' ', 1),
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
       current_setting('timescaledb.license', true), current_setting('is_superuser') = 'on',
       ARRAY(SELECT version FROM pg_available_extension_versions
             WHERE name = 'timescaledb' AND current_setting('timescaledb.disable_load', true) IS NOT NULL)
"""
# Ours: neither PostgreSQL's nor an extension's, and no part of another table.
_TABLES: LiteralString = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence <> 't'
  AND nspname !~ '^(pg_|_?timescaledb_)' AND nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND classid = 'pg_class'::regclass AND deptype = 'e')
ORDER BY 1, 2
"""
# Roles that privileges or policies name; those of a server are in no backup of a database.
_ROLES: LiteralString = """
SELECT DISTINCT rolname FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype IN ('a', 'r')
  AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
"""
# PostgreSQL keeps no note of what its first superuser owns, so ask the tables as well.
_OWNERS: LiteralString = """
SELECT rolname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE pg_class.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND classid = 'pg_class'::regclass AND deptype = 'e')
UNION SELECT rolname FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND classid <> 'pg_extension'::regclass
  AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
"""
_SIZES: LiteralString = """
SELECT coalesce(sum(pg_relation_size(oid)) FILTER (WHERE relkind = 'r'), 0)::bigint,
       coalesce(sum(pg_relation_size(oid)) FILTER (WHERE relkind = 't'), 0)::bigint FROM pg_class
"""
_OTHERS: LiteralString = """
SELECT usename || coalesce(' (' || nullif(application_name, '') || ')', '') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_MIGRATIONS: LiteralString = "SELECT name FROM schema_migration ORDER BY name"
_SCHEMAS: LiteralString = """
SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|_?timescaledb_)' AND nspname <> 'information_schema'
"""


_NOT_MEMBERS: LiteralString = """
SELECT rolname FROM pg_roles
WHERE (rolname = current_user OR rolname = ANY (%s)) AND NOT pg_has_role(oid, %s, 'MEMBER')
"""


@dataclass(frozen=True, slots=True)
class Server:
    """`timescale` and `licence` of this database, None without the extension; `offered`: versions it could have."""

    version: str
    timescale: str | None
    licence: str | None
    superuser: bool  # whether this user is one
    offered: tuple[str, ...]

    @property
    def major(self) -> int:
        """For instance 17."""
        return int(self.version.split(".")[0])


def from_environment() -> str:
    """The database that the environment names; no default, for a restore must not go astray."""
    if not (os.environ.get(VARIABLE) or os.environ.get(f"{VARIABLE}_FILE")):
        raise StackError(f"{VARIABLE} is not set: export {VARIABLE}=postgresql://user:password@host:port/name")
    try:
        return DatabaseSettings().database_url.get_secret_value()
    except SettingsError as error:
        raise StackError(str(error)) from error


def place(dsn: str) -> str:
    """user@host:port/name, without the password. Raises StackError when `dsn` is no connection string."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise StackError(
            "that is not a PostgreSQL connection string: write postgresql://user:password@host:port/name"
        ) from error
    user, host, port = parts.get("user", ""), parts.get("host", "localhost"), parts.get("port", 5432)
    return f"{user}@{host}:{port}/{parts.get('dbname', '')}"


@contextmanager
def connected(dsn: str) -> Iterator[psycopg.Connection]:
    """One connection, autocommit. Raises StackError when the database cannot be reached or refuses something."""
    where = place(dsn)
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10, application_name="herdlien-backup") as made:
            made.execute(sql.SQL("SET lock_timeout = {}").format(f"{LOCK_PATIENCE_S}s"))
            yield made
    except psycopg.errors.LockNotAvailable as error:
        raise StackError(
            f"database {where}: somebody has locked a table for {LOCK_PATIENCE_S} s: end that, then start again"
        ) from error
    except psycopg.Error as error:
        said = error.diag.message_primary or (str(error).strip() or type(error).__name__).splitlines()[-1]
        raise StackError(f"database {where}: {said}") from error


def describe(connection: psycopg.Connection) -> Server:
    """What this database is."""
    ((version, timescale, licence, superuser, offered),) = connection.execute(_SERVER).fetchall()
    return Server(version, timescale, licence if timescale else None, superuser, tuple(offered))


def tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Schema and name of every table of ours."""
    return [(schema, name) for schema, name in connection.execute(_TABLES)]


def counts(connection: psycopg.Connection) -> dict[str, int]:
    """Rows in every table of ours, by schema.name."""
    found = {}
    for schema, name in tables(connection):
        question = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        ((found[f"{schema}.{name}"],),) = connection.execute(question).fetchall()
    return found


def migrations(connection: psycopg.Connection) -> list[str]:
    """The schema migrations that were applied; none in a database that is not HerdLien's."""
    if ("public", "schema_migration") not in tables(connection):
        return []
    return [name for (name,) in connection.execute(_MIGRATIONS)]


def roles(connection: psycopg.Connection) -> list[str]:
    """The roles that this database's privileges and policies name."""
    return [name for (name,) in connection.execute(_ROLES)]


def owners(connection: psycopg.Connection) -> list[str]:
    """The roles that own something in this database."""
    return [name for (name,) in connection.execute(_OWNERS)]


def missing_roles(connection: psycopg.Connection, names: Sequence[str]) -> list[str]:
    """Those of these roles that this server does not have."""
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    return [name for name in names if name not in known]


def sizes(connection: psycopg.Connection) -> tuple[int, int]:
    """Bytes of rows, and bytes of long values kept apart (pictures); indexes are not counted."""
    ((rows, long_values),) = connection.execute(_SIZES).fetchall()
    return rows, long_values


def size(connection: psycopg.Connection) -> int:
    """Bytes that the whole database takes."""
    ((found,),) = connection.execute("SELECT pg_database_size(current_database())").fetchall()
    return int(found)


def others(connection: psycopg.Connection) -> list[str]:
    """Who else is connected to this database."""
    return [who for (who,) in connection.execute(_OTHERS)]


@contextmanager
def snapshot(connection: psycopg.Connection) -> Iterator[str]:
    """A moment of the database under a name that pg_dump can use too; lasts as long as the block."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    ((name,),) = connection.execute("SELECT pg_export_snapshot()").fetchall()
    yield name
    connection.execute("COMMIT")


def empty(connection: psycopg.Connection) -> None:
    """Drop everything of ours, and TimescaleDB (made anew in the right version), all or nothing."""
    with connection.transaction():
        connection.execute("DROP EXTENSION IF EXISTS timescaledb CASCADE")
        for (schema,) in connection.execute(_SCHEMAS).fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def make_timescale(connection: psycopg.Connection, version: str) -> None:
    """The extension in this version; must be the first thing that a connection does."""
    connection.execute(sql.SQL("CREATE EXTENSION timescaledb VERSION {}").format(sql.Literal(version)))


def begin_restoring(connection: psycopg.Connection) -> None:
    """Let rows go into TimescaleDB's own catalogue; no background work until `end_restoring`."""
    connection.execute("SELECT timescaledb_pre_restore()")


def end_restoring(connection: psycopg.Connection) -> None:
    """Back to ordinary work."""
    connection.execute("SELECT timescaledb_post_restore()")


def make_roles(connection: psycopg.Connection, names: Sequence[str], owners: Sequence[str]) -> list[str]:
    """Make those that are missing, without login; who restores and the owners may act as each. Which were made."""
    made = missing_roles(connection, names)
    for name in names:
        role = sql.Identifier(name)
        if name in made:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        for (who,) in connection.execute(_NOT_MEMBERS, [list(owners), name]).fetchall():
            connection.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(who)))
    return made


def analyze(connection: psycopg.Connection) -> None:
    """Statistics are in no backup, and without them the first questions take minutes."""
    connection.execute("ANALYZE")
