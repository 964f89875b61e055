"""The supervisor: starts programs in order, watches them, and never leaves one behind.

When one ends that should not, it is named with its exit status and last lines, and the others are stopped in
reverse order. Only processes started here are ever ended.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol, Self

from stack.board import Board, PlainBoard, Row, State
from stack.child import Child
from stack.errors import ProgramDiedError, StackError
from stack.health import HealthCheck

POLL_S = 0.1
HEALTH_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """One program of the composition."""

    name: str
    command: Sequence[str]
    health: HealthCheck | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    patience_s: float = 60.0
    grace_s: float = 10.0
    ends: bool = False
    """Its good end is no accident: a play that is over."""


class Server(Protocol):
    """A service that starts itself, such as the database or the broker."""

    @property
    def child(self) -> Child | None:
        """Its process."""

    def start(self) -> object:
        """Start and wait until it is ready."""

    def stop(self) -> None:
        """End in good order."""


@dataclass(slots=True)
class _Running:
    child: Child
    row: Row
    batch: int
    grace_s: float
    health: HealthCheck | None = None
    ends: bool = False


class Supervisor:
    """Runs the programs of one composition. Use it as a context manager; leaving it stops everything."""

    def __init__(
        self,
        run_dir: Path,
        environment: Mapping[str, str] | None = None,
        *,
        board: Board | None = None,
        folder: Path | None = None,
    ) -> None:
        self.run_dir = run_dir
        self.environment = dict(environment or {})
        self.board = board or PlainBoard()
        self._folder = folder
        self._running: list[_Running] = []
        self._batch = 0
        self._hurried = False
        self._checked_at = time.monotonic()

    # Starting.

    def adopt(self, name: str, server: Server, detail: Callable[[], str] | None = None) -> None:
        """Start a server that knows how to start itself, and watch it from now on."""
        row = self._new_row(name)
        began = time.monotonic()
        try:
            server.start()
        except BaseException:
            self._enter(row, State.FAILED)
            server.stop()  # it may have got as far as a process
            raise
        if server.child is None:
            raise StackError(f"{name} has no process: its start() must make one")
        self._batch += 1
        self._running.append(_Running(server.child, row, self._batch, grace_s=20.0))
        took = f"ready in {time.monotonic() - began:.1f} s"
        self._enter(row, State.RUNNING, f"{took}, {detail()}" if detail else took)

    def run(self, program: Program) -> str:
        """Run a step to its end, which must be a good one; gives back what it wrote."""
        running = self._spawn(program)
        began = time.monotonic()
        while running.child.status() is None:
            if time.monotonic() - began > program.patience_s:
                raise self._too_slow(running, program, "did not finish")
            self._watch(besides=running)
            time.sleep(POLL_S / 4)
        self._running.remove(running)
        if running.child.stop(0) != 0:
            raise self._died(running)
        self._enter(running.row, State.DONE, f"in {time.monotonic() - began:.1f} s")
        return running.child.output()

    def start(self, *programs: Program) -> None:
        """Start these at once and wait until each is ready."""
        self._batch += 1
        waiting = [(self._spawn(program), program) for program in programs]
        began = time.monotonic()
        while waiting:
            self._watch()
            for running, program in list(waiting):
                if running.health is None or running.health(running.child):
                    waiting.remove((running, program))
                    self._enter(running.row, State.RUNNING, f"ready in {time.monotonic() - began:.1f} s")
                elif time.monotonic() - began > program.patience_s:
                    raise self._too_slow(running, program, "was not ready")
            if waiting:
                time.sleep(POLL_S / 2)

    # Watching.

    def wait(self, until: str | None = None, every: Callable[[], bool] | None = None) -> None:
        """Watch until the program named `until` has ended well, or `every()` says so; else for ever."""
        while True:
            self.check()
            if until is not None and self._has_ended(until):
                return
            if every is not None and every():
                return
            time.sleep(POLL_S)

    def check(self) -> None:
        """Raise ProgramDiedError if a program ended that should not; ask for health now and then."""
        self._watch()
        if time.monotonic() - self._checked_at >= HEALTH_EVERY_S:
            self._checked_at = time.monotonic()
            for running in self._running:
                if running.health is not None and running.child.status() is None:
                    running.row.health = "ok" if running.health(running.child) else "does not answer"
        self.board.refresh()

    def child_of(self, name: str) -> Child:
        """The process of a program by its name."""
        for running in self._running:
            if running.row.name == name:
                return running.child
        raise StackError(f"no program is called {name}")

    # Stopping.

    def stop(self) -> None:
        """Stop everything, last started first; a second Ctrl-C shortens the grace period."""
        with self._second_signal_hurries():
            while self._running:
                last = max(running.batch for running in self._running)
                self._stop_together([running for running in self._running if running.batch == last])

    def __enter__(self) -> Self:
        self.board.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self.board.__exit__(kind, error, trace)

    # Inside.

    def _spawn(self, program: Program) -> _Running:
        row = self._new_row(program.name)
        child = Child(
            program.command,
            self.run_dir / f"{program.name}.log",
            environment={**os.environ, **self.environment, **program.environment},
            folder=self._folder,
        )
        running = _Running(child, row, self._batch, program.grace_s, program.health, program.ends)
        self._running.append(running)
        return running

    def _new_row(self, name: str) -> Row:
        row = Row(name)
        self.board.changed(row)
        return row

    def _enter(self, row: Row, state: State, health: str = "") -> None:
        row.enter(state, health)
        self.board.changed(row)

    def _watch(self, besides: _Running | None = None) -> None:
        for running in self._running:
            status = running.child.status()
            if running is besides or status is None or running.row.state is State.DONE:
                continue
            if running.ends and status == 0:
                self._enter(running.row, State.DONE)
                continue
            raise self._died(running)

    def _has_ended(self, name: str) -> bool:
        return any(r.row.name == name and r.row.state is State.DONE for r in self._running)

    def _died(self, running: _Running) -> ProgramDiedError:
        error = ProgramDiedError(
            running.row.name, running.child.status(), running.child.telling_lines(), str(running.child.log)
        )
        self._enter(running.row, State.FAILED, error.last_lines[-1] if error.last_lines else "")
        return error

    def _too_slow(self, running: _Running, program: Program, what: str) -> StackError:
        self._enter(running.row, State.FAILED)
        lines = running.child.telling_lines()
        last = f": {lines[-1]}" if lines else ""
        return StackError(
            f"{program.name} {what} within {program.patience_s:.0f} s{last}\n  whole log: {running.child.log}"
        )

    def _stop_together(self, batch: list[_Running]) -> None:
        for running in batch:
            if running.child.status() is None:
                self._enter(running.row, State.STOPPING)
                running.child.ask_to_stop()
        began = time.monotonic()
        while any(self._is_within_grace(running, began) for running in batch):
            time.sleep(POLL_S / 2)
        for running in batch:
            running.child.stop(0)
            self._running.remove(running)
            if running.row.state is State.STOPPING:
                self._enter(running.row, State.STOPPED)

    def _is_within_grace(self, running: _Running, began: float) -> bool:
        grace_s = 0.0 if self._hurried else running.grace_s
        return running.child.status() is None and time.monotonic() - began < grace_s

    @contextlib.contextmanager
    def _second_signal_hurries(self) -> Iterator[None]:
        def hurry(_number: int, _frame: FrameType | None) -> None:
            self._hurried = True

        with _handling(hurry):
            yield


class Stopped(BaseException):  # like KeyboardInterrupt, which it stands beside
    """Somebody asked the launcher to end."""


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise Stopped here, so that every `with` on the way out does its work."""

    def raise_stopped(number: int, _frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    with _handling(raise_stopped):
        yield


@contextlib.contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        before = {number: signal.signal(number, handler) for number in numbers}
    except ValueError:  # not the main thread: signals are somebody else's business
        yield
        return
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
