"""Ingest as a whole: the connection, the inbox, the writer and the health page. The only place that knows all."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from collateral.ops import clock, health
from collateral.ops.logs import logger
from collateral.ops.mqtt import BrokerUnavailable, Connection
from collateral.ops.mqtt_fast import FastConnection
from collateral.store.telemetry import Ledgers
from ingest.adapters import registry
from ingest.adapters.registry import Registry
from ingest.batch import Batch
from ingest.committer import Committer
from ingest.inbox import Delivered, Inbox
from ingest.parcel import unpacker
from ingest.receipts import Announcer
from ingest.settings import IngestSettings, Reader
from ingest.writer import Writer

SHARE = "$share/ingest/"
"""Before a filter: the broker deals what matches out among the workers (MQTT 5)."""
GARBAGE_LOOK_EVERY = 200_000
THREADS_TURN_S = 0.0002
"""The committer must not wait five milliseconds for the decoder each time that the database has answered."""


QUIET_S = 2.0


def filters(*, shared: bool) -> list[str]:
    """What ingest subscribes to."""
    return [f"{SHARE if shared else ''}{each}" for each in registry.filters()]


class Service:
    """Runs until `stop` is set. Raises DatabaseUnavailable or BrokerUnavailable when it cannot start."""

    def __init__(
        self, settings: IngestSettings, stop: threading.Event, *, shared: bool = False, leaving: bool = False
    ) -> None:
        self._stop, self._shared = stop, shared
        self._failed = False
        self._inbox = Inbox(clock.now, self._acknowledge, most_bytes=settings.ingest_waiting_mb * 1024 * 1024)
        self._ledgers = Ledgers(settings.database_url.get_secret_value())
        fast = settings.ingest_reader is Reader.FAST and not leaving
        self._link = (FastConnection if fast else Connection)(
            settings.ingest_client_id,
            settings,
            subscribe=[] if leaving else filters(shared=shared),
            durable=True,
            at_most=settings.ingest_unacknowledged,
            on_deliveries=self._inbox.put_all,
        )
        self._committer = Committer(
            self._inbox, self._ledgers, Announcer(self._publish, clock.now), now=clock.now, stop=stop
        )
        # Half of what the broker will send unasked is committed while the other half arrives.
        batch = Batch(
            settings.ingest_batch_rows,
            settings.ingest_batch_ms / 1000,
            most_messages=settings.ingest_unacknowledged // 2,
        )
        self._writer = Writer(self._inbox, self._committer, batch, unpacker(Registry(settings.policy())), stop=stop)

    def run(self, health_port: int | None = None, on_ready: Callable[[], None] | None = None) -> int:
        """Work until stopped; 0, or 1 when the writer failed. `on_ready` is called once all is subscribed to."""
        self._ledgers.open()
        # Rows are many, short-lived and without cycles: looking for garbage among them costs a tenth of all time.
        gc.freeze()
        gc.set_threshold(GARBAGE_LOOK_EVERY)
        sys.setswitchinterval(THREADS_TURN_S)
        page = health.serve(health_port, self.health, self._committer.metrics.exposition) if health_port else None
        writer = threading.Thread(target=self._write, name="writer")
        try:
            with self._link:
                self._check_sharing()
                logger().info("ingest_ready", database=self._ledgers.edition, broker=self._broker)
                writer.start()
                if on_ready is not None:
                    on_ready()
                self._stop.wait()
                writer.join()
                self._inbox.close()  # the network thread may be waiting for room, and is joined next
        finally:
            self._ledgers.close()
            health.end(page)
        return int(self._failed)

    def leave(self) -> None:
        """Commit what the broker has put by under our name, then give the name up.

        For a worker that is no longer wanted: shared subscriptions deal out to its name also while it is away.
        """
        assert isinstance(self._link, Connection)  # noqa: S101 - see `ingest.leaving`
        self._ledgers.open()
        writer = threading.Thread(target=self._write, name="writer")
        try:
            self._link.open()
            self._link.unsubscribe(filters(shared=True) + filters(shared=False))
            writer.start()
            self._await_quiet()
            self._stop.set()
            writer.join()
            self._link.close(forget_session=not self._failed)
        finally:
            self._ledgers.close()

    def _await_quiet(self) -> None:
        quiet_since_s = time.monotonic()
        while not self._stop.wait(QUIET_S / 10) and time.monotonic() - quiet_since_s < QUIET_S:
            if self._inbox.depth:
                quiet_since_s = time.monotonic()

    def health(self) -> dict[str, Any]:
        """What the health page shows."""
        return {
            "ok": self._link.connected and self._committer.away is None and not self._failed,
            "broker": self._broker if self._link.connected else f"away: {self._link.where}",
            "database": self._ledgers.edition if self._committer.away is None else f"away: {self._committer.away}",
            "queue_depth": self._inbox.depth,
            "last_commit_age_s": round(self._committer.commit_age_s, 3),
            **self._committer.metrics.figures(),
        }

    @property
    def _broker(self) -> str:
        return f"{self._link.where}, MQTT {'5' if self._link.protocol == 5 else '3.1.1'}"

    def _check_sharing(self) -> None:
        if self._shared and self._link.protocol != 5:
            raise BrokerUnavailable(
                f"MQTT broker at {self._link.where} speaks MQTT 3.1.1 only, and several workers need the shared"
                " subscriptions of MQTT 5; run one worker"
            )

    def _acknowledge(self, deliveries: Sequence[Delivered]) -> None:
        self._link.acknowledge_all(deliveries)

    def _publish(self, topic: str, payload: bytes) -> None:
        # Not waited for: a receipt that is lost is sent again when the gateway sends its messages again.
        self._link.publish(topic, payload, wait_s=None)

    def _write(self) -> None:
        try:
            self._writer.run()
        except Exception:  # noqa: BLE001 - a fault of ours: say it, and end the program rather than look alive
            logger().exception("writer_failed")
            self._failed = True
            self._stop.set()
