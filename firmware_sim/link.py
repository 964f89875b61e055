"""The local link to one gateway: everything handed over is sent until the gateway says that it kept it.

A gateway may be killed at any moment: what it had not answered goes again over the next connection, so it may
get something twice and never misses anything.
"""

from __future__ import annotations

import select
import socket
import threading
from collections import deque

from collateral.contract import codec
from collateral.contract.messages import Heard, LocalFrame, Uplink
from collateral.ops.logs import logger

MOST_UNANSWERED = 32
CONNECT_S, POLL_S = 3.0, 0.2
PATIENCE_S = 60.0  # a gateway whose disk is full takes nothing for a while, which is no reason to call again
FIRST_RETRY_S, LONGEST_RETRY_S = 0.2, 3.0
_CHUNK = 64 * 1024


class Link:
    """Hands over in order, in a thread of its own. `host`, `port`: the gateway's local door."""

    def __init__(self, gateway: str, host: str, port: int) -> None:
        self.gateway, self._address = gateway, (host, port)
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._unanswered: deque[tuple[int, bytes]] = deque()
        self._changed = threading.Condition()
        self._number = 0
        self._stop = False
        self._said_away = False
        self._thread = threading.Thread(target=self._run, name=f"link-{gateway}", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def hand_over(self, *, readings: list[Uplink] | None = None, frame: LocalFrame | None = None) -> None:
        """Queue one message; returns at once."""
        with self._changed:
            self._number += 1
            heard = Heard(number=self._number, readings=readings or [], frame=frame, simulated=True)
            self._waiting.append((self._number, codec.encode_local(heard)))
            self._changed.notify_all()

    @property
    def pending(self) -> int:
        """Messages that the gateway has not said it kept."""
        return len(self._waiting) + len(self._unanswered)

    def wait_below(self, pending: int, wait_s: float | None) -> bool:
        """Block until fewer than `pending` messages are pending; False after `wait_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self.pending < pending or self._stop, wait_s) and not self._stop

    def close(self) -> None:
        """Stop; what is pending is dropped."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        self._thread.join()

    # -- its thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stop:
            try:
                with socket.create_connection(self._address, CONNECT_S) as door:
                    retry_s = FIRST_RETRY_S
                    self._say_back()
                    self._serve(door)
            except (OSError, codec.Unreadable) as error:
                self._say_away(str(error))
            with self._changed:
                self._changed.wait_for(lambda: self._stop, retry_s)
            retry_s = min(LONGEST_RETRY_S, 2 * retry_s)

    def _serve(self, door: socket.socket) -> None:
        """One connection, until it breaks or the link is closed. What was not answered goes first."""
        door.settimeout(PATIENCE_S)
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _, body in list(self._unanswered):
            door.sendall(body)
        answers = bytearray()
        while not self._stop:
            self._send_some(door)
            if self._unanswered:
                self._read_answers(door, answers)

    def _send_some(self, door: socket.socket) -> None:
        while message := self._next():
            door.sendall(message)

    def _next(self) -> bytes | None:
        """The next message to send; waits for one when nothing is to be heard from the gateway either."""
        with self._changed:
            if not self._waiting and not self._unanswered:
                self._changed.wait_for(lambda: self._waiting or self._stop, POLL_S)
            if not self._waiting or len(self._unanswered) >= MOST_UNANSWERED:
                return None
            message = self._waiting.popleft()
            self._unanswered.append(message)
            return message[1]

    def _read_answers(self, door: socket.socket, answers: bytearray) -> None:
        if not select.select([door], [], [], POLL_S if len(self._unanswered) >= MOST_UNANSWERED else 0.02)[0]:
            return
        data = door.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("the gateway closed the connection")
        answers += data
        while len(answers) >= 4 and len(answers) >= (end := 4 + int.from_bytes(answers[:4], "big")):
            self._kept(codec.decode_kept(bytes(answers[4:end])).number)
            del answers[:end]

    def _kept(self, number: int) -> None:
        with self._changed:
            while self._unanswered and self._unanswered[0][0] <= number:
                self._unanswered.popleft()
            self._changed.notify_all()

    def _say_away(self, reason: str) -> None:
        if not self._said_away:
            self._said_away = True
            logger().warning("gateway_away", gateway=self.gateway, reason=reason, pending=self.pending)

    def _say_back(self) -> None:
        if self._said_away:
            self._said_away = False
            logger().info("gateway_back", gateway=self.gateway, pending=self.pending)
