"""How to see that a program is ready: each check takes the program's child process and says yes or no."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from stack.child import Child
from stack.ports import LOOPBACK, accepts

HealthCheck = Callable[[Child], bool]

# A proxy in the environment has no business between a program and its neighbour.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str, patience_s: float = 2.0) -> HealthCheck:
    """GET gives 200."""

    def check(_child: Child) -> bool:
        try:
            with _direct.open(url, timeout=patience_s) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return check


def listens(port: int, host: str = LOOPBACK) -> HealthCheck:
    """Somebody accepts connections on the port."""
    return lambda _child: accepts(port, host)


def says(pattern: str) -> HealthCheck:
    """Its log has a line that matches."""
    return lambda child: re.search(pattern, child.output()) is not None


def lives(seconds: float = 1.0) -> HealthCheck:
    """It has run for a while: for programs that have no door to knock on."""
    return lambda child: child.status() is None and time.monotonic() - child.started_at >= seconds
