"""pg_dump and pg_restore: finding ones that are new enough, running them without showing a password."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from stack.child import Child
from stack.errors import StackError
from stack.postgres import packaged_binaries

LOOK_S = 0.1
# Debian keeps every major version's programs; only a wrapper of one of them is on the PATH.
DEBIAN = Path("/usr/lib/postgresql")
# These foreign keys of TimescaleDB's own catalogue point at one another. A whole backup is not harmed.
CIRCULAR = "circular foreign-key constraints"
CIRCULAR_TABLES = frozenset({"hypertable", "chunk", "continuous_agg"})


@dataclass(frozen=True, slots=True)
class Program:
    """One of PostgreSQL's programs."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        """For instance 17."""
        return int(self.version.split(".")[0])


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended and what it said, one remark (with its details) an entry."""

    status: int
    remarks: list[str]

    @property
    def errors(self) -> list[str]:
        """The remarks that speak of an error."""
        return [remark for remark in self.remarks if "error:" in remark]


def find(name: str, least_major: int) -> Program:
    """The one nearest to `least_major` and not older. Raises StackError when there is none."""
    found = [program for folder in folders() if (program := _program(folder / name))]
    fitting = [program for program in found if program.major >= least_major]
    if fitting:
        return min(fitting, key=lambda program: program.major)
    seen = ", ".join(f"{program.version} in {program.path.parent}" for program in found) or "none"
    raise StackError(
        f"{name} {least_major} or newer is needed; found: {seen}. "
        f"Install it (Debian, Ubuntu: apt install postgresql-client-{least_major}; macOS: brew install libpq)"
    )


def folders() -> list[Path]:
    """Where to look, best first."""
    packaged = packaged_binaries()
    siblings = sorted(packaged.parent.glob("pginstall*")) if packaged else []
    return [
        *(Path(entry) for entry in os.get_exec_path() if entry),
        *sorted(DEBIAN.glob("*/bin")),
        *(install / "bin" for install in siblings),
    ]


def _program(path: Path) -> Program | None:
    if shutil.which(path) is None:
        return None
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False, env=_environment(None))
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", said.stdout)
    return Program(path, found[1]) if found else None


def run(program: Program, arguments: Sequence[str], dsn: str, watch: Callable[[], None]) -> Ended:
    """Run it on the database that `dsn` names, calling `watch` meanwhile; it ends when this process does."""
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    command = [str(program.path), *arguments, "--no-password", "--dbname", make_conninfo("", **parts)]
    with tempfile.TemporaryDirectory(prefix="herdlien-") as folder:
        child = Child(command, Path(folder) / "said.log", environment=_environment(password))
        try:
            while child.status() is None:
                time.sleep(LOOK_S)
                watch()
            return Ended(child.status() or 0, remarks(child.output().splitlines()))
        finally:
            child.stop()


def _environment(password: object) -> dict[str, str]:
    # English, because what they say is read below.
    environment = {**os.environ, "LC_ALL": "C"}
    return environment if password is None else {**environment, "PGPASSWORD": str(password)}


def remarks(lines: Iterable[str]) -> list[str]:
    """What a program said, details joined to their remark, without what TimescaleDB makes it say every time."""
    blocks: list[list[str]] = []
    for line in lines:
        if not blocks or re.match(r"pg_\w+: (warning|error|fatal):", line):
            blocks.append([])
        blocks[-1].append(line)
    return ["\n".join(block) for block in blocks if not _is_expected(block)]


def _is_expected(block: Sequence[str]) -> bool:
    details = {line.split(": detail: ")[1].strip() for line in block if ": detail: " in line}
    return CIRCULAR in block[0] and bool(details) and details <= CIRCULAR_TABLES
