"""python -m dashboard --port N"""

from __future__ import annotations

import argparse
import errno
import socket
import sys

from dashboard.serve import ADDRESS, serve

DEFAULT_PORT = 8501


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 1 with one line on standard error when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="The HerdLien dashboard.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="TCP port (default %(default)s)")
    parser.add_argument("--host", default=ADDRESS, help="address to listen on (default %(default)s)")
    asked = parser.parse_args(arguments)
    if reason := _why_not(asked.host, asked.port):
        print(f"dashboard: {reason}; choose another with --host or --port", file=sys.stderr)
        return 1
    serve(asked.port, asked.host)
    return 0


def _why_not(host: str, port: int) -> str | None:
    """Why this address and port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"port {port} is taken" if error.errno == errno.EADDRINUSE else f"{host}: {error.strerror or error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
