"""One process of the system under test that can be killed, frozen and started again."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.havoc.family import Member, await_gone, family, send
from stack.broker import Brand, Broker
from stack.child import Child
from stack.errors import StackError
from stack.folders import REPOSITORY
from stack.postgres import EmbeddedPostgres

DEATH_S = 30.0
_ORDINARY_QUEUE = {"max_inflight_messages": 1000, "max_queued_messages": 1_000_000}
_TINY_QUEUE = {"max_inflight_messages": 5, "max_queued_messages": 10}
"""The first binds MQTT 3.1.1 clients alone: in MQTT 5 the client's own Receive Maximum counts."""


class Unit(ABC):
    """What all of them can do. `back_at_s`: not before this moment is it started again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.back_at_s = 0.0
        self.starts = 0
        self._frozen: list[Member] = []
        self._orphans: list[Member] = []

    @property
    @abstractmethod
    def child(self) -> Child | None:
        """Its process, once started."""

    def start(self) -> None:
        """Start it; a server is ready when this returns. Raises StackError."""
        self.starts += 1
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Start it; ready when this returns."""

    @property
    def running(self) -> bool:
        """Whether the process is there, frozen or not."""
        return self.child is not None and self.child.status() is None

    @property
    def frozen(self) -> bool:
        """Whether it was stopped in its tracks and not yet let go."""
        return any(member.alive for member in self._frozen)

    def kill(self) -> None:
        """kill -9 for the process and all that descend from it."""
        if self.child is None:
            return
        everyone = family(self.child.pid)
        self.child.kill()
        send(everyone, signal.SIGKILL)
        _await_death(self.name, everyone)

    def kill_alone(self, member: Member) -> None:
        """kill -9 for one process of the family; what descends from it must see to itself."""
        self._orphans += family(member.pid)[1:]
        send([member], signal.SIGKILL)
        _await_death(self.name, [member])

    @property
    def members(self) -> list[Member]:
        """The process and its descendants, the process itself first."""
        return family(self.child.pid) if self.child is not None and self.running else []

    @property
    def orphans(self) -> int:
        """How many processes outlived their parent and are still there."""
        return sum(member.alive for member in self._orphans)

    def freeze(self) -> None:
        """Stop it in its tracks, as a machine that swaps or a disk that hangs does."""
        self._frozen = [] if self.child is None else family(self.child.pid)
        send(self._frozen, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        send(self._frozen, signal.SIGCONT)
        self._frozen = []

    def stop(self) -> None:
        """End it in good order, at the end of the run."""
        self.thaw()
        if self.child is not None:
            everyone = family(self.child.pid)
            self.child.stop()
            send([*everyone, *self._orphans], signal.SIGKILL)


def _await_death(name: str, members: list[Member]) -> None:
    if not await_gone(members, DEATH_S):
        raise StackError(f"{name} outlived kill -9 for {DEATH_S:.0f} s: look at its processes")


class Program(Unit):
    """One of our own programs: `python -m ...` with its log."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        super().__init__(name)
        self._command, self._environment, self.log = list(command), dict(environment), log
        self._child: Child | None = None

    @property
    def child(self) -> Child | None:
        return self._child

    def _start(self) -> None:
        self._child = Child(self._command, self.log, environment=self._environment, folder=REPOSITORY)


class BrokerUnit(Unit):
    """The broker. A kill loses all that it held; `narrow` starts it with room for ten messages a client."""

    def __init__(self, folder: Path) -> None:
        super().__init__("broker")
        self.server = _Mosquitto(folder)

    @property
    def child(self) -> Child | None:
        return self.server.child

    def _start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        super().kill()
        for held in self.server.folder.glob("*.db*"):
            held.unlink()

    def restart(self, *, narrow: bool) -> None:
        """Start again in good order, with a tiny queue or the ordinary one."""
        self.server.narrow = narrow
        if self.running:
            self.stop()
            self.start()


class _Mosquitto(Broker):
    """The broker as it is, save for the length of its queues."""

    def __init__(self, folder: Path) -> None:
        super().__init__("mosquitto", folder)
        if self.kind != "mosquitto":
            raise StackError(f"this needs Mosquitto, not {self.kind}: unset HERDLIEN_BROKER_KIND")
        self._brand = _Narrowed(self._brand, self)
        self.narrow = False


class _Narrowed:
    """A brand that writes other queue lengths into the settings while its broker is narrow."""

    def __init__(self, brand: Brand, broker: _Mosquitto) -> None:
        self._brand, self._broker = brand, broker
        self.kind, self.version, self.whole_environment = brand.kind, brand.version, brand.whole_environment

    def command(self, folder: Path, port: int) -> list[str]:
        """As the brand itself says, after the settings have been written."""
        command = self._brand.command(folder, port)
        if self._broker.narrow:
            settings = folder / "mosquitto.conf"
            settings.write_text(narrowed(settings.read_text()))
        return command


def narrowed(settings: str) -> str:
    """Mosquitto's settings with tiny queues. Raises StackError when they do not read as expected."""
    for name, length in _ORDINARY_QUEUE.items():
        if f"{name} {length}\n" not in settings:
            raise StackError(f"mosquitto.conf has no line '{name} {length}': correct bench/havoc/unit.py")
        settings = settings.replace(f"{name} {length}\n", f"{name} {_TINY_QUEUE[name]}\n")
    return settings


class DatabaseUnit(Unit):
    """The database server; it must come back by its write-ahead log."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        super().__init__("database")
        self.server = server

    @property
    def child(self) -> Child | None:
        return self.server.child

    def _start(self) -> None:
        if self.child is None:
            self.server.start()
        else:
            self.server.restart()

    def stop(self) -> None:
        self.thaw()
        self.server.stop()
