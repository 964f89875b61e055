"""`./run restore`: a backup into an empty database, and proof that everything came back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from stack.backup import fitting, manifest, programs, server
from stack.backup.manifest import Manifest
from stack.backup.progress import Progress
from stack.errors import StackError

LOOK_S = 2.0
# pg_restore 17 and newer sends this first; a server before 17 does not know it and needs it not.
UNKNOWN_BEFORE_17 = 'unrecognized configuration parameter "transaction_timeout"'


@dataclass(frozen=True, slots=True)
class Restore:
    """What goes where by which program. Without `keep_owners` everything belongs to who restores."""

    file: Path
    dsn: str
    kept: Manifest
    found: server.Server
    program: programs.Program
    keep_owners: bool


def restore(file: Path, dsn: str, *, replace: bool) -> int:
    """Check, restore, compare and say what was done; 0 only when every table has the rows it had."""
    began = time.monotonic()
    kept = checked(file)
    with server.connected(dsn) as connection:
        found = server.describe(connection)
        if reason := fitting.obstacle(kept, found):
            raise StackError(f"{file.name} cannot go into {server.place(dsn)}: {reason}")
        program = programs.find("pg_restore", max(found.major, int(kept.dumped_with.split(".")[0])))
        occupied = must_be_free(connection, dsn, replace=replace)
        for role in make_roles(connection, kept):
            print(f"Made the role {role} (roles are in no backup).")
        keep_owners = found.superuser and not server.missing_roles(connection, kept.owners)
        if occupied or found.timescale:
            server.empty(connection)
    fill(Restore(file, dsn, kept, found, program, keep_owners))
    compare(dsn, kept)
    seconds = time.monotonic() - began
    print(
        f"Restored {file.name} of {kept.made_at:%Y-%m-%d %H:%M} UTC into {server.place(dsn)}: {kept.all_rows:,} rows "
        f"in {len(kept.rows)} tables, as many as were backed up, in {seconds:.1f} s."
    )
    return 0


def checked(file: Path) -> Manifest:
    """The manifest of a file that is what was written."""
    if not file.is_file():
        raise StackError(f"there is no file {file}")
    kept = manifest.read(file)
    progress = Progress("checking the file")
    try:
        manifest.check_whole(file, kept, progress.tell)
    finally:
        progress.close()
    return kept


def must_be_free(connection: psycopg.Connection, dsn: str, *, replace: bool) -> bool:
    """Raise StackError for a database with tables, unless it may be replaced and nobody uses it; whether it has any."""
    tables = server.tables(connection)
    if not tables:
        return False
    where = server.place(dsn)
    if not replace:
        raise StackError(
            f"{where} has {len(tables)} tables already (such as {tables[0][1]}) and nothing was changed: name an empty "
            "database with --into, or give --replace to destroy what is there"
        )
    if others := server.others(connection):
        raise StackError(
            f"{where} is in use by {', '.join(sorted(set(others)))}, and nothing was changed: "
            "stop ./run up and everything else that is connected, then start again"
        )
    return True


def make_roles(connection: psycopg.Connection, kept: Manifest) -> list[str]:
    """The roles that were missing. Raises StackError with what an administrator must do."""
    try:
        return server.make_roles(connection, kept.roles, kept.owners)
    except psycopg.errors.InsufficientPrivilege as error:
        ask = " ".join(f"CREATE ROLE {name} NOLOGIN; GRANT {name} TO {connection.info.user};" for name in kept.roles)
        raise StackError(
            f"this user may not make roles: ask an administrator for {ask} (those that exist stay)"
        ) from error


def fill(wanted: Restore) -> None:
    """Run pg_restore, inside TimescaleDB's restoring mode where the backup is of TimescaleDB."""
    if wanted.kept.timescale is None:
        run_pg_restore(wanted)
        return
    with server.connected(wanted.dsn) as connection:
        server.make_timescale(connection, wanted.kept.timescale)
    with server.connected(wanted.dsn) as connection:
        check_licence(wanted.kept, server.describe(connection))
    with restoring_mode(wanted.dsn):
        run_pg_restore(wanted)


@contextmanager
def restoring_mode(dsn: str) -> Iterator[None]:
    """TimescaleDB lets its catalogue be filled; ended in any case, for a database left so can do nothing else."""
    with server.connected(dsn) as connection:
        server.begin_restoring(connection)
    try:
        yield
    except BaseException:
        with suppress(StackError), server.connected(dsn) as connection:  # what went wrong first is told
            server.end_restoring(connection)
        raise
    with server.connected(dsn) as connection:
        server.end_restoring(connection)


def check_licence(kept: Manifest, made: server.Server) -> None:
    """Compressed chunks and continuous aggregates live in the Community edition alone."""
    if kept.licence == "timescale" and made.licence != "timescale":
        raise StackError(
            "the backup is of TimescaleDB's Community edition and this server runs the Apache edition, which reads no "
            "compressed chunks: install the Community edition, or, where it is, set timescaledb.license = 'timescale'"
        )


def run_pg_restore(wanted: Restore) -> None:
    """Raises StackError in pg_restore's own words; what came back until then stays, for looking at."""
    forgiving = wanted.program.major >= 17 > wanted.found.major
    arguments = [] if wanted.keep_owners else ["--no-owner"]
    if not forgiving:
        arguments.append("--exit-on-error")
    ended = _watched(wanted.program, [*arguments, str(wanted.file)], wanted.dsn)
    errors = [error for error in ended.errors if not (forgiving and UNKNOWN_BEFORE_17 in error)]
    if errors or (ended.status != 0 and not forgiving):
        said = (errors or ended.remarks or ["?"])[0]
        raise StackError(
            f"pg_restore {wanted.program.version} failed, and {server.place(wanted.dsn)} is half filled: {said}\n"
            "  Mend that, then start again with --replace"
        )


def _watched(program: programs.Program, arguments: list[str], dsn: str) -> programs.Ended:
    progress = Progress("restoring, the database has")
    looked = 0.0
    with server.connected(dsn) as connection:

        def watch() -> None:
            nonlocal looked
            if time.monotonic() - looked > LOOK_S:
                looked = time.monotonic()
                progress.tell(server.size(connection))

        try:
            return programs.run(program, arguments, dsn, watch)
        finally:
            progress.close()


def compare(dsn: str, kept: Manifest) -> None:
    """Raise StackError when a table has other than the rows it had; collects statistics."""
    with server.connected(dsn) as connection:
        rows = server.counts(connection)
        server.analyze(connection)
    wrong = [
        f"{table} has {rows.get(table, 'none')} of {kept.rows.get(table, 0)}"
        for table in sorted(rows.keys() | kept.rows.keys())
        if rows.get(table) != kept.rows.get(table)
    ]
    if wrong:
        raise StackError(
            f"{server.place(dsn)} does not hold what was backed up ({'; '.join(wrong)}): if a program wrote into it "
            "meanwhile, stop that and restore again with --replace; else keep the file and report this"
        )
