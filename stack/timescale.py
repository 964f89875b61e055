"""A real TimescaleDB server without Docker and without installing anything.

Debian 13 carries PostgreSQL 17 with TimescaleDB (Apache edition). Its packages are unpacked into a private
root folder and run from there: by chroot where we are root, by bubblewrap for a plain user. Where that cannot
be had, `available()` says why.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from stack import debian
from stack.account import give
from stack.child import Jail
from stack.errors import StackError
from stack.folders import cache_folder
from stack.postgres import EmbeddedPostgres

SUITE = "trixie"
BIN = "/usr/lib/postgresql/17/bin"
# fmt: off
PACKAGES = (
    "postgresql-17", "postgresql-client-17", "postgresql-17-timescaledb", "libpq5", "libaudit1",
    "libc6", "libcap-ng0", "libcap2", "libcom-err2", "libgcc-s1",
    "libgssapi-krb5-2", "libicu76", "libk5crypto3", "libkeyutils1", "libkrb5-3",
    "libkrb5support0", "libldap2", "liblz4-1", "liblzma5", "libpam0g",
    "libreadline8t64", "libsasl2-2", "libssl3t64", "libstdc++6", "libsystemd0",
    "libtinfo6", "libxml2", "libxxhash0", "libzstd1", "zlib1g",
    "tzdata", "dash", "libc-bin",
)
# fmt: on
MERGED = ("bin", "lib", "lib64", "sbin")


def available() -> str | None:
    """None when this machine can run TimescaleDB (fetched now if need be), else the reason why not."""
    if reason := obstacle():
        return reason
    try:
        prepared()
    except (StackError, OSError) as error:
        return f"TimescaleDB's packages could not be had: {error}"
    return None


def obstacle() -> str | None:
    """What stands in the way, without fetching anything."""
    if os.environ.get("HERDLIEN_TIMESCALE") == "off":
        return "switched off by HERDLIEN_TIMESCALE=off"
    if missing := debian.missing_tools():
        return f"needs a Debian-like system ({', '.join(missing)} not found)"
    if os.geteuid() != 0 and (reason := _no_bubblewrap()):
        return reason
    if not _is_whole(prefix()) and debian.find_mirror() is None:
        return "this machine's apt sources name no Debian 12 or 13 mirror"
    return None


def state() -> str:
    """One line about TimescaleDB here, without fetching anything."""
    if reason := obstacle():
        return f"not here: {reason}"
    libraries = prefix().glob("usr/lib/postgresql/17/lib/timescaledb-[0-9]*.so")
    versions = sorted(file.stem.removeprefix("timescaledb-") for file in libraries)
    return f"{versions[-1]} on PostgreSQL 17" if versions else "fetched on first use (38 MB)"


def prefix() -> Path:
    """Where the unpacked packages are kept."""
    return cache_folder("timescale-17-r1")


def prepared() -> Path:
    """The root folder with the server in it, fetched on first use."""
    place = prefix()
    if _is_whole(place):
        return place
    with _alone(place.with_suffix(".lock")):
        if not _is_whole(place):
            shutil.rmtree(place, ignore_errors=True)
            _fetch(place)
    return place


class TimescalePostgres(EmbeddedPostgres):
    """As EmbeddedPostgres, with TimescaleDB loaded."""

    label: ClassVar[str] = "TimescaleDB"
    extra_settings: ClassVar[Mapping[str, str]] = {
        "shared_preload_libraries": "timescaledb",
        "dynamic_shared_memory_type": "sysv",  # there is no /dev/shm in the root folder
        "timescaledb.telemetry_level": "off",
    }

    def prepare(self) -> None:
        """Clone the unpacked packages beside the data (hard links, so this takes no room)."""
        self._root = self.folder / "root"
        if not self._root.exists():
            half = self.folder / "root.half"
            shutil.rmtree(half, ignore_errors=True)
            _clone(prepared(), half)
            (half / "srv").mkdir()
            give(half / "srv", self._account, 0o755)
            half.rename(self._root)

    def inside(self, name: str) -> str:
        """As the server sees it."""
        return f"/srv/{name}"

    def outside(self, name: str) -> Path:
        """As we see it."""
        return self.folder / "root" / "srv" / name

    def command(self, program: str, arguments: Sequence[str]) -> list[str]:
        """Straight in the chroot, or through bubblewrap."""
        inner = [f"{BIN}/{program}", *arguments]
        if self._account is not None:
            return inner
        wrap = shutil.which("bwrap") or "bwrap"  # in full: servers get a bare PATH
        return [wrap, "--unshare-user", "--die-with-parent", "--bind", str(self._root), "/", "--", *inner]

    def jail(self) -> Jail:
        """The chroot, when we are root."""
        return Jail(self._account, self._root if self._account is not None else None)

    def pid_file(self) -> Path | None:
        """Bubblewrap would die of the signal and take the server with it, so the server is asked itself."""
        return None if self._account is not None else self.outside("data") / "postmaster.pid"


def _is_whole(place: Path) -> bool:
    return (place / ".whole").exists()


def _no_bubblewrap() -> str | None:
    if shutil.which("bwrap") is None:
        return "needs root, or bubblewrap (apt install bubblewrap)"
    probe = ["bwrap", "--unshare-user", "--ro-bind", "/", "/", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        return "this system does not let a plain user make a namespace"
    return None


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(place: Path) -> None:
    mirror = debian.find_mirror()
    if mirror is None:
        raise StackError("no Debian mirror is known to this machine")
    with tempfile.TemporaryDirectory(prefix="herdlien-apt-") as folder:
        apt = debian.Apt(Path(folder), mirror, SUITE)
        apt.update()
        _lay_out(place)
        debian.unpack(apt.download(PACKAGES), place)
    (place / ".whole").touch()


def _lay_out(place: Path) -> None:
    # Debian 13 has one tree below /usr; the packages still name files in /bin and /lib.
    for name in MERGED:
        (place / "usr" / name).mkdir(parents=True, exist_ok=True)
        (place / name).symlink_to(f"usr/{name}")
    for name in ("etc", "dev", "tmp", "run/postgresql"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "tmp").chmod(0o1777)
    # A plain file is enough where PostgreSQL's programs throw output away; every account must be able to.
    (place / "dev" / "null").touch()
    (place / "dev" / "null").chmod(0o666)
    users = [f"postgres:x:{uid}:{uid}::/srv:/bin/sh\n" for uid in sorted({65534, os.geteuid()} - {0})]
    (place / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n" + "".join(users))
    place.chmod(0o755)


def _clone(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):  # another file system: copy
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, symlinks=True)
    # dev/null takes writes, so each server has its own.
    null = target / "dev" / "null"
    null.unlink()
    null.touch()
    null.chmod(0o666)
