"""The link hands over everything, also to a gateway that is killed in between."""

import socket
import threading
from collections.abc import Iterator

import pytest

from collateral.contract import codec
from collateral.contract.messages import Kept, LocalFrame
from firmware_sim.link import Link
from tests.unit.firmware_sim.pilots import LIVE


class Door:
    """A gateway that answers `answers` messages per connection and then dies."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        self.kept: list[int] = []
        self.answers = 1_000_000
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.server.accept()
            except OSError:
                return
            with link:
                self._converse(link)

    def _converse(self, link: socket.socket) -> None:
        for _ in range(self.answers):
            head = link.recv(4, socket.MSG_WAITALL)
            if len(head) < 4:
                return
            body = link.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
            number = codec.decode_heard(body).number
            self.kept.append(number)
            link.sendall(codec.encode_local(Kept(number=number)))

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self._thread.join(5)


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.fixture
def link(door: Door) -> Iterator[Link]:
    made = Link("gw-1", "127.0.0.1", door.port)
    made.start()
    yield made
    made.close()


def hand_over(link: Link, messages: int) -> None:
    for number in range(messages):
        link.hand_over(frame=LocalFrame(camera="cam-1", sequence=number, captured_at=LIVE, jpeg=b"x"))


def test_messages_arrive_in_order(door: Door, link: Link) -> None:
    hand_over(link, 100)
    assert link.wait_below(1, 20)
    assert door.kept == list(range(1, 101))


def test_a_gateway_that_dies_again_and_again_misses_nothing(door: Door, link: Link) -> None:
    door.answers = 20
    hand_over(link, 100)
    assert link.wait_below(1, 30)
    assert sorted(set(door.kept)) == list(range(1, 101))


def test_what_nobody_answers_stays_pending() -> None:
    link = Link("gw-1", "127.0.0.1", 1)
    link.start()
    hand_over(link, 3)
    assert not link.wait_below(1, 0.3)
    assert link.pending == 3
    link.close()
