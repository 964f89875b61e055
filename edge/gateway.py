"""A gateway as a whole: door, spool, uplink and health page. The only place that knows all of them."""

from __future__ import annotations

import threading
from typing import Any

from collateral.contract.messages import Heard
from collateral.ops import clock, health
from collateral.ops.logs import logger
from edge.batching import PictureTooBig, drafts
from edge.receiver import Receiver
from edge.settings import GatewaySettings
from edge.spool import Draft, Spool, SpoolFull, SpoolUnusable
from edge.uplink import Uplink

FULL_RETRY_S = 1.0


class Gateway:
    """Runs until `stop` is set. Raises SpoolUnusable, DoorClosed or SettingsError when it cannot start."""

    def __init__(self, settings: GatewaySettings, stop: threading.Event) -> None:
        self._settings, self._stop = settings, stop
        self._broken: SpoolUnusable | None = None
        self._crashed = True  # until the uplink has come to a good end
        self._full = threading.Event()
        self._full_lock = threading.Lock()
        self._spool = Spool(settings.spool, most_bytes=settings.spool_most_bytes)
        self._uplink = Uplink(
            settings.farm, settings.gateway, self._spool, settings.broker, settings.heartbeat, settings.software
        )
        self.receiver = Receiver(settings.listen, self.keep, stop)

    def run(self) -> int:
        """Work until stopped; 0, or 1 when the spool or the uplink broke."""
        port = self._settings.health_port
        page = None if port is None else health.serve(port, self.health)
        uplink = threading.Thread(target=self._send, name="uplink")
        logger().info("gateway_ready", port=self.receiver.port, spool=self._spool.name, unsent=self._spool.unsent)
        self.receiver.start()
        uplink.start()
        self._stop.wait()
        self.receiver.close()
        uplink.join()
        self._spool.close()
        health.end(page)
        return 1 if self._broken or self._crashed else 0

    def keep(self, messages: list[Heard]) -> bool:
        """Put what was heard on disk, waiting while there is no room; False when stopped before."""
        found = [draft for heard in messages for draft in self._drafts(heard)]
        while found and not self._stop.is_set():
            try:
                self._spool.append(found)
            except SpoolFull as error:
                self._say_full(str(error))
                self._stop.wait(FULL_RETRY_S)
            except SpoolUnusable as error:
                self._break(error)
            else:
                self._say_room()
                self._uplink.nudge()
                return True
        return not found

    def health(self) -> dict[str, Any]:
        """What the health page shows. A broker that is away is no fault of the gateway."""
        broken = self._broken is not None
        return {
            "ok": not (broken or self._full.is_set()),
            "gateway": self._settings.gateway,
            "broker": self._uplink.where if self._uplink.connected else f"away: {self._uplink.where}",
            "spool": str(self._broken) if broken else "full" if self._full.is_set() else "ok",
            "unsent": self._spool.unsent,
            "unsent_bytes": self._spool.bytes_kept,
        }

    def _drafts(self, heard: Heard) -> list[Draft]:
        try:
            return drafts(heard, self._settings.gateway, clock.now())
        except PictureTooBig as error:  # no later try can succeed, and refusing would hold up everything else
            logger().error("picture_refused", reason=str(error))
            heard.frame = None
            return drafts(heard, self._settings.gateway, clock.now())

    def _send(self) -> None:
        try:
            self._uplink.run(self._stop)
            self._crashed = False
        except SpoolUnusable as error:
            self._break(error)
        finally:
            self._stop.set()  # a gateway without an uplink only looks alive: end, and be started again

    def _break(self, error: SpoolUnusable) -> None:
        with self._full_lock:
            if self._broken is None:
                self._broken = error
                logger().error("spool_unusable", reason=str(error))
        self._stop.set()

    def _say_full(self, reason: str) -> None:
        with self._full_lock:
            if not self._full.is_set():
                self._full.set()
                logger().error("spool_full", reason=reason, fix="bring the link up or raise --spool-mb")

    def _say_room(self) -> None:
        with self._full_lock:
            if self._full.is_set():
                self._full.clear()
                logger().info("spool_has_room", unsent=self._spool.unsent)
