"""`./run backup`: the whole database, as it was at one moment, into one file with its manifest."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from stack.backup import manifest, programs, server
from stack.backup.manifest import Manifest
from stack.backup.progress import Progress, readable
from stack.errors import StackError

# A third of the time of the default level for 12 % more bytes.
COMPRESSION = "3"
# Measured: readings shrink to 0.17 of their table, pictures are compressed already.
ROWS_SHRINK_TO = 0.35
LONG_VALUES_SHRINK_TO = 1.1


def backup(dsn: str, file: Path | None, now: datetime) -> int:
    """Write it and say what was done; 0, or StackError with nothing left behind."""
    began = time.monotonic()
    target = target_file(file, now)
    with server.connected(dsn) as connection:
        found = server.describe(connection)
        program = programs.find("pg_dump", found.major)
        check_room(target.parent, *server.sizes(connection))
        with part_of(target) as part:
            made = dump(connection, dsn, part, found, program, now)
    seconds = time.monotonic() - began
    print(
        f"Wrote {target} ({readable(made.size_bytes)}: {made.all_rows:,} rows in {len(made.rows)} tables of "
        f"{made.origin}) and {manifest.beside(target).name} in {seconds:.1f} s.\nKeep both, on another machine. "
        f"Back again: ./run restore {target.name} --into postgresql://..."
    )
    return 0


def target_file(file: Path | None, now: datetime) -> Path:
    """The file to write. Raises StackError when it or its manifest is there already."""
    name = f"herdlien-{now.astimezone(UTC):%Y%m%d-%H%M}.dump"
    target = Path(name) if file is None else file / name if file.is_dir() else file
    if not target.parent.is_dir():
        raise StackError(f"there is no folder {target.parent}: make it, or name another file")
    for path in (target, manifest.beside(target)):
        if path.exists():
            raise StackError(f"{path} exists and is not overwritten: name another file, or move that one away")
    return target


def check_room(folder: Path, rows_bytes: int, long_values_bytes: int) -> None:
    """Raise StackError when the disk looks too small, before an hour is spent."""
    needed = int(rows_bytes * ROWS_SHRINK_TO + long_values_bytes * LONG_VALUES_SHRINK_TO) + 1_000_000
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StackError(
            f"only {readable(free)} free in {folder.resolve()}, the backup may take {readable(needed)}: "
            "free some space there, or name a file on a larger disk"
        )


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """The unfinished file, readable by its owner alone; takes its name when the block ends well, else is removed."""
    part = target.with_name(target.name + ".part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise StackError(f"{part} exists: another backup is writing it, or one was cut off; then remove it") from error
    except OSError as error:
        raise StackError(f"cannot write {part}: {error.strerror}") from error
    part_manifest = manifest.beside(part)
    try:
        yield part
        # The manifest first: a file under its final name is never without one.
        part_manifest.rename(manifest.beside(target))
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
        part_manifest.unlink(missing_ok=True)


def dump(
    connection: psycopg.Connection, dsn: str, part: Path, found: server.Server, program: programs.Program, now: datetime
) -> Manifest:
    """Run pg_dump and count the rows at the same moment, so that the figures fit however much is written meanwhile."""
    with server.snapshot(connection) as moment:
        run_pg_dump(program, dsn, part, moment)
        made = Manifest(
            made_at=now,
            database=server.place(dsn),
            server=found.version,
            timescale=found.timescale,
            licence=found.licence,
            dumped_with=program.version,
            migrations=server.migrations(connection),
            owners=server.owners(connection),
            roles=server.roles(connection),
            rows=server.counts(connection),
            size_bytes=part.stat().st_size,
            sha256=hash_of(part),
        )
    manifest.write(made, manifest.beside(part))
    return made


def run_pg_dump(program: programs.Program, dsn: str, part: Path, moment: str) -> None:
    """Raises StackError in pg_dump's own words."""
    progress = Progress("writing the backup")
    arguments = [
        "--format=custom", f"--compress={COMPRESSION}", f"--file={part}", f"--snapshot={moment}",
        f"--lock-wait-timeout={server.LOCK_PATIENCE_S}s",
    ]  # fmt: skip
    ended = programs.run(program, arguments, dsn, lambda: progress.tell(part.stat().st_size))
    progress.close()
    if ended.status != 0:
        raise StackError("the backup failed and nothing was kept: " + (ended.errors or ended.remarks or ["?"])[0])
    for remark in ended.remarks:
        print(remark)


def hash_of(part: Path) -> str:
    """SHA-256 of what was written."""
    progress = Progress("reading it again")
    try:
        return manifest.sha256(part, progress.tell)
    finally:
        progress.close()
