"""A gateway that has no room takes nothing, says so once, and goes on when there is room."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from collateral.contract import codec
from collateral.contract.messages import VERSION, Heard, LocalFrame, Receipt, Uplink
from collateral.contract.topics import Kind
from collateral.ops.mqtt import Connection, Delivery
from collateral.settings.fragments import BrokerSettings
from edge.batching import MOST_PICTURE_BYTES
from edge.gateway import Gateway
from edge.receiver import Address
from edge.settings import GatewaySettings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def heard(number: int, readings: int = 1) -> Heard:
    return Heard(
        number=number, readings=[Uplink(tag=f"{n:016x}", seq=number, measured_at=NOON) for n in range(readings)]
    )


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def make(tmp_path: Path, stop: threading.Event) -> Iterator[Callable[..., Gateway]]:
    made: list[Gateway] = []

    def build(most_bytes: int = 10_000) -> Gateway:
        settings = GatewaySettings(
            farm="farm", gateway="gw-1", listen=Address("127.0.0.1", 0), spool=tmp_path / "spool",
            broker=BrokerSettings(broker_port=1), spool_most_bytes=most_bytes,
        )  # fmt: skip
        made.append(Gateway(settings, stop))
        return made[-1]

    yield build
    stop.set()
    for gateway in made:
        gateway._spool.close()
        gateway.receiver._server.server_close()


def test_a_full_spool_holds_the_sender_up_until_a_receipt_makes_room(make: Callable[..., Gateway]) -> None:
    gateway = make(most_bytes=400)
    with structlog.testing.capture_logs() as logs:
        assert gateway.keep([heard(1)])
        held = threading.Thread(target=gateway.keep, args=([heard(2, readings=2)],))
        held.start()
        held.join(1.5)
        assert held.is_alive()
        assert (gateway.health()["ok"], gateway.health()["spool"]) == (False, "full")
        gateway._spool.forget(1)
        held.join(5)
    assert not held.is_alive()
    assert gateway.health()["ok"]
    assert [line["event"] for line in logs] == ["spool_full", "spool_has_room"]


def test_a_sender_that_is_held_up_is_let_go_when_the_gateway_stops(
    make: Callable[..., Gateway], stop: threading.Event
) -> None:
    gateway = make(most_bytes=10)
    threading.Timer(0.2, stop.set).start()
    assert not gateway.keep([heard(1)])


def test_an_empty_message_is_kept_without_a_number(make: Callable[..., Gateway]) -> None:
    gateway = make()
    assert gateway.keep([heard(1, readings=0)])
    assert gateway._spool.last_number == 0


def test_a_picture_too_big_is_reported_and_does_not_hold_up_the_rest(make: Callable[..., Gateway]) -> None:
    gateway = make()
    message = heard(1)
    message.frame = LocalFrame(camera="c", sequence=1, captured_at=NOON, jpeg=b"x" * (MOST_PICTURE_BYTES + 1))
    with structlog.testing.capture_logs() as logs:
        assert gateway.keep([message])
    assert [line["event"] for line in logs] == ["picture_refused"]
    assert gateway._spool.unsent == 1


def delivered(to: Gateway, **particulars: object) -> None:
    """As if the broker had brought this receipt."""
    fields = {"v": VERSION, "gateway": "gw-1", "spool": to._spool.name, "committed_up_to": 1, "at": NOON}
    receipt = Receipt(**(fields | particulars))  # type: ignore[arg-type]
    link = Connection("nobody", BrokerSettings())
    to._uplink._delivered(Delivery(str(Kind.RECEIPT), codec.encode(receipt), False, 0, 1, 1, link))
    to._uplink._take_receipts()


def test_a_receipt_lets_the_gateway_forget(make: Callable[..., Gateway]) -> None:
    gateway = make()
    gateway.keep([heard(1), heard(2)])
    delivered(gateway)
    assert [entry.number for entry in gateway._spool.after(0, 9)] == [2]


@pytest.mark.parametrize("particulars", [{"spool": "another"}, {"gateway": "gw-2"}])
def test_a_receipt_for_somebody_else_is_not_ours(make: Callable[..., Gateway], particulars: dict[str, str]) -> None:
    gateway = make()
    gateway.keep([heard(1)])
    delivered(gateway, **particulars)
    assert gateway._spool.unsent == 1


def test_a_receipt_for_numbers_never_given_deletes_nothing_and_is_reported(make: Callable[..., Gateway]) -> None:
    gateway = make()
    gateway.keep([heard(1)])
    with structlog.testing.capture_logs() as logs:
        delivered(gateway, committed_up_to=9)
        delivered(gateway, committed_up_to=9)
    assert gateway._spool.unsent == 1
    assert [line["event"] for line in logs] == ["spool_is_an_old_copy"]


def test_a_gateway_whose_uplink_dies_ends_and_says_so(
    make: Callable[..., Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = make()
    monkeypatch.setattr(gateway._uplink, "run", lambda _: time.sleep(0.1))
    assert gateway.run() == 0
    again = make()

    def fails(_: threading.Event) -> None:
        again._break(OSError("broken"))  # type: ignore[arg-type]

    monkeypatch.setattr(again._uplink, "run", fails)
    assert again.run() == 1
