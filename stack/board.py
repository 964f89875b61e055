"""What the person at the terminal sees: a live table, or plain lines where there is no terminal."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text


class State(StrEnum):
    """Where a program is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


COLOURS = {
    State.STARTING: "yellow",
    State.RUNNING: "green",
    State.DONE: "cyan",
    State.STOPPING: "yellow",
    State.STOPPED: "dim",
    State.FAILED: "bold red",
}


@dataclass(slots=True)
class Row:
    """One program on the board."""

    name: str
    state: State = State.STARTING
    health: str = ""
    since: float = field(default_factory=time.monotonic)

    def enter(self, state: State, health: str = "") -> None:
        """A new state begins now."""
        self.state, self.health, self.since = state, health, time.monotonic()

    def age(self) -> str:
        """How long it has been in this state."""
        seconds = int(time.monotonic() - self.since)
        return f"{seconds // 60}:{seconds % 60:02d}"


class Board(Protocol):
    """Shows rows and notes."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""

    def changed(self, row: Row) -> None:
        """A row is new, or has entered another state."""

    def refresh(self) -> None:
        """Time has passed."""

    def note(self, text: str) -> None:
        """A line for the person."""


class PlainBoard:
    """One line per change."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def changed(self, row: Row) -> None:
        """Print it."""
        self.note(f"  {row.name:<22} {row.state:<9} {row.health}".rstrip())

    def refresh(self) -> None:
        """Plain lines do not age."""

    def note(self, text: str) -> None:
        """Print it."""
        print(text, file=self._stream, flush=True)


class TableBoard:
    """A table that stays in place, with the notes above it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._rows: dict[int, Row] = {}
        self._live = Live(console=self._console, auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refresh()
        self._live.stop()

    def changed(self, row: Row) -> None:
        """Draw anew."""
        self._rows[id(row)] = row
        self.refresh()

    def refresh(self) -> None:
        """Draw anew."""
        self._live.update(Group(render(self._rows.values())), refresh=True)

    def note(self, text: str) -> None:
        """Print above the table."""
        self._live.console.print(text, markup=False, highlight=False)


def render(rows: Iterable[Row]) -> Table:
    """The table: name, state, since, health."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("program", "state", "since", "health"):
        table.add_column(heading, style="bold" if heading == "program" else "", no_wrap=heading != "health")
    for row in rows:
        table.add_row(row.name, Text(row.state, COLOURS[row.state]), row.age(), row.health)
    return table


def board_for_terminal(*, plain: bool = False) -> Board:
    """The table on a terminal, lines elsewhere."""
    return PlainBoard() if plain or not sys.stderr.isatty() else TableBoard()
