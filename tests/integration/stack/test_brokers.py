"""What both kinds of broker must do for us."""

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from stack.broker import Broker, missing

PATIENCE_S = 15.0


class Listener:
    """A client with a lasting session that keeps what it hears."""

    def __init__(self, broker: Broker, client_id: str, topic: str = "") -> None:
        self.heard: queue.Queue[bytes] = queue.Queue()
        self._ready: queue.Queue[str] = queue.Queue()
        # 3.1.1 is what both kinds speak.
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, protocol=MQTTProtocolVersion.MQTTv311
        )
        self._client.on_message = lambda _client, _data, message: self.heard.put(bytes(message.payload))
        self._client.on_connect = lambda *_: self._ready.put("connected")
        self._client.on_subscribe = lambda *_: self._ready.put("subscribed")
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        self._ready.get(timeout=PATIENCE_S)
        if topic:
            self._client.subscribe(topic, qos=1)
            self._ready.get(timeout=PATIENCE_S)

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


Connect = Callable[..., Listener]


@pytest.fixture
def connect(client_id: Callable[[str], str]) -> Iterator[Connect]:
    opened: list[Listener] = []

    def make(broker: Broker, name: str, topic: str = "") -> Listener:
        opened.append(Listener(broker, client_id(name), topic))
        return opened[-1]

    yield make
    for listener in opened:
        listener.close()


@pytest.fixture(params=["mosquitto", "nats"])
def own_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A broker that a test may kill, in a folder with a space in its name."""
    if reason := missing(request.param):
        pytest.skip(reason)
    with Broker(request.param, tmp_path / "with space") as running:
        yield running


def test_a_camera_frame_passes(broker: Broker, connect: Connect, mqtt_prefix: str) -> None:
    frame = bytes(3_500_000)
    listener = connect(broker, "listener", f"{mqtt_prefix}/#")
    listener.publish(f"{mqtt_prefix}/frame", frame)
    assert listener.heard.get(timeout=PATIENCE_S) == frame


def test_thousands_wait_for_a_listener_that_is_away(broker: Broker, connect: Connect, mqtt_prefix: str) -> None:
    connect(broker, "away", f"{mqtt_prefix}/#").close()
    sender = connect(broker, "sender")
    for number in range(3000):
        sender.publish(f"{mqtt_prefix}/readings", b"%d" % number)
    back = connect(broker, "away")
    heard = {back.heard.get(timeout=PATIENCE_S) for _ in range(3000)}
    assert len(heard) == 3000


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_a_session_survives_a_restart_of_the_broker(own_broker: Broker, connect: Connect, ending: str) -> None:
    connect(own_broker, "listener", "farm/#").close()
    if ending == "kill":
        # Mosquitto writes its sessions down every second; a kill loses what was not.
        connect(own_broker, "sender").publish("farm/earlier", b"0")
        connect(own_broker, "listener").heard.get(timeout=PATIENCE_S)
        time.sleep(2.5)
        own_broker.kill()
    else:
        own_broker.stop()
    own_broker.restart()
    connect(own_broker, "late-sender").publish("farm/readings", b"1")
    assert connect(own_broker, "listener").heard.get(timeout=PATIENCE_S) == b"1"


def test_it_says_what_it_is(broker: Broker) -> None:
    assert broker.version.split()[0] in {"Mosquitto", "NATS"}
    assert broker.version.split()[1][0].isdigit()
