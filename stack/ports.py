"""TCP ports on the loopback address: finding a free one, and saying who holds one that is not."""

import os
import socket
from itertools import count, islice
from pathlib import Path

from stack.errors import StackError

LOOPBACK = "127.0.0.1"
LISTENING = "0A"
ESTABLISHED = "01"
PORTS = range(20_000, 32_000)  # outgoing connections begin at 32768 (Linux) or above
KERNEL_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))

_walk = count(os.getpid() * 137 % len(PORTS))


def free_port(in_a_row: int = 1) -> int:
    """A port that nobody listens on now, nor on those after it when several are wanted.

    Raises StackError when there is none. A port is free until its server is started, a moment later: so they are taken
    below those that the kernel gives to outgoing connections, and each process goes its own way through them.
    """
    for _ in range(len(PORTS) // in_a_row):
        last = next(islice(_walk, in_a_row - 1, None))  # takes as many steps as ports are wanted
        port = PORTS[(last - in_a_row + 1) % (len(PORTS) - in_a_row)]
        if all(is_free(port + more) for more in range(in_a_row)):
            return port
    raise StackError(f"no free port from {PORTS.start} to {PORTS.stop - 1}: end what listens on them")


def is_free(port: int) -> bool:
    """Whether a server could listen here."""
    with socket.socket() as probe:
        # Servers set this too; without it a port that was closed a moment ago looks taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def claim(port: int, what_for: str, option: str) -> int:
    """Give the port back if it is free, else say who has it and how to choose another."""
    if is_free(port):
        return port
    holder = holder_of(port)
    by = f" by {holder}" if holder else ""
    raise StackError(f"port {port} for {what_for} is taken{by}: stop that, or choose another with {option}")


def accepts(port: int, host: str = LOOPBACK, patience_s: float = 0.5) -> bool:
    """Whether somebody answers there."""
    try:
        with socket.create_connection((host, port), patience_s):
            return True
    except OSError:
        return False


def holder_of(port: int) -> str | None:
    """The program that listens on the port, as far as this user may see (Linux)."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        if _holds(process, inodes):
            return f"{_name(process)} (process {process.name})"
    return None


def has_connection_to(port: int) -> bool:
    """Whether somebody in this container (or on this machine) is connected to that port elsewhere (Linux)."""
    return any(row[3] == ESTABLISHED and _port_in(row[2]) == port for row in _kernel_rows())


def _listening_inodes(port: int) -> set[str]:
    rows = (row for row in _kernel_rows() if row[3] == LISTENING and _port_in(row[1]) == port)
    return {f"socket:[{row[9]}]" for row in rows}


def _kernel_rows() -> list[list[str]]:
    tables = [table.read_text().splitlines()[1:] for table in KERNEL_TABLES if table.exists()]
    return [line.split() for lines in tables for line in lines]


def _port_in(address: str) -> int:
    return int(address.rsplit(":", 1)[1], 16)


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in inodes for link in (process / "fd").iterdir())
    except OSError:  # not ours to look into, or gone meanwhile
        return False


def _name(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "a program"
    return " ".join([Path(words[0]).name, *words[1:]]).strip()[:80] or "a program"
