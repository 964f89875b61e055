"""Health and metrics of a program over HTTP on the loopback side: GET /health, GET /metrics."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from collateral.settings.fragments import SettingsError


def serve(
    port: int, health: Callable[[], dict[str, Any]], metrics: Callable[[], bytes] | None = None
) -> ThreadingHTTPServer:
    """Serve `health()` (its "ok" decides 200 or 503) and Prometheus text on 127.0.0.1:`port` in a thread.

    Raises SettingsError when the port cannot be had.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                report = health()
                self._answer(
                    200 if report.get("ok") else 503,
                    json.dumps(report, default=str).encode(),
                    "application/json",
                )
            elif self.path == "/metrics" and metrics is not None:
                self._answer(200, metrics(), "text/plain; version=0.0.4")
            else:
                self._answer(404, b"", "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Health checks are not worth a log line."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise SettingsError(f"port {port}: {error.strerror}; choose another with --health-port") from error
    threading.Thread(target=server.serve_forever, daemon=True, name="health").start()
    return server


def end(server: ThreadingHTTPServer | None) -> None:
    """Stop serving, if it was."""
    if server is not None:
        server.shutdown()
        server.server_close()
