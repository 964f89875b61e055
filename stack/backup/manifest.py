"""What stands beside a backup: of what it was made, what must be in it, and how to see that it is whole."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from stack.errors import StackError

FORMAT = 1
CHUNK_BYTES = 4 * 1024 * 1024


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Written as JSON beside the file. `timescale` is None for plain PostgreSQL."""

    format: int = FORMAT
    made_at: datetime
    database: str  # user@host:port/name, without the password
    server: str
    timescale: str | None
    licence: str | None
    dumped_with: str
    migrations: list[str]
    owners: list[str]
    roles: list[str]
    rows: dict[str, int]
    size_bytes: int
    sha256: str

    @property
    def origin(self) -> str:
        """Server and edition, in words."""
        if self.timescale is None:
            return f"PostgreSQL {self.server}"
        return f"TimescaleDB {self.timescale} ({self.licence}) on PostgreSQL {self.server}"

    @property
    def all_rows(self) -> int:
        """Rows in all tables together."""
        return sum(self.rows.values())


def beside(file: Path) -> Path:
    """Where the manifest of this file stands."""
    return file.with_name(file.name + ".json")


def write(manifest: Manifest, path: Path) -> None:
    """Indented, for people read it too."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def read(file: Path) -> Manifest:
    """The manifest of this backup. Raises StackError when it is missing or cannot be read."""
    path = beside(file)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise StackError(
            f"{path} is missing: without it nobody can tell whether {file.name} is whole. Put it beside the file; "
            "if it is lost, docs/guides/backup.md says how to restore by hand"
        ) from error
    except (OSError, msgspec.DecodeError) as error:
        raise StackError(f"{path} cannot be read ({error}): take it from another copy of the backup") from error
    if manifest.format > FORMAT:
        raise StackError(f"{path} was written by a newer HerdLien: restore with that one")
    return manifest


def sha256(file: Path, watch: Callable[[int], None]) -> str:
    """The hash of the bytes in `file`, in hexadecimal; `watch` hears how many have been read."""
    found = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            found.update(chunk)
            watch(source.tell())
    return found.hexdigest()


def check_whole(file: Path, manifest: Manifest, watch: Callable[[int], None]) -> None:
    """Raise StackError when the file is not, byte for byte, what was written."""
    size = file.stat().st_size
    if size != manifest.size_bytes:
        raise StackError(
            f"{file} has {size:,} bytes and was written with {manifest.size_bytes:,}: "
            "it is damaged or cut off; take another copy of the backup"
        )
    if sha256(file, watch) != manifest.sha256:
        raise StackError(f"{file} is not what was written (its SHA-256 differs): take another copy of the backup")
