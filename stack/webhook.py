"""A stand-in for the bank's risk system: receives signed notifications over HTTP and writes them down.

Run as `python -m stack.webhook --port N --out FILE`, the secret in HERDLIEN_WEBHOOK_SECRET. Each delivery
becomes one JSON line with `ok` saying whether the signature over the raw body was right; a wrong one is
answered 401.
"""

import argparse
import hashlib
import hmac
import json
import os
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stack.ports import LOOPBACK

SIGNATURE_HEADER = "X-HerdLien-Signature"
MOST_BYTES = 4_000_000


def signature(secret: str, body: bytes) -> str:
    """What the header must say for this body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_genuine(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header was made by someone who knows the secret."""
    return header is not None and hmac.compare_digest(header.encode(), signature(secret, body).encode())


class Receiver(ThreadingHTTPServer):
    """Listens on the loopback address and appends to a file."""

    daemon_threads = True

    def __init__(self, port: int, secret: str, out: Path) -> None:
        super().__init__((LOOPBACK, port), _Delivery)
        self.secret = secret
        self.out = out
        self._turn = threading.Lock()

    def keep(self, delivery: dict[str, Any]) -> None:
        """One line per delivery, whole or not at all."""
        with self._turn, self.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(delivery, ensure_ascii=False) + "\n")


class _Delivery(BaseHTTPRequestHandler):
    server: Receiver
    timeout = 10

    def do_GET(self) -> None:
        """For the health check."""
        self._answer(200, b"ready\n")

    def do_POST(self) -> None:
        """Check, write down, answer."""
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > MOST_BYTES:
            self._answer(413, b"a body of known length up to 4 MB, please\n")
            return
        body = self.rfile.read(int(length))
        ok = is_genuine(self.server.secret, body, self.headers.get(SIGNATURE_HEADER))
        self.server.keep(
            {
                "received_at": datetime.now(UTC).isoformat(),
                "path": self.path,
                "ok": ok,
                "body": _readable(body),
            }
        )
        self._answer(200 if ok else 401, b"thank you\n" if ok else b"wrong signature\n")

    def _answer(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """The file is the log."""


def _readable(body: bytes) -> Any:  # whatever JSON says
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def main() -> None:
    """Receive until stopped."""
    parser = argparse.ArgumentParser(prog="python -m stack.webhook", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # The secret comes by the environment: a command line is for everybody to read.
    with Receiver(options.port, os.environ["HERDLIEN_WEBHOOK_SECRET"], options.out) as receiver:
        receiver.serve_forever()


if __name__ == "__main__":
    main()
