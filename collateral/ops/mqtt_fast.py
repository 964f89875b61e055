"""A small asyncio reader behind the interface of `collateral.ops.mqtt.Connection`, for brokers that carry single
readings at tens of thousands a second.

It takes in everything that one read of the socket brought at once, hands it on as one list, and acknowledges a
whole batch with one write. It speaks MQTT 5 and 3.1.1 at QoS 1 over TCP and knows neither wills nor TLS: gateways
and everything else use paho. Reconnecting, epochs and log lines are as there.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence

from collateral.ops import mqtt_wire as wire
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

KEEPALIVE_S = 30
FIRST_BACKOFF_S = 0.5
_SUBSCRIBE_MID = 1
_PUBLISH_MIDS = range(2, 65_536)


class FastConnection(Link):
    """As `Connection`; `on_deliveries` is called on the reader's own thread, and may block to hold the broker back."""

    def __init__(
        self,
        client_id: str,
        settings: BrokerSettings,
        *,
        subscribe: list[str],
        on_deliveries: Callable[[list[Delivery]], None],
        durable: bool = False,
        at_most: int = 1000,
    ) -> None:
        super().__init__(client_id, settings, subscribe, durable=durable, at_most=at_most)
        self._hand_on = on_deliveries
        self._said_away = self._closing = False
        self._closed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._talk: _Talk | None = None

    def close(self) -> None:
        """Say goodbye to the broker and stop."""
        self._closing = True
        if self._loop is not None and self._thread is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself: the first try failed
                self._loop.call_soon_threadsafe(self._say_goodbye)
            self._thread.join()
            self._loop = self._thread = None

    def publish(self, topic: str, payload: bytes, *, wait_s: float | None = WAIT_S) -> None:
        """Publish at QoS 1, see Link; without a connection the message is lost."""
        if self._loop is None:
            raise BrokerUnavailable(f"MQTT broker at {self.where}: not connected; call open() first")
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._publish, topic, payload, done)
        if wait_s is not None and not done.wait(wait_s):
            raise NotDelivered(f"{topic}: no acknowledgement from {self.where} within {wait_s} s")

    def acknowledge_all(self, deliveries: Sequence[Acknowledgeable]) -> None:
        """Tell the broker that the effect of these is durable, see Link."""
        epoch = self._epoch
        mids = [each.mid for each in deliveries if each.qos and each.epoch == epoch]
        if mids and self._loop is not None:
            self._loop.call_soon_threadsafe(self._write_acknowledgements, epoch, wire.puback(mids))

    def _try(self, wait_s: float) -> bool:
        self._refused, self._closing = None, False
        self._ready.clear()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop,), name="mqtt", daemon=True)
        self._thread.start()
        if self._ready.wait(wait_s) and self._refused is None:
            return True
        self.close()
        return False

    # -- on the reader's thread -----------------------------------------------------------------------------

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._keep_connected())
        finally:
            loop.close()

    async def _keep_connected(self) -> None:
        loop = asyncio.get_running_loop()
        backoff_s = FIRST_BACKOFF_S
        self._closed = asyncio.Event()
        while not self._closing:
            accepted = await self._converse(loop)
            backoff_s = FIRST_BACKOFF_S if accepted else min(LARGEST_BACKOFF_S, backoff_s * 2)
            if not self._was_up:
                return  # `open` reports it
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), backoff_s)

    async def _converse(self, loop: asyncio.AbstractEventLoop) -> bool:
        """One connection, from its beginning to its end; whether the broker accepted us."""
        try:
            _, talk = await loop.create_connection(
                lambda: _Talk(self, loop), self._settings.broker_host, self._settings.broker_port
            )
        except OSError as error:
            self._away(str(getattr(error, "strerror", None) or error))
            return False
        self._talk = talk
        if self._closing:
            talk.close()
        await talk.ended
        return talk.accepted

    def hello(self) -> bytes:
        """Our CONNECT packet."""
        password = self._settings.broker_password
        return wire.connect(
            wire.Hello(
                client_id=self._client_id,
                version=self.protocol,
                clean=not self._durable,
                keepalive_s=KEEPALIVE_S,
                receive_maximum=self._at_most,
                session_expiry_s=SESSION_EXPIRY_S if self._durable else 0,
                user=self._settings.broker_user,
                password=password.get_secret_value() if self._settings.broker_user and password else None,
            )
        )

    def taken(self, messages: list[wire.Published], epoch: int) -> None:
        """Hand on what has come over the connection with this epoch."""
        self._hand_on([Delivery(m.topic, m.payload, m.redelivered, epoch, m.mid, m.qos, self) for m in messages])

    def accepted(self) -> int:
        """The broker has accepted us; the new connection's epoch."""
        self._epoch += 1
        return self._epoch

    def granted(self) -> None:
        """What we subscribe to is granted."""
        if self._said_away:
            logger().info("broker_back", broker=self.where)
        self._refused, self._was_up, self._said_away = None, True, False
        self._ready.set()

    def subscription(self) -> bytes:
        """Our SUBSCRIBE packet."""
        return wire.subscribe(_SUBSCRIBE_MID, self._filters, self.protocol)

    def subscription_answered(self, body: bytes) -> bool:
        """Whether everything was granted."""
        refused = wire.refused_filters(body, self._filters, self.protocol)
        if refused:
            logger().warning("subscription_refused", broker=self.where, topics=refused)
        return not refused

    def lost(self, reason: str) -> None:
        """The connection has ended."""
        self._talk = None
        if not self._closing:
            self._away(reason)

    def _away(self, reason: str) -> None:
        if not self._was_up:
            self._refused = reason
            self._ready.set()
            return
        self._ready.clear()
        if not self._said_away:
            logger().warning("broker_away", broker=self.where, reason=reason)
            self._said_away = True

    def _write_acknowledgements(self, epoch: int, packets: bytes) -> None:
        if self._talk is not None and epoch == self._epoch:
            self._talk.write(packets)

    def _publish(self, topic: str, payload: bytes, done: threading.Event) -> None:
        if self._talk is not None:
            self._talk.publish(topic, payload, done)

    def _say_goodbye(self) -> None:
        self._closed.set()
        if self._talk is not None:
            self._talk.close()


