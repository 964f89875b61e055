"""Ingest as a whole: the connection, the inbox, the writer and the health page. The only place that knows all."""

from __future__ import annotations

import gc
import threading
from http.server import ThreadingHTTPServer
from typing import Any

from collateral.contract import topics
from collateral.contract.topics import Kind
from collateral.ops import clock, health
from collateral.ops.logs import logger
from collateral.ops.mqtt import Connection
from collateral.settings.fragments import SettingsError
from collateral.store.telemetry import Ledgers
from ingest.batch import Batch
from ingest.inbox import Inbox
from ingest.receipts import Announcer
from ingest.settings import IngestSettings
from ingest.writer import Writer

READS = (Kind.READINGS, Kind.FRAME, Kind.COUNT, Kind.STATUS)
MOST_UNACKNOWLEDGED = 1000
GARBAGE_LOOK_EVERY = 200_000


class Service:
    """Runs until `stop` is set. Raises DatabaseUnavailable or BrokerUnavailable when it cannot start."""

    def __init__(self, settings: IngestSettings, stop: threading.Event) -> None:
        self._stop = stop
        self._failed = False
        self._inbox = Inbox(clock.now, most_bytes=settings.ingest_waiting_mb * 1024 * 1024)
        self._ledgers = Ledgers(settings.database_url.get_secret_value())
        self._link = Connection(
            settings.ingest_client_id,
            settings,
            subscribe=[topics.every(kind) for kind in READS],
            durable=True,
            at_most=MOST_UNACKNOWLEDGED,
            on_delivery=self._inbox.put,
        )
        self._writer = Writer(
            self._inbox,
            self._ledgers,
            Announcer(self._publish, clock.now),
            Batch(settings.ingest_batch_rows, settings.ingest_batch_ms / 1000),
            now=clock.now,
            stop=stop,
        )

    def run(self, health_port: int | None = None) -> int:
        """Work until stopped; 0, or 1 when the writer failed."""
        self._ledgers.open()
        # Rows are many, short-lived and without cycles: looking for garbage among them costs a tenth of all time.
        gc.freeze()
        gc.set_threshold(GARBAGE_LOOK_EVERY)
        page = self._page(health_port) if health_port else None
        writer = threading.Thread(target=self._write, name="writer")
        try:
            with self._link:
                logger().info("ingest_ready", database=self._ledgers.edition, broker=self._broker)
                writer.start()
                self._stop.wait()
                writer.join()
                self._inbox.close()  # the network thread may be waiting for room, and is joined next
        finally:
            self._ledgers.close()
            if page is not None:
                page.shutdown()
                page.server_close()
        return int(self._failed)

    def _page(self, port: int) -> ThreadingHTTPServer:
        try:
            return health.serve(port, self.health, self._writer.metrics.exposition)
        except OSError as error:
            raise SettingsError(f"port {port}: {error.strerror}; choose another with --health-port") from error

    def health(self) -> dict[str, Any]:
        """What the health page shows."""
        return {
            "ok": self._link.connected and self._writer.away is None and not self._failed,
            "broker": self._broker if self._link.connected else f"away: {self._link.where}",
            "database": self._ledgers.edition if self._writer.away is None else f"away: {self._writer.away}",
            "queue_depth": self._inbox.depth,
            "last_commit_age_s": round(self._writer.commit_age_s, 3),
            **self._writer.metrics.figures(),
        }

    @property
    def _broker(self) -> str:
        return f"{self._link.where}, MQTT {'5' if self._link.protocol == 5 else '3.1.1'}"

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
