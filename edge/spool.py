"""Store and forward: what the gateway has taken and the bank has not yet receipted, in one SQLite file.

Messages are numbered contiguously from 1 under a random spool name that is made with the file. A commit is
fsync'ed (WAL with synchronous=FULL: NORMAL survives a killed process but may lose the last commits in a power
cut, and a farm has those); several messages share one commit, which pays for it.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

MOST_BYTES = 1024 * 1024 * 1024
_WAL_KEPT_BYTES = 16 * 1024 * 1024

Kind = Literal["readings", "frame"]
Encode = Callable[[str, int], bytes]
"""Makes the bytes of a message, given the spool's name and the message's number."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (name TEXT NOT NULL, last_number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    measured_from REAL,
    payload BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_by_age ON message (measured_from) WHERE measured_from IS NOT NULL;
"""


class SpoolUnusable(OSError):
    """The spool file cannot be used; the message says which file, why and what to do."""


class SpoolFull(OSError):
    """There is no room for more messages now; try again when some have been receipted."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has a number. `measured_from`: when its oldest reading was measured; None for a frame."""

    kind: Kind
    measured_from: datetime | None
    encode: Encode


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the spool."""

    number: int
    kind: Kind
    payload: bytes


class Spool:
    """One gateway's spool; safe to use from several threads. Raises SpoolUnusable on opening and on a broken disk.

    `most_bytes` bounds the payload bytes kept; beyond it `append` raises SpoolFull and takes nothing.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path, self._most_bytes = path, most_bytes
        self._lock = threading.Lock()
        try:
            self._database = _open(path)
            self.name, self._last = self._identity()
            self._count, self._bytes = self._sizes()
        except sqlite3.Error as error:
            raise unusable(path, error) from error

    # -- taking ---------------------------------------------------------------------------------------------

    def append(self, drafts: Iterable[Draft]) -> None:
        """Number and keep `drafts`, all or none; on disk when this returns. Raises SpoolFull, SpoolUnusable."""
        with self._lock:
            rows = self._numbered(drafts)
            size = sum(len(row[3]) for row in rows)
            if self._bytes + size > self._most_bytes:
                raise SpoolFull(f"{self.path}: {self._bytes} of {self._most_bytes} bytes are taken")
            self._write(rows)
            self._last += len(rows)
            self._count, self._bytes = self._count + len(rows), self._bytes + size

    def _numbered(self, drafts: Iterable[Draft]) -> list[tuple[int, Kind, float | None, bytes]]:
        return [
            (
                number,
                draft.kind,
                draft.measured_from.timestamp() if draft.measured_from else None,
                draft.encode(self.name, number),
            )
            for number, draft in enumerate(drafts, start=self._last + 1)
        ]

    def _write(self, rows: list[tuple[int, Kind, float | None, bytes]]) -> None:
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany("INSERT INTO message VALUES (?, ?, ?, ?)", rows)
                self._database.execute("UPDATE spool SET last_number = ?", (self._last + len(rows),))
        except sqlite3.Error as error:
            if _code(error) == sqlite3.SQLITE_FULL:
                raise SpoolFull(f"{self.path}: the disk is full") from error
            raise unusable(self.path, error) from error

    # -- sending --------------------------------------------------------------------------------------------

    def after(self, number: int, at_most: int) -> list[Entry]:
        """The next messages above `number`, oldest first."""
        rows = self._ask("SELECT number, kind, payload FROM message WHERE number > ? ORDER BY number LIMIT ?",
                         number, at_most)  # fmt: skip
        return [Entry(*row) for row in rows]

    def entry(self, number: int) -> Entry | None:
        """One message; None when it has been receipted meanwhile."""
        rows = self._ask("SELECT number, kind, payload FROM message WHERE number = ?", number)
        return Entry(*rows[0]) if rows else None

    def forget(self, up_to: int) -> int:
        """Delete what is receipted, up to and including `up_to`; how many messages that were."""
        with self._lock:
            try:
                with self._database:
                    self._database.execute("BEGIN IMMEDIATE")
                    gone = self._database.execute(
                        "DELETE FROM message WHERE number <= ? RETURNING length(payload)", (up_to,)
                    ).fetchall()
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error
            self._count, self._bytes = self._count - len(gone), self._bytes - sum(size for (size,) in gone)
            return len(gone)

    # -- knowing --------------------------------------------------------------------------------------------

    @property
    def unsent(self) -> int:
        """How many messages have not been receipted."""
        return self._count

    @property
    def bytes_kept(self) -> int:
        """Payload bytes of those messages."""
        return self._bytes

    @property
    def last_number(self) -> int:
        """The highest number ever given; 0 before the first."""
        return self._last

    def oldest_measured_at(self) -> datetime | None:
        """When the oldest reading that has not been receipted was measured; None when no reading waits."""
        ((oldest,),) = self._ask("SELECT min(measured_from) FROM message WHERE measured_from IS NOT NULL")
        return None if oldest is None else datetime.fromtimestamp(oldest, UTC)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    # -- sqlite ---------------------------------------------------------------------------------------------

    def _ask(self, sql: str, *values: int) -> list[tuple]:  # type: ignore[type-arg]  # columns as asked
        with self._lock:
            try:
                return self._database.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error

    def _identity(self) -> tuple[str, int]:
        row = self._database.execute("SELECT name, last_number FROM spool").fetchone()
        if row is None:
            row = (secrets.token_hex(8), 0)
            self._database.execute("INSERT INTO spool VALUES (?, ?)", row)
        return row[0], row[1]

    def _sizes(self) -> tuple[int, int]:
        row = self._database.execute("SELECT count(*), coalesce(sum(length(payload)), 0) FROM message").fetchone()
        return row[0], row[1]


def unusable(path: Path, error: sqlite3.Error) -> SpoolUnusable:
    """What went wrong with the file, in one line with the fix."""
    return SpoolUnusable(f"spool {path}: {error}; {_FIXES.get(_code(error), _MOVE)}")


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 when the fault is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_MOVE = "move the file away (keep it: readings in it can still be recovered) and start again"
_FIXES = {
    sqlite3.SQLITE_BUSY: "another gateway uses it; stop that one or choose another file with --spool",
    sqlite3.SQLITE_CANTOPEN: "make its folder, or choose another file with --spool",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable for this user",
    sqlite3.SQLITE_PERM: "make the file and its folder writable for this user",
    sqlite3.SQLITE_FULL: "make room on that disk",
    sqlite3.SQLITE_IOERR: "check the disk, then start again",
}


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)
    try:
        # One process per file: the lock goes with the process, also when it is killed.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
        database.executescript(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database