class _Talk(asyncio.Protocol):
    """One connection to the broker, from CONNECT to its end."""

    def __init__(self, owner: FastConnection, loop: asyncio.AbstractEventLoop) -> None:
        self._owner, self._loop = owner, loop
        self._stream = wire.Stream(owner.protocol)
        self._transport: asyncio.Transport | None = None
        self._unanswered: dict[int, threading.Event] = {}
        self._next_mid = _PUBLISH_MIDS.start
        self._epoch = 0
        self._heard_at = loop.time()
        self._reason = "closed"
        self.accepted = False
        self.ended: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection makes
        self._transport = transport
        self.write(self._owner.hello())
        self._loop.call_later(KEEPALIVE_S / 2, self._keep_alive)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            published, others = self._stream.feed(data)
            for other in others:
                self._answer(other)
        except wire.Malformed as error:
            self._end(f"malformed: {error}")
            return
        if published:
            self._hand_on(published)

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self._reason = str(getattr(error, "strerror", None) or error)
        self._transport = None
        self._owner.lost(self._reason)
        if not self.ended.done():
            self.ended.set_result(None)

    def write(self, packets: bytes) -> None:
        """Send these bytes, if there is still somebody to send them to."""
        if self._transport is not None:
            self._transport.write(packets)

    def publish(self, topic: str, payload: bytes, done: threading.Event) -> None:
        """Send one message; `done` is set when the broker has acknowledged it."""
        mid = self._next_mid
        self._next_mid = mid + 1 if mid + 1 in _PUBLISH_MIDS else _PUBLISH_MIDS.start
        self._unanswered[mid] = done
        self.write(wire.publish(topic, payload, mid, self._owner.protocol))

    def close(self) -> None:
        """Say goodbye; what was not acknowledged stays with the broker."""
        self.write(wire.goodbye(forget_session=False, version=self._owner.protocol))
        if self._transport is not None:
            self._transport.close()

    def _hand_on(self, published: list[wire.Published]) -> None:
        # An exception here would end the connection while the rest of the program waits for it.
        try:
            self._owner.taken(published, self._epoch)
        except Exception:  # noqa: BLE001 - the hook is the caller's
            logger().exception("delivery_hook_failed", messages=len(published))

    def _answer(self, packet: wire.Other) -> None:
        match packet.kind:
            case wire.CONNACK:
                self._connected(packet.body)
            case wire.SUBACK:
                self._subscribed(packet.body)
            case wire.PUBACK:
                mid, refused = wire.acknowledged(packet.body)
                done = self._unanswered.pop(mid, None)
                if done is not None and refused is None:
                    done.set()
            case wire.DISCONNECT:
                self._reason = wire.farewell(packet.body)

    def _connected(self, body: bytes) -> None:
        if reason := wire.refusal(body, self._owner.protocol):
            self._end(reason)
            return
        self.accepted = True
        self._epoch = self._owner.accepted()
        self.write(self._owner.subscription())

    def _subscribed(self, body: bytes) -> None:
        if self._owner.subscription_answered(body):
            self._owner.granted()
        else:
            self._loop.call_later(RESUBSCRIBE_S, lambda: self.write(self._owner.subscription()))

    def _keep_alive(self) -> None:
        if self._transport is None:
            return
        if self._loop.time() - self._heard_at > 1.5 * KEEPALIVE_S:
            self._end("keepalive: nothing heard")
            return
        self.write(wire.PINGREQ_PACKET)
        self._loop.call_later(KEEPALIVE_S / 2, self._keep_alive)

    def _end(self, reason: str) -> None:
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()
