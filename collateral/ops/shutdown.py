"""Stopping cleanly: one event that SIGTERM and SIGINT set."""

from __future__ import annotations

import signal
import threading


def on_signals() -> threading.Event:
    """An event set by the first SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
