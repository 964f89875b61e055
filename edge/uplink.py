"""From the spool to the bank: publish oldest first, forget on receipt alone, send again what was not receipted.

A broker's acknowledgement proves nothing here (no broker makes it durable at speed), so nobody waits for it.
The broker may be away for days: the gateway goes on keeping what it hears, and catches up afterwards.
"""

from __future__ import annotations

import queue
import threading
import time
from datetime import timedelta

from collateral.contract import codec
from collateral.contract.messages import VERSION, GatewayState, Receipt, Status
from collateral.contract.topics import Kind, Topic
from collateral.ops import clock
from collateral.ops.logs import logger
from collateral.ops.mqtt import BrokerUnavailable, Connection, Delivery, NotDelivered
from collateral.settings.fragments import BrokerSettings
from edge.spool import Entry, Spool
from edge.window import Window

LOOK_S = 0.5
READ_AHEAD = 8
FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 10.0
OPEN_PATIENCE_S = 5.0
GOODBYE_S = 3.0


class Uplink:
    """One gateway's connection to the bank. `heartbeat` is event time."""

    def __init__(
        self, farm: str, gateway: str, spool: Spool, broker: BrokerSettings, heartbeat: timedelta, software: str
    ) -> None:
        self._gateway, self._spool, self._software = gateway, spool, software
        self._topics = {kind: str(Topic(farm, gateway, kind)) for kind in Kind}
        self._beat_s = clock.shared().wall_seconds(heartbeat)
        self._window = Window()
        self._receipts: queue.SimpleQueue[Receipt] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._reconnected = threading.Event()
        self._next_beat_s = 0.0
        self._said_waiting = False
        self._restored = False
        self._link = Connection(
            f"edge-{gateway}",
            broker,
            subscribe=[self._topics[Kind.RECEIPT]],
            will=(self._topics[Kind.STATUS], codec.encode(self._status(GatewayState.OFFLINE, will=True))),
            on_connect=self._connected,
            on_delivery=self._delivered,
        )

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._link.connected

    @property
    def where(self) -> str:
        """The broker's address."""
        return self._link.where

    def nudge(self) -> None:
        """There is something new in the spool."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set, then say goodbye. Raises SpoolUnusable when the spool breaks."""
        try:
            if self._open(stop):
                while not stop.is_set():
                    self._turn()
                    self._wake.wait(LOOK_S)
                    self._wake.clear()
        finally:
            self._goodbye()

    # -- one turn -------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Take in receipts; with a broker there, send what is due and report."""
        missing = self._take_receipts()
        if not self._link.connected:
            return
        now_s = time.monotonic()
        if self._reconnected.is_set():
            self._reconnected.clear()
            self._window.reconnected(now_s)
            self._next_beat_s = 0.0  # a birth, before the backlog: it says up to when silence means anything
        self._beat(now_s)
        for number in {*self._window.missing(missing, now_s), *self._window.overdue(now_s)}:
            if entry := self._spool.entry(number):
                self._send(entry)
        self._send_new()

    def _take_receipts(self) -> list[int]:
        """Forget what is in the database; the numbers that the newest receipt calls missing."""
        waiting = []
        while not self._receipts.empty():
            waiting.append(self._receipts.get())
        if not waiting:
            return []
        newest = max(waiting, key=lambda receipt: receipt.committed_up_to)
        if self._is_from_the_future(newest):
            return []
        self._spool.forget(newest.committed_up_to)
        self._window.receipted(newest.committed_up_to)
        return newest.missing

    def _is_from_the_future(self, receipt: Receipt) -> bool:
        """Whether the bank has numbers that this file never gave: then an old copy of the file was put back."""
        if receipt.committed_up_to <= self._spool.last_number:
            return False
        if not self._restored:
            self._restored = True
            fix = "stop the gateway, move the spool file away and start again; send the old file to support"
            logger().error("spool_is_an_old_copy", spool=str(self._spool.path), fix=fix)
        return True

    def _send_new(self) -> None:
        while self._window.has_room():
            entries = self._spool.after(self._window.newest, READ_AHEAD)
            for entry in entries:
                if not self._window.has_room():
                    return
                self._send(entry)
            if not entries:
                return

    def _send(self, entry: Entry) -> None:
        self._link.publish(self._topics[Kind(entry.kind)], entry.payload, wait_s=None)
        self._window.sent(entry.number, len(entry.payload), time.monotonic())

    # -- status ---------------------------------------------------------------------------------------------

    def _beat(self, now_s: float) -> None:
        """A heartbeat when one is due, and one as soon as a reported backlog is gone."""
        drained = self._said_waiting and self._spool.unsent == 0
        if now_s < self._next_beat_s and not drained:
            return
        status = self._status(GatewayState.ONLINE)
        self._link.publish(self._topics[Kind.STATUS], codec.encode(status), wait_s=None)
        self._said_waiting = status.unsent > 0
        self._next_beat_s = now_s + self._beat_s

    def _status(self, state: GatewayState, *, will: bool = False) -> Status:
        if will:  # its time is not known yet
            return Status(v=VERSION, gateway=self._gateway, state=state, software=self._software)
        return Status(
            v=VERSION,
            gateway=self._gateway,
            state=state,
            at=clock.now(),
            unsent=self._spool.unsent,
            oldest_unsent_at=self._spool.oldest_measured_at(),
            software=self._software,
        )

    # -- connection -----------------------------------------------------------------------------------------

    def _open(self, stop: threading.Event) -> bool:
        """Connect for the first time, however long it takes; later reconnecting is the connection's own."""
        wait_s, said = FIRST_RETRY_S, False
        while not stop.is_set():
            try:
                self._link.open(OPEN_PATIENCE_S)
            except BrokerUnavailable as error:
                if not said:
                    logger().warning("broker_away", reason=str(error))
                    said = True
                stop.wait(wait_s)
                wait_s = min(LONGEST_RETRY_S, 2 * wait_s)
            else:
                logger().info("broker_found", broker=self._link.where)
                return True
        return False

    def _goodbye(self) -> None:
        if self._link.connected:
            try:
                status = self._status(GatewayState.OFFLINE)
                self._link.publish(self._topics[Kind.STATUS], codec.encode(status), wait_s=GOODBYE_S)
            except (NotDelivered, OSError) as error:
                logger().info("goodbye_unheard", reason=str(error))
        self._link.close()

    def _connected(self, _: Connection) -> None:
        self._reconnected.set()
        self._wake.set()

    def _delivered(self, delivery: Delivery) -> None:
        """On the network thread: note a receipt for our spool; anything else is none of our business."""
        delivery.acknowledge()
        try:
            receipt = codec.decode(delivery.payload, Receipt)
        except codec.Unreadable as error:
            logger().warning("receipt_unreadable", reason=str(error))
            return
        if receipt.spool == self._spool.name and receipt.gateway == self._gateway:
            self._receipts.put(receipt)
            self._wake.set()
