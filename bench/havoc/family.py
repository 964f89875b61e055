"""A process and all that descend from it, so that a kill takes the whole program, as a power cut would (Linux).

A process group is not enough: PostgreSQL's backends each make a session of their own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Member:
    """One process. A number may be given again, so its birth (clock ticks since boot) belongs to the name."""

    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Whether it still runs or sleeps; a zombie does neither."""
        return _look(self.pid) == self


def family(pid: int) -> list[Member]:
    """The process and its living descendants, parents first; empty when it is gone."""
    me = _look(pid)
    return [] if me is None else [me, *(each for child in _children(pid) for each in family(child))]


def send(members: Iterable[Member], number: signal.Signals) -> None:
    """Send the signal to each that is still the process it was."""
    for member in members:
        if member.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member.pid, number)


def await_gone(members: Iterable[Member], patience_s: float) -> bool:
    """Wait until none is alive; False when some are after `patience_s`."""
    left, deadline = list(members), time.monotonic() + patience_s
    while left := [member for member in left if member.alive]:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _look(pid: int) -> Member | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else Member(pid, int(fields[19]))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (thread / "children").read_text().split())
    return found
