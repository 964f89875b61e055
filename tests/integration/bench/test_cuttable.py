"""A line that is cut or falls silent, seen from both of its ends."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from bench.havoc.cuttable import Cuttable
from stack.ports import LOOPBACK, free_port

PATIENCE_S = 20.0
SILENT_S = 0.3


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(PATIENCE_S)
        yield listening


@pytest.fixture
def line(server: socket.socket) -> Iterator[Cuttable]:
    with Cuttable(LOOPBACK, server.getsockname()[1]) as made:
        yield made


Ends = tuple[socket.socket, socket.socket]
Join = Callable[[], Ends]


@pytest.fixture
def join(line: Cuttable, server: socket.socket) -> Iterator[Join]:
    """Makes a connection through the line: the near end and the far end."""
    with contextlib.ExitStack() as opened:

        def make() -> Ends:
            near = opened.enter_context(call(line))
            far = opened.enter_context(server.accept()[0])
            far.settimeout(PATIENCE_S)
            return near, far

        yield make


def call(line: Cuttable) -> socket.socket:
    return socket.create_connection((LOOPBACK, line.port), PATIENCE_S)


def refuses(line: Cuttable) -> bool:
    """Whether a new connection is ended at once: while it is being made, or as soon as it is."""
    try:
        with call(line) as end:
            return is_dead(end)
    except ConnectionError:
        return True


def is_dead(end: socket.socket) -> bool:
    """Whether the connection has ended, by a reset or in order."""
    try:
        return end.recv(1) == b""
    except ConnectionError:
        return True


def hears_nothing(end: socket.socket) -> bool:
    end.settimeout(SILENT_S)
    try:
        end.recv(1)
    except TimeoutError:
        return True
    finally:
        end.settimeout(PATIENCE_S)
    return False


def test_a_whole_line_carries_both_ways_and_more_than_a_buffer(join: Join) -> None:
    near, far = join()
    near.sendall(b"ping")
    assert far.recv(10) == b"ping"
    much = bytes(range(256)) * 2000
    far.sendall(much)
    got = b""
    while len(got) < len(much):
        got += near.recv(65536)
    assert got == much


def test_the_end_of_one_side_reaches_the_other(join: Join) -> None:
    near, far = join()
    near.sendall(b"last words")
    near.close()
    assert far.recv(100) == b"last words"
    assert far.recv(100) == b""


def test_a_cut_line_loses_its_connections_and_refuses_new_ones_until_it_is_mended(line: Cuttable, join: Join) -> None:
    near, far = join()
    line.cut()
    assert is_dead(near)
    assert is_dead(far)
    assert refuses(line)
    line.mend()
    again, there = join()
    again.sendall(b"back")
    assert there.recv(10) == b"back"


def test_the_near_end_sees_a_reset_when_the_line_is_cut(line: Cuttable, join: Join) -> None:
    near, far = join()
    near.sendall(b"hello")
    assert far.recv(10) == b"hello"
    line.cut()
    with pytest.raises(ConnectionResetError):
        near.recv(1)


def test_a_silent_line_holds_everything_back_and_then_delivers_it(line: Cuttable, join: Join) -> None:
    near, far = join()
    line.silence()
    near.sendall(b"patience")
    assert hears_nothing(far)
    line.mend()
    assert far.recv(10) == b"patience"


def test_a_silent_line_does_not_tell_that_one_side_has_gone(line: Cuttable, join: Join) -> None:
    near, far = join()
    line.silence()
    near.close()
    assert hears_nothing(far)
    line.mend()
    assert is_dead(far)


def test_a_silent_line_that_is_cut_loses_what_it_held(line: Cuttable, join: Join) -> None:
    near, far = join()
    line.silence()
    near.sendall(b"never heard")
    assert hears_nothing(far)
    line.cut()
    assert is_dead(far)
    assert is_dead(near)


def test_a_silent_line_takes_calls_that_come_through_once_it_speaks(line: Cuttable, server: socket.socket) -> None:
    line.silence()
    with call(line) as near:
        near.sendall(b"anybody?")
        assert hears_nothing(near)
        line.mend()
        with server.accept()[0] as far:
            assert far.recv(10) == b"anybody?"


def test_where_nobody_listens_the_caller_is_hung_up_on() -> None:
    with Cuttable(LOOPBACK, free_port()) as line, call(line) as near:
        assert is_dead(near)
        deadline = time.monotonic() + PATIENCE_S
        while line.connections and time.monotonic() < deadline:
            time.sleep(0.01)
        assert line.connections == 0
