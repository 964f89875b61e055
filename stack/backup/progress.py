"""How far a long step has come: silent for two seconds, then a figure now and then."""

import sys
import time
from typing import TextIO

SILENT_S = 2.0
ON_A_SCREEN_S = 0.5
IN_A_LOG_S = 10.0


class Progress:
    """Says `what`, and how many bytes; on a screen in one line that changes."""

    def __init__(self, what: str, out: TextIO | None = None) -> None:
        self._what = what
        self._out = out or sys.stderr
        self._screen = self._out.isatty()
        self._next = time.monotonic() + SILENT_S
        self._spoken = False

    def tell(self, size_bytes: int) -> None:
        """Show the figure when it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (ON_A_SCREEN_S if self._screen else IN_A_LOG_S)
        line = f"{self._what}: {readable(size_bytes)}"
        self._out.write(f"\r{line:<70}" if self._screen else line + "\n")
        self._out.flush()
        self._spoken = True

    def close(self) -> None:
        """Leave the line."""
        if self._spoken and self._screen:
            self._out.write("\n")


def readable(size_bytes: int) -> str:
    """For instance `12.3 MB`; decimal units."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"
