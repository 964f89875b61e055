"""The committer: commit a batch, then acknowledge and announce it. One thread, one database connection.

It works while the writer unpacks the next batch and writes it as COPY's bytes, so that neither the database nor Python
waits for the other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from collateral.contract import topics
from collateral.ops.logs import logger
from collateral.store.telemetry import Away, Committed, Load, Refused
from ingest.inbox import Inbox
from ingest.metrics import Metrics
from ingest.parcel import Parcel, aside
from ingest.receipts import Announcer

IDLE_S = 0.1
FIRST_BACKOFF_S = 0.1
LARGEST_BACKOFF_S = 5.0
STAGED_BATCHES = 20
"""Batches that skip the straight COPY after one met a known row: such rows come in runs (a gateway that sends
again, two gateways that hear the same tags), and each failed COPY costs as much as a good one."""


class Store(Protocol):
    """Where batches are committed; see collateral.store.telemetry.Ledgers."""

    def pack(self, load: Load) -> None: ...
    def commit(self, load: Load, now: datetime, *, staged: bool = False) -> Committed: ...


class Consignment(NamedTuple):
    """Parcels that are committed together, and what they stand for."""

    parcels: list[Parcel]
    load: Load


def loaded(parcels: list[Parcel]) -> Load:
    """What these stand for."""
    load = Load()
    for parcel in parcels:
        parcel.add_to(load)
    return load


class _StoppedWhileAway(Exception):
    """We are to stop and the database is away: what is in hand stays unacknowledged, so the broker keeps it."""


class Committer:
    """Commits what it is handed, one batch after another."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        announcer: Announcer,
        *,
        now: Callable[[], datetime],
        stop: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox, self._store, self._announcer = inbox, store, announcer
        self._now, self._stop, self._monotonic = now, stop, monotonic
        self._handed: queue.Queue[Consignment | None] = queue.Queue(maxsize=1)
        self._thread = threading.Thread(target=self._run, name="committer")
        self._fault: Exception | None = None
        self._staged_left = 0
        self._committed_at_s = monotonic()
        self.away: str | None = None
        self.metrics = Metrics(lambda: inbox.depth, lambda: self.commit_age_s)

    @property
    def commit_age_s(self) -> float:
        """Wall seconds since the last commit."""
        return self._monotonic() - self._committed_at_s

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hand(self, parcels: list[Parcel]) -> bool:
        """Commit these next, waiting while others wait already; False when the committer has ended."""
        load = loaded(parcels)
        self._store.pack(load)
        return self._hand(Consignment(parcels, load))

    def _hand(self, consignment: Consignment | None) -> bool:
        while self._thread.is_alive():
            try:
                self._handed.put(consignment, timeout=IDLE_S)
            except queue.Full:
                continue
            return True
        return False

    def finish(self) -> None:
        """Commit what was handed over and end. Raises what ended the committer early."""
        self._hand(None)
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    # -- on its own thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except _StoppedWhileAway:
            logger().warning("stopped_while_database_away", unacknowledged=self._inbox.depth)
        except Exception as fault:  # noqa: BLE001 - raised again by `finish`, on the thread that can end the program
            self._fault = fault
        self._announce(everything=True)

    def _step(self) -> bool:
        try:
            consignment = self._handed.get(timeout=IDLE_S)
        except queue.Empty:
            self._announce()
            return True
        if consignment is not None:
            self._commit(*consignment)
        self._announce()
        return consignment is not None

    def _commit(self, parcels: list[Parcel], load: Load) -> None:
        """Commit all; when the database refuses, halve until the one at fault is alone, and put it aside."""
        try:
            self._finish(parcels, self._stored(parcels, load))
        except Refused as refusal:
            if len(parcels) == 1:
                self._put_aside(parcels[0], str(refusal))
                return
            middle = len(parcels) // 2
            for half in (parcels[:middle], parcels[middle:]):
                self._commit(half, loaded(half))

    def _put_aside(self, parcel: Parcel, reason: str) -> None:
        if parcel.quarantined:
            logger().error("quarantine_refused", topic=parcel.arrival.delivery.topic, reason=reason)
            self._inbox.finish([parcel.arrival])  # it would come again and be refused again, for ever
            return
        logger().warning("quarantined", topic=parcel.arrival.delivery.topic, reason=reason)
        instead = [aside(parcel.arrival, reason)]
        self._commit(instead, loaded(instead))

    def _stored(self, parcels: list[Parcel], load: Load) -> Committed:
        began = self._monotonic()
        outcome = self._patiently(load)
        self._staged_left = STAGED_BATCHES if outcome.duplicates else max(0, self._staged_left - 1)
        self._committed_at_s = self._monotonic()
        quarantined = sum(parcel.quarantined for parcel in parcels)
        lag = self._now() - parcels[0].arrival.received_at
        self.metrics.committed(outcome, self._committed_at_s - began, quarantined, lag)
        return outcome

    def _patiently(self, load: Load) -> Committed:
        """Commit, however long the database is away. One log line when it goes, one when it is back."""
        backoff_s = FIRST_BACKOFF_S
        while True:
            try:
                outcome = self._store.commit(load, self._now(), staged=self._staged_left > 0)
            except Away as away:
                self._database_away(str(away))
                self._announce()
                if self._stop.wait(backoff_s):
                    raise _StoppedWhileAway from away
                backoff_s = min(LARGEST_BACKOFF_S, backoff_s * 2)
            else:
                self._database_back()
                return outcome

    def _database_away(self, reason: str) -> None:
        if self.away is None:
            logger().warning("database_away", reason=reason)
        self.away = reason

    def _database_back(self) -> None:
        if self.away is not None:
            logger().info("database_back", waiting=self._inbox.depth)
        self.away = None

    def _finish(self, parcels: list[Parcel], outcome: Committed) -> None:
        self._inbox.finish([parcel.arrival for parcel in parcels])
        # Only where a topic named its gateway rightly does a parcel carry a number.
        spoken = {parcel.number[0]: parcel.arrival.delivery.topic for parcel in parcels if parcel.number is not None}
        self._announcer.note(outcome.progress, {name: topics.parse(topic).farm for name, topic in spoken.items()})

    def _announce(self, *, everything: bool = False) -> None:
        self.metrics.announced(self._announcer.flush(self._monotonic(), everything=everything))
