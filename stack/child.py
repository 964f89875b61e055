"""One child process: its own group, its own log file, and gone when the launcher is gone."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.account import Account

LAUNCH = Path(__file__).with_name("launch.py")
KEPT_LOG_BYTES = 64 * 1024
ERROR_WORDS = ("error", "fatal", "critical", "refused", "denied")


@dataclass(frozen=True, slots=True)
class Jail:
    """As whom, and below which root folder, a server runs."""

    account: Account | None = None
    root: Path | None = None

    def options(self) -> list[str]:
        """The options of launch.py which say this."""
        options: list[str] = []
        if self.root is not None:
            options += ["--chroot", str(self.root)]
        if self.account is not None:
            options += ["--user", str(self.account.uid), "--group", str(self.account.gid)]
        return options


def wrapped(command: Sequence[str], jail: Jail, death_signal: signal.Signals) -> list[str]:
    """The command line that ties `command` to the life of this process."""
    here = [sys.executable, "-S", "-E", str(LAUNCH), "--parent", str(os.getpid())]
    return [*here, "--signal", str(int(death_signal)), *jail.options(), "--", *command]


class Child:
    """A process that this one started, and may end.

    Start children from a thread that stays: Linux sends the death signal when the *thread* that forked ends.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        jail: Jail | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        pid_file: Path | None = None,
    ) -> None:
        self.log = log
        self._pid_file = pid_file
        self.stop_signal = stop_signal
        self.started_at = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_from = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                wrapped(command, jail or Jail(), stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, also its group."""
        return self._process.pid

    def status(self) -> int | None:
        """The exit status, negative for a signal, None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """What it wrote since this start, the last part of it."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_from, size - KEPT_LOG_BYTES))
            return file.read().decode("utf-8", "replace")

    def last_lines(self, count: int = 5) -> list[str]:
        """The last lines it wrote that say something."""
        return [line.rstrip() for line in self.output().splitlines() if line.strip()][-count:]

    def telling_lines(self, count: int = 5) -> list[str]:
        """Its last lines, ending with the last one that speaks of an error, if one does."""
        lines = self.last_lines(40)
        for position in range(len(lines) - 1, -1, -1):
            if any(word in lines[position].lower() for word in ERROR_WORDS):
                return lines[: position + 1][-count:]
        return lines[-count:]

    def stop(self, grace_s: float = 10.0) -> int:
        """Ask it to end, wait, then insist; its whole group goes."""
        if self.status() is None and grace_s > 0:
            self.ask_to_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_s)
        self._send(signal.SIGKILL, group=True)
        return self._process.wait()

    def ask_to_stop(self) -> None:
        """Send the polite signal and do not wait."""
        self._send(self.stop_signal, group=False)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._send(signal.SIGKILL, group=True)
        self._process.wait()

    def wait(self, patience_s: float) -> int:
        """Wait until it ends by itself; raises subprocess.TimeoutExpired."""
        return self._process.wait(patience_s)

    def _send(self, number: signal.Signals, *, group: bool) -> None:
        # The group outlives its leader, so a stray grandchild is still ours to end: nobody else is given its
        # number while one member lives, and with none left the call fails harmlessly.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(self.pid, number)
            elif self.status() is None:
                os.kill(self._inner_pid() or self.pid, number)

    def _inner_pid(self) -> int | None:
        """The process that reads our signals, when a wrapper stands between; its first line is the number."""
        if self._pid_file is None or not self._pid_file.exists():
            return None
        return int(self._pid_file.read_text().split()[0])
