"""Both readers keep the same promises at a real broker."""

import threading
import time
from collections.abc import Callable

import pytest

from collateral.ops.mqtt import BrokerUnavailable, Connection, Delivery, NotDelivered
from collateral.ops.mqtt_fast import FastConnection
from collateral.settings.fragments import BrokerSettings
from stack.broker import Broker
from stack.ports import LOOPBACK, free_port
from tests.integration.field import await_true

READERS = (Connection, FastConnection)
Reader = type[Connection] | type[FastConnection]

pytestmark = pytest.mark.parametrize("reader", READERS)


def settings(broker: Broker) -> BrokerSettings:
    return BrokerSettings(broker_host=broker.host, broker_port=broker.port)


class Taken:
    """What a reader handed on."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    def take(self, deliveries: list[Delivery]) -> None:
        self.deliveries += deliveries

    @property
    def texts(self) -> list[str]:
        return [each.payload.decode() for each in self.deliveries]


def publish(broker: Broker, topic: str, count: int, first: int = 0) -> None:
    with Connection(f"pub-{topic}-{first}", settings(broker)) as link:
        for number in range(first, first + count):
            link.publish(topic, str(number).encode(), wait_s=None if number < first + count - 1 else 15)


def test_everything_comes_in_order_and_is_not_sent_again_once_acknowledged(
    reader: Reader, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]
) -> None:
    taken, name = Taken(), client_id("reader")
    with reader(
        name, settings(broker), subscribe=[f"{mqtt_prefix}/#"], durable=True, at_most=50, on_deliveries=taken.take
    ) as link:
        publishing = threading.Thread(target=publish, args=(broker, f"{mqtt_prefix}/a", 500))
        publishing.start()
        done = 0
        while done < 500:
            await_true(lambda: len(taken.deliveries) > done, "more arrives")  # noqa: B023
            now = len(taken.deliveries)
            link.acknowledge_all(taken.deliveries[done:now])
            done = now
        publishing.join()
        assert taken.texts == [str(number) for number in range(500)]
        link.publish(f"{mqtt_prefix}/b", b"last")  # the acknowledgements went before it
        await_true(lambda: taken.texts[-1] == "last", "the last one comes")
        link.acknowledge_all(taken.deliveries[-1:])
    again = Taken()
    with reader(name, settings(broker), subscribe=[f"{mqtt_prefix}/#"], durable=True, on_deliveries=again.take):
        publish(broker, f"{mqtt_prefix}/c", 1, first=1000)
        await_true(lambda: "1000" in again.texts, "the new one comes")
        assert set(again.texts) <= {"1000", "last"}  # nothing but what the goodbye may have overtaken


def test_what_was_not_acknowledged_comes_again_after_a_reconnect(
    reader: Reader, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]
) -> None:
    name, filters = client_id("reader"), [f"{mqtt_prefix}/#"]
    taken, again = Taken(), Taken()
    with reader(name, settings(broker), subscribe=filters, durable=True, on_deliveries=taken.take):
        publish(broker, f"{mqtt_prefix}/a", 20)
        await_true(lambda: len(taken.deliveries) == 20, "all have come")
    with reader(name, settings(broker), subscribe=filters, durable=True, on_deliveries=again.take):
        await_true(lambda: len(again.deliveries) >= 20, "all come again")
        assert sorted(set(again.texts), key=int) == [str(number) for number in range(20)]


def test_it_connects_again_when_the_broker_is_back(
    reader: Reader, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]
) -> None:
    taken = Taken()
    with reader(
        client_id("reader"), settings(broker), subscribe=[f"{mqtt_prefix}/#"], on_deliveries=taken.take
    ) as link:
        broker.kill()
        await_true(lambda: not link.connected, "it notices")
        broker.start()
        await_true(lambda: link.connected, "it is back")
        publish(broker, f"{mqtt_prefix}/a", 1)
        await_true(lambda: taken.texts == ["0"], "messages come again")


def test_a_hook_that_fails_does_not_stop_the_connection(
    reader: Reader, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]
) -> None:
    taken, calls = Taken(), list[int]()

    def fail_once(deliveries: list[Delivery]) -> None:
        calls.append(len(deliveries))
        if len(calls) == 1:
            raise RuntimeError("the hook's own fault")
        taken.take(deliveries)

    with reader(client_id("reader"), settings(broker), subscribe=[f"{mqtt_prefix}/#"], on_deliveries=fail_once):
        publish(broker, f"{mqtt_prefix}/a", 1)
        await_true(lambda: calls, "the first has come")
        publish(broker, f"{mqtt_prefix}/a", 1, first=1)
        await_true(lambda: "1" in taken.texts, "the second comes all the same")


@pytest.mark.broker("mosquitto")  # MQTT 5 can leave them out
def test_what_the_broker_retained_is_not_taken_for_news(
    reader: Reader, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str]
) -> None:
    with Connection(client_id("publisher"), settings(broker)) as publisher:
        publisher._paho.publish(f"{mqtt_prefix}/a", b"old", qos=1, retain=True).wait_for_publish(10)
    taken = Taken()
    with reader(client_id("reader"), settings(broker), subscribe=[f"{mqtt_prefix}/#"], on_deliveries=taken.take):
        publish(broker, f"{mqtt_prefix}/b", 1)
        await_true(lambda: taken.texts, "something comes")
    assert taken.texts == ["0"]


def test_no_broker_is_one_clear_error(reader: Reader) -> None:
    nowhere = BrokerSettings(broker_host=LOOPBACK, broker_port=free_port())
    with pytest.raises(BrokerUnavailable, match="HERDLIEN_BROKER_HOST"):
        reader("r", nowhere, subscribe=["t"], on_deliveries=lambda _: None).open(5)


def test_closing_is_quick_while_the_broker_is_away(
    reader: Reader, broker: Broker, client_id: Callable[[str], str]
) -> None:
    link = reader(client_id("reader"), settings(broker), subscribe=["t"], on_deliveries=lambda _: None)
    link.open()
    broker.kill()
    try:
        await_true(lambda: not link.connected, "it notices")
        with pytest.raises(NotDelivered):
            link.publish("t", b"x", wait_s=0.2)
        began = time.monotonic()
        link.close()
        assert time.monotonic() - began < 4
    finally:
        broker.start()
