"""The MQTT connection every program uses: MQTT 5 where the broker speaks it, 3.1.1 otherwise.

Acknowledgement is by hand: a received message is acknowledged by `Delivery.acknowledge()`, after its effect is
durable. A publish returns once the broker has acknowledged it. Reconnecting is paho's; what was not acknowledged
is delivered again, and acknowledgements that belong to an earlier connection are dropped, since packet numbers
are reused.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from collateral.ops.logs import logger
from collateral.settings.fragments import BrokerSettings

WAIT_S = 15.0
SESSION_EXPIRY_S = 7 * 24 * 3600
LARGEST_BACKOFF_S = 5
RESUBSCRIBE_S = 5.0


class BrokerUnavailable(ConnectionError):
    """The MQTT broker cannot be used; the message says where it was looked for and what to do."""


class NotDelivered(ConnectionError):
    """The broker did not acknowledge a publish in time; publish it again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One received message. `acknowledge` tells the broker that its effect is durable (once; later calls no-op)."""

    topic: str
    payload: bytes
    redelivered: bool
    epoch: int
    mid: int
    qos: int
    link: Connection

    def acknowledge(self) -> None:
        self.link.acknowledge(self)


class Connection:
    """A connection to the broker.

    with Connection("ingest-1", settings, subscribe=[...], durable=True) as link:
        for delivery in link.deliveries(stop): ...

    `client_id` must be stable across restarts when `durable`, which keeps the session (and so undelivered
    messages) on the broker. `at_most` bounds unacknowledged deliveries (MQTT 5 Receive Maximum) and so memory.
    """

    def __init__(
        self,
        client_id: str,
        settings: BrokerSettings,
        *,
        subscribe: list[str] | None = None,
        durable: bool = False,
        at_most: int = 1000,
        will: tuple[str, bytes] | None = None,
        on_connect: Callable[[Connection], None] | None = None,
        on_delivery: Callable[[Delivery], None] | None = None,
    ) -> None:
        self._client_id, self._settings = client_id, settings
        self._filters = subscribe or []
        self._durable, self._at_most, self._will = durable, at_most, will
        self._on_connect_hook, self._on_delivery_hook = on_connect, on_delivery
        self._inbox: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._epoch = 0
        self._ready = threading.Event()
        self._refused: str | None = None
        self._was_up = False
        self.protocol = 5
        self._client: paho.Client | None = None

    # -- life -----------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, wait_s: float = WAIT_S) -> None:
        """Connect; raise BrokerUnavailable with the reason after `wait_s`."""
        for protocol in (5, 4):
            self.protocol = protocol
            if self._try(protocol, wait_s):
                return
            if not self._protocol_refused():
                break
        raise BrokerUnavailable(
            f"MQTT broker at {self.where}: {self._refused or 'no answer'}; {_what_to_do(self._refused or '')}"
        )

    def close(self) -> None:
        """Say goodbye to the broker (its will is then not sent) and stop."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    @property
    def where(self) -> str:
        return f"{self._settings.broker_host}:{self._settings.broker_port}"

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and granted what we subscribe to."""
        # A refusal also ends the waiting in open(), so being ready is not enough.
        return self._ready.is_set() and self._refused is None

    # -- sending --------------------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes, *, wait_s: float | None = WAIT_S) -> None:
        """Publish at QoS 1. Returns when the broker has acknowledged it; NotDelivered otherwise.

        With `wait_s` None it returns at once, and the message may be lost with this process.
        """
        info = self._paho.publish(topic, payload, qos=1)
        if wait_s is None:
            return
        try:
            info.wait_for_publish(wait_s)
        except (RuntimeError, ValueError) as error:
            raise NotDelivered(f"{topic}: {error}") from error
        if not info.is_published():
            raise NotDelivered(f"{topic}: no acknowledgement from {self.where} within {wait_s} s")

    # -- receiving ------------------------------------------------------------------------------------------

    def deliveries(self, stop: threading.Event, poll_s: float = 0.2) -> Iterator[Delivery | None]:
        """Each delivery as it comes; None every `poll_s` without one, so that the caller can do other work."""
        while not stop.is_set():
            try:
                yield self._inbox.get(timeout=poll_s)
            except queue.Empty:
                yield None

    def acknowledge(self, delivery: Delivery) -> None:
        if delivery.qos and delivery.epoch == self._epoch and self._client is not None:
            self._client.ack(delivery.mid, delivery.qos)

    # -- paho -----------------------------------------------------------------------------------------------

    @property
    def _paho(self) -> paho.Client:
        if self._client is None:
            raise BrokerUnavailable(f"MQTT broker at {self.where}: not connected; call open() first")
        return self._client

    def _try(self, protocol: int, wait_s: float) -> bool:
        self._refused = None
        self._ready.clear()  # an earlier attempt has set it to say that it was refused
        self._client = client = self._build(protocol)
        try:
            client.connect(self._settings.broker_host, self._settings.broker_port, **self._connect_options(protocol))
        except (TimeoutError, OSError, ValueError) as error:
            self._refused = str(getattr(error, "strerror", None) or error)
            return False
        client.loop_start()
        if self._ready.wait(wait_s) and self._refused is None:
            return True
        self.close()
        return False

    def _build(self, protocol: int) -> paho.Client:
        version = paho.MQTTv5 if protocol == 5 else paho.MQTTv311
        options: dict[str, Any] = {} if protocol == 5 else {"clean_session": not self._durable}
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=version,
            manual_ack=True,
            **options,
        )
        client.max_inflight_messages_set(1000)
        client.reconnect_delay_set(1, LARGEST_BACKOFF_S)
        if self._settings.broker_user:
            password = self._settings.broker_password
            client.username_pw_set(self._settings.broker_user, password.get_secret_value() if password else None)
        if self._will:
            client.will_set(self._will[0], self._will[1], qos=1)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._received
        return client

    def _connect_options(self, protocol: int) -> dict[str, Any]:
        if protocol == 4:
            return {"keepalive": 30}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it bare
        properties.ReceiveMaximum = self._at_most
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._durable else 0
        return {"keepalive": 30, "clean_start": not self._durable, "properties": properties}

    def _protocol_refused(self) -> bool:
        return self._refused is not None and ("protocol" in self._refused.lower() or self._refused == "closed")

    def _connected(self, client: paho.Client, _: object, __: object, reason: Any, ___: object) -> None:
        if reason.is_failure:
            self._refuse(client, str(reason))
            return
        self._epoch += 1
        self._refused = None
        if self._was_up:
            logger().info("broker_back", broker=self.where)
        self._was_up = True
        if self._filters:
            # Ready only once this is granted: what is published before would pass us by.
            self._subscribe(client)
        else:
            self._ready.set()
        if self._on_connect_hook:
            self._on_connect_hook(self)

    def _refuse(self, client: paho.Client, reason: str) -> None:
        if self._was_up:  # a password that was changed meanwhile, say: paho tries again, as for any absence
            if self._refused != reason:
                logger().warning("broker_refuses", broker=self.where, reason=reason)
            self._refused = reason
            return
        if client is self._client:
            self._refused = reason
            self._ready.set()

    def _disconnected(self, _: paho.Client, __: object, ___: object, reason: Any, ____: object) -> None:
        if not self._was_up:
            # A broker that speaks only 3.1.1 may just hang up on a version-5 hello.
            self._refused = self._refused or "closed"
            self._ready.set()
            return
        if self._ready.is_set() and reason.is_failure:
            logger().warning("broker_away", broker=self.where, reason=str(reason))
        self._ready.clear()

    def _subscribed(self, client: paho.Client, _: object, __: int, reasons: list[Any], ___: object) -> None:
        if not any(reason.is_failure for reason in reasons):
            self._ready.set()
            return
        refused = [text for text, reason in zip(self._filters, reasons, strict=False) if reason.is_failure]
        logger().warning("subscription_refused", broker=self.where, topics=refused)
        again = threading.Timer(RESUBSCRIBE_S, self._subscribe, (client,))
        again.daemon = True
        again.start()

    def _subscribe(self, client: paho.Client) -> None:
        if client is self._client and client.is_connected():
            client.subscribe([(text, 1) for text in self._filters])

    def _received(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        # paho's network thread dies on an exception here while still looking connected.
        try:
            delivery = Delivery(
                message.topic, bytes(message.payload), message.dup, self._epoch, message.mid, message.qos, self
            )
            (self._on_delivery_hook or self._inbox.put)(delivery)
        except Exception:  # noqa: BLE001 - the hook is the caller's; its fault must not stop the connection
            logger().exception("delivery_hook_failed", topic_mid=message.mid)


def _what_to_do(refused: str) -> str:
    if any(word in refused.lower() for word in ("authori", "password", "identifier")):
        return "correct HERDLIEN_BROKER_USER and HERDLIEN_BROKER_PASSWORD"
    return "start it or set HERDLIEN_BROKER_HOST and HERDLIEN_BROKER_PORT"
