"""The MQTT connection every program uses: MQTT 5 where the broker speaks it, 3.1.1 otherwise.

Acknowledgement is by hand: a received message is acknowledged by `Delivery.acknowledge()`, after its effect is
durable. A publish returns once the broker has acknowledged it. Reconnecting is paho's; what was not acknowledged
is delivered again, and acknowledgements that belong to an earlier connection are dropped, since packet numbers
are reused.

paho is driven by a loop of our own: its own thread reads one packet for each look at the socket and is woken for
each acknowledgement, which costs half of all time where messages carry single readings.
"""

from __future__ import annotations

import contextlib
import queue
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from collateral.ops.logs import logger
from collateral.ops.mqtt_link import (
    LARGEST_BACKOFF_S,
    RESUBSCRIBE_S,
    SESSION_EXPIRY_S,
    WAIT_S,
    Acknowledgeable,
    BrokerUnavailable,
    Delivery,
    Link,
    NotDelivered,
)
from collateral.settings.fragments import BrokerSettings

__all__ = ["BrokerUnavailable", "Connection", "Delivery", "NotDelivered"]

FIRST_BACKOFF_S = 1.0
GOODBYE_S = 2.0
READ_AT_ONCE = 64
"""Packets read for one look at the socket."""
_NO_RETAINED = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
"""What a broker retained is not news: an old value must not look like one that was just measured."""


