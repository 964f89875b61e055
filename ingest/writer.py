"""The writer: unpack, batch, commit, then acknowledge and announce. One thread, one database connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from collateral.contract import topics
from collateral.ops.logs import logger
from collateral.store.telemetry import Away, Committed, Load, Refused
from ingest.batch import Batch
from ingest.inbox import Arrival, Inbox
from ingest.metrics import Metrics
from ingest.parcel import Parcel, aside, unpack
from ingest.receipts import Announcer

IDLE_S = 0.1
FIRST_BACKOFF_S = 0.1
LARGEST_BACKOFF_S = 5.0
STAGED_BATCHES = 20
"""Batches that skip the straight COPY after one met a known row: such rows come in runs (a gateway that sends
again, two gateways that hear the same tags), and each failed COPY costs as much as a good one."""


class Store(Protocol):
    """Where batches are committed; see collateral.store.telemetry.Ledgers."""

    def commit(self, load: Load, now: datetime, *, staged: bool = False) -> Committed: ...


class _StoppedWhileAway(Exception):
    """We are to stop and the database is away: what is in hand stays unacknowledged, so the broker keeps it."""


class Writer:
    """Commits what the inbox holds until told to stop."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        announcer: Announcer,
        batch: Batch,
        *,
        now: Callable[[], datetime],
        stop: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox, self._store, self._announcer, self._batch = inbox, store, announcer, batch
        self._now, self._stop, self._monotonic = now, stop, monotonic
        self._staged_left = 0
        self._committed_at_s = monotonic()
        self.away: str | None = None
        self.metrics = Metrics(lambda: inbox.depth, lambda: self.commit_age_s)

    @property
    def commit_age_s(self) -> float:
        """Wall seconds since the last commit."""
        return self._monotonic() - self._committed_at_s

    def run(self) -> None:
        """Work until `stop` is set, then commit what is in hand."""
        try:
            while not self._stop.is_set():
                self._step()
            self._take(self._inbox.take(0))
            self._commit_batch()
        except _StoppedWhileAway:
            logger().warning("stopped_while_database_away", unacknowledged=self._inbox.depth)
        self._announce(everything=True)

    def _step(self) -> None:
        self._take(self._inbox.take(self._batch.wait_s(self._monotonic(), IDLE_S)))
        if self._batch.due(self._monotonic()):
            self._commit_batch()
        self._announce()

    def _take(self, arrivals: list[Arrival]) -> None:
        self.metrics.received(len(arrivals))
        for arrival in arrivals:
            self._batch.add(unpack(arrival), self._monotonic())
            if self._batch.full:
                self._commit_batch()
                self._announce()

    def _commit_batch(self) -> None:
        parcels = self._batch.drain()
        if parcels:
            self._commit(parcels)

    def _commit(self, parcels: list[Parcel]) -> None:
        """Commit all; when the database refuses, halve until the one at fault is alone, and put it aside."""
        try:
            self._finish(parcels, self._stored(parcels))
        except Refused as refusal:
            if len(parcels) == 1:
                self._put_aside(parcels[0], str(refusal))
                return
            middle = len(parcels) // 2
            self._commit(parcels[:middle])
            self._commit(parcels[middle:])

    def _put_aside(self, parcel: Parcel, reason: str) -> None:
        if parcel.quarantined:
            logger().error("quarantine_refused", topic=parcel.arrival.delivery.topic, reason=reason)
            self._inbox.finish([parcel.arrival])  # it would come again and be refused again, for ever
            return
        logger().warning("quarantined", topic=parcel.arrival.delivery.topic, reason=reason)
        self._commit([aside(parcel.arrival, reason)])

    def _stored(self, parcels: list[Parcel]) -> Committed:
        load = Load()
        for parcel in parcels:
            parcel.add_to(load)
        began = self._monotonic()
        outcome = self._patiently(load)
        self._staged_left = STAGED_BATCHES if outcome.duplicates else max(0, self._staged_left - 1)
        self._committed_at_s = self._monotonic()
        quarantined = sum(parcel.quarantined for parcel in parcels)
        self.metrics.committed(outcome, self._committed_at_s - began, quarantined)
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
        farms = {
            parcel.number[0]: topics.parse(parcel.arrival.delivery.topic).farm
            for parcel in parcels
            if parcel.number is not None
        }
        self._announcer.note(outcome.progress, farms)

    def _announce(self, *, everything: bool = False) -> None:
        self.metrics.announced(self._announcer.flush(self._monotonic(), everything=everything))
