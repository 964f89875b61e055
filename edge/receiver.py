"""The local door of a gateway: concentrator, serial bridge or simulator hand over what they heard.

On the wire, both ways: a 4-byte big-endian length, then MessagePack (`Heard` in, `Kept` out). `Kept` is answered
only after the spool's commit; messages that arrived together share one. What cannot be read closes its own
connection with a log line, never the gateway. The door asks no password: it listens on the loopback address
unless told otherwise.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass

from collateral.contract import codec
from collateral.contract.messages import Heard, Kept
from collateral.ops.logs import logger

MOST_LOCAL_BYTES = 8 * 1024 * 1024
MOST_PER_COMMIT = 16
POLL_S = 0.5
_CHUNK = 256 * 1024
_LENGTH_BYTES = 4

Keep = Callable[[list[Heard]], bool]
"""Puts messages on disk; False when the gateway stops before there is room."""


class DoorClosed(OSError):
    """The gateway cannot listen; the message names the port and the fix."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """`7000` on the loopback address, or `host:port`. Raises ValueError."""
        host, _, port = text.rpartition(":")
        return cls(host or "127.0.0.1", int(port))


class HeardStream:
    """Messages out of the bytes of one connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """More bytes have come."""
        self._buffer += data

    def take(self, at_most: int) -> list[Heard]:
        """The whole messages at hand, oldest first; Unreadable when the very first one cannot be read."""
        found: list[Heard] = []
        while len(found) < at_most:
            try:
                message = self._first()
            except codec.Unreadable:
                if found:  # the bad one stays in front and is refused once the good ones are kept
                    return found
                raise
            if message is None:
                return found
            found.append(message)
        return found

    def _first(self) -> Heard | None:
        if len(self._buffer) < _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
        if length > MOST_LOCAL_BYTES:
            raise codec.Unreadable(f"too big: {length} bytes, at most {MOST_LOCAL_BYTES}")
        end = _LENGTH_BYTES + length
        if len(self._buffer) < end:
            return None
        message = codec.decode_heard(bytes(self._buffer[_LENGTH_BYTES:end]))
        del self._buffer[:end]
        return message


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True  # closing waits for the conversations, so that none outlives the spool


class Receiver:
    """Listens until closed. Raises DoorClosed when the port cannot be had."""

    def __init__(self, address: Address, keep: Keep, stop: threading.Event) -> None:
        self._keep, self._stop = keep, stop
        receiver = self

        class Conversation(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                receiver.converse(self.request, f"{self.client_address[0]}:{self.client_address[1]}")

        try:
            self._server = _Server((address.host, address.port), Conversation)
        except OSError as error:
            raise DoorClosed(
                f"cannot listen on {address.host}:{address.port}: {error.strerror}; choose another with --listen"
            ) from error

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Answer in the background."""
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True, name="receiver").start()

    def close(self) -> None:
        """Take no more connections."""
        self._server.shutdown()
        self._server.server_close()

    def converse(self, link: socket.socket, peer: str) -> None:
        """Serve one connection until it closes or says something unreadable."""
        link.settimeout(POLL_S)
        stream = HeardStream()
        try:
            while not self._stop.is_set():
                if messages := stream.take(MOST_PER_COMMIT):
                    if not self._keep(messages):
                        return
                    link.sendall(codec.encode_local(Kept(number=messages[-1].number)))
                elif not _fed(stream, link):
                    return
        except codec.Unreadable as error:
            logger().warning("local_message_refused", peer=peer, reason=str(error))
        except OSError as error:
            logger().info("local_link_lost", peer=peer, reason=error.strerror or str(error))


def _fed(stream: HeardStream, link: socket.socket) -> bool:
    """Wait a moment for more bytes; False when the other side has closed."""
    try:
        data = link.recv(_CHUNK)
    except TimeoutError:
        return True
    stream.feed(data)
    return bool(data)