class Connection(Link):
    """A connection to the broker by paho.

    with Connection("ingest-1", settings, subscribe=[...], durable=True) as link:
        for delivery in link.deliveries(stop): ...

    What arrives goes to `on_deliveries` (as a list, in order) or `on_delivery`, on the network thread, or else to
    `deliveries`.
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
        on_deliveries: Callable[[list[Delivery]], None] | None = None,
    ) -> None:
        super().__init__(client_id, settings, subscribe or [], durable=durable, at_most=at_most)
        self._will = will
        self._on_connect_hook = on_connect
        self._inbox: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._hand_on = on_deliveries or _one_by_one(on_delivery or self._inbox.put)
        self._taken: list[Delivery] = []
        self._to_acknowledge: deque[Acknowledgeable] = deque()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._woken: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._has_session = False
        self._client: paho.Client | None = None

    # -- life -----------------------------------------------------------------------------------------------

    def close(self, *, forget_session: bool = False) -> None:
        """Say goodbye to the broker (its will is then not sent) and stop. MQTT 5 can ask it to forget the session."""
        if self._client is not None:
            self._client.disconnect(properties=_forgetting() if forget_session and self.protocol == 5 else None)
            self._closing.set()
            self._wake()
            if self._thread is not None:
                self._thread.join()
            for end in (self._woken, self._waker):
                if end is not None:
                    end.close()
            self._client = self._thread = None
            self._woken = self._waker = None

    @property
    def has_session(self) -> bool:
        """Whether the broker knew this client id and kept what was not acknowledged."""
        return self._has_session

    # -- sending --------------------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes, *, wait_s: float | None = WAIT_S) -> None:
        """Publish at QoS 1, see Link."""
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

    def acknowledge_all(self, deliveries: Sequence[Acknowledgeable]) -> None:
        """Tell the broker that the effect of these is durable, see Link."""
        self._to_acknowledge.extend(deliveries)
        self._wake()

    def unsubscribe(self, filters: list[str]) -> None:
        """Ask for no more; what the broker has put by already still comes."""
        self._paho.unsubscribe(filters)

    # -- paho -----------------------------------------------------------------------------------------------

    @property
    def _paho(self) -> paho.Client:
        if self._client is None:
            raise BrokerUnavailable(f"MQTT broker at {self.where}: not connected; call open() first")
        return self._client

    def _try(self, wait_s: float) -> bool:
        protocol = self.protocol
        self._refused = None
        self._ready.clear()  # an earlier attempt has set it to say that it was refused
        self._woken, self._waker = _wake_pair()
        self._client = client = self._build(protocol)
        try:
            client.connect(self._settings.broker_host, self._settings.broker_port, **self._connect_options(protocol))
        except (TimeoutError, OSError, ValueError) as error:
            self._refused = str(getattr(error, "strerror", None) or error)
            self.close()
            return False
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, args=(client,), name="mqtt", daemon=True)
        self._thread.start()
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
        if self._settings.broker_user:
            password = self._settings.broker_password
            client.username_pw_set(self._settings.broker_user, password.get_secret_value() if password else None)
        if self._will:
            client.will_set(self._will[0], self._will[1], qos=1)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._received
        # With this set paho leaves all writing to our loop.
        client.on_socket_register_write = lambda *_: self._wake()
        return client

    def _connect_options(self, protocol: int) -> dict[str, Any]:
        if protocol == 4:
            return {"keepalive": 30}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it bare
        properties.ReceiveMaximum = self._at_most
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._durable else 0
        return {"keepalive": 30, "clean_start": not self._durable, "properties": properties}

    def _connected(self, client: paho.Client, _: object, flags: paho.ConnectFlags, reason: Any, __: object) -> None:
        self._has_session = flags.session_present
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
            if self.protocol == 5:
                client.subscribe([(text, _NO_RETAINED) for text in self._filters])
            else:
                client.subscribe([(text, 1) for text in self._filters])

    def _received(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        self._taken.append(
            Delivery(message.topic, bytes(message.payload), message.dup, self._epoch, message.mid, message.qos, self)
        )

    # -- the loop, on a thread of its own -------------------------------------------------------------------

    def _run(self, client: paho.Client) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._closing.is_set():
            if client.socket() is None:
                self._closing.wait(backoff_s)
                backoff_s = min(LARGEST_BACKOFF_S, 2 * backoff_s)
                if self._was_up and not self._closing.is_set():
                    self._reconnect(client)
                continue
            if self.connected:
                backoff_s = FIRST_BACKOFF_S
            self._turn(client)
        self._write_out(client)

    def _turn(self, client: paho.Client, wait_s: float = 1.0) -> None:
        """One look at the socket: read what is there, acknowledge what is done, write what waits."""
        connection, woken = _selectable(client), self._woken
        watched: list[Any] = [each for each in (connection, woken) if each is not None]
        try:
            readable, _, _ = select.select(watched, watched[:1] if client.want_write() else [], [], wait_s)
        except (OSError, ValueError):  # closed between two looks
            readable = [connection]
        if woken in readable:
            _drain(woken)
        if connection in readable:
            self._read(client)
        while self._to_acknowledge:
            done = self._to_acknowledge.popleft()
            if done.qos and done.epoch == self._epoch:
                client.ack(done.mid, done.qos)
        if client.want_write():
            client.loop_write()
        client.loop_misc()

    def _write_out(self, client: paho.Client) -> None:
        """What waits, the goodbye last, goes out before the end; a broker that takes nothing is not waited for."""
        until_s = time.monotonic() + GOODBYE_S
        while client.want_write() and client.socket() is not None and time.monotonic() < until_s:
            _, writable, _ = select.select([], [_selectable(client)], [], 0.1)
            if writable:
                client.loop_write()

    def _read(self, client: paho.Client) -> None:
        for expected in range(1, READ_AT_ONCE + 1):
            # paho says success also when nothing was there: no message more means that it is time to look again.
            if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS or len(self._taken) < expected:
                break
        if self._taken:
            taken, self._taken = self._taken, []
            try:
                self._hand_on(taken)
            except Exception:  # noqa: BLE001 - the hook is the caller's; its fault must not stop the connection
                logger().exception("delivery_hook_failed", messages=len(taken))

    def _reconnect(self, client: paho.Client) -> None:
        try:
            client.reconnect()
        except (OSError, ValueError) as error:
            logger().debug("broker_still_away", broker=self.where, reason=str(error))

    def _wake(self) -> None:
        waker = self._waker
        if waker is not None:
            with contextlib.suppress(OSError):  # it has been woken already, or nobody waits any more
                waker.send(b"\0")


def _forgetting() -> Properties:
    properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]  # paho leaves it bare
    properties.SessionExpiryInterval = 0
    return properties


def _one_by_one(hook: Callable[[Delivery], None]) -> Callable[[list[Delivery]], None]:
    def each(deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            hook(delivery)

    return each


def _selectable(client: paho.Client) -> Any:
    return client.socket()


def _drain(woken: socket.socket | None) -> None:
    if woken is not None:
        with contextlib.suppress(OSError):
            woken.recv(4096)


def _wake_pair() -> tuple[socket.socket, socket.socket]:
    pair = socket.socketpair()
    for end in pair:
        end.setblocking(False)
    return pair
