"""The local door answers after the commit, and survives whoever knocks."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.contract import codec
from collateral.contract.messages import Heard, Uplink
from edge.receiver import MOST_LOCAL_BYTES, Address, DoorClosed, HeardStream, Receiver

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def heard(number: int, readings: int = 1) -> Heard:
    uplinks = [Uplink(tag=f"{n:016x}", seq=n, measured_at=NOON) for n in range(readings)]
    return Heard(number=number, readings=uplinks)


class Keeper:
    """Stands for the gateway: keeps messages once it may."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.may = threading.Event()
        self.may.set()

    def __call__(self, messages: list[Heard]) -> bool:
        self.may.wait(5)
        self.kept += [message.number for message in messages]
        return True


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def door(keeper: Keeper) -> Iterator[Receiver]:
    stop = threading.Event()
    receiver = Receiver(Address("127.0.0.1", 0), keeper, stop)
    receiver.start()
    yield receiver
    stop.set()
    receiver.close()


def knock(door: Receiver) -> socket.socket:
    return socket.create_connection(("127.0.0.1", door.port), 3)


def answer(link: socket.socket) -> int:
    length = int.from_bytes(link.recv(4, socket.MSG_WAITALL), "big")
    return codec.decode_kept(link.recv(length, socket.MSG_WAITALL)).number


def test_kept_is_answered_only_after_the_message_is_kept(door: Receiver, keeper: Keeper) -> None:
    keeper.may.clear()
    with knock(door) as link:
        link.sendall(codec.encode_local(heard(7)))
        link.settimeout(0.3)
        with pytest.raises(TimeoutError):
            link.recv(1)
        keeper.may.set()
        link.settimeout(3)
        assert answer(link) == 7
    assert keeper.kept == [7]


def test_messages_that_come_together_are_answered_up_to_the_last(door: Receiver, keeper: Keeper) -> None:
    with knock(door) as link:
        link.sendall(b"".join(codec.encode_local(heard(number)) for number in range(1, 41)))
        last = 0
        while last < 40:
            last = answer(link)
    assert keeper.kept == list(range(1, 41))


@pytest.mark.parametrize("rubbish", [b"\x00\x00\x00\x03abc", (MOST_LOCAL_BYTES + 1).to_bytes(4, "big") + b"x"])
def test_rubbish_closes_its_own_connection_only(door: Receiver, keeper: Keeper, rubbish: bytes) -> None:
    with knock(door) as link, knock(door) as other:
        link.sendall(codec.encode_local(heard(1)) + rubbish)
        assert answer(link) == 1
        assert link.recv(1) == b""
        other.sendall(codec.encode_local(heard(2)))
        assert answer(other) == 2


def test_a_port_in_use_is_named_with_the_fix(door: Receiver, keeper: Keeper) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DoorClosed, match="--listen"):
            Receiver(Address("127.0.0.1", taken.getsockname()[1]), keeper, threading.Event())


def test_an_address_is_a_port_or_a_host_and_a_port() -> None:
    assert Address.parse("7000") == Address("127.0.0.1", 7000)
    assert Address.parse("0.0.0.0:7000") == Address("0.0.0.0", 7000)
    with pytest.raises(ValueError):
        Address.parse("door")


@given(st.lists(st.integers(0, 3), max_size=6), st.data())
def test_messages_come_out_whole_however_the_bytes_are_cut(sizes: list[int], data: st.DataObject) -> None:
    wire = b"".join(codec.encode_local(heard(number, size)) for number, size in enumerate(sizes))
    stream, found = HeardStream(), []
    while wire:
        cut = data.draw(st.integers(1, len(wire)))
        stream.feed(wire[:cut])
        wire = wire[cut:]
        found += stream.take(3)
    while more := stream.take(3):
        found += more
    assert [(message.number, len(message.readings)) for message in found] == list(enumerate(sizes))
