"""python -m dashboard --port N"""

from __future__ import annotations

import argparse
import socket
import sys

from dashboard.serve import ADDRESS, serve

DEFAULT_PORT = 8501


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 1 with one line on standard error when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="The HerdLien dashboard.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="TCP port on 127.0.0.1 (default %(default)s)")
    port = parser.parse_args(arguments).port
    if not _is_free(port):
        print(f"dashboard: port {port} is taken; choose another with --port", file=sys.stderr)
        return 1
    serve(port)
    return 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    sys.exit(main())
