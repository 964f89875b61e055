"""The writer: unpack what has come, and hand it to the committer batch by batch. One thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ingest.batch import Batch
from ingest.committer import IDLE_S, Committer
from ingest.inbox import Arrival, Inbox
from ingest.parcel import Parcel

Unpack = Callable[[Arrival], Parcel]


class Writer:
    """Unpacks what the inbox holds until told to stop."""

    def __init__(
        self,
        inbox: Inbox,
        committer: Committer,
        batch: Batch,
        unpack: Unpack,
        *,
        stop: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox, self._committer, self._batch, self._unpack = inbox, committer, batch, unpack
        self._stop, self._monotonic = stop, monotonic

    def run(self) -> None:
        """Work until `stop` is set, then commit what is in hand. Raises what ended the committer early."""
        self._committer.start()
        try:
            working = True
            while working and not self._stop.is_set():
                working = self._step()
            if working and self._take(self._inbox.take(0)) and self._batch.parcels:
                self._committer.hand(self._batch.drain())
        finally:
            self._committer.finish()

    def _step(self) -> bool:
        """Take in what there is, hand over what is due; False when the committer has ended."""
        working = self._take(self._inbox.take(self._batch.wait_s(self._monotonic(), IDLE_S)))
        if working and self._batch.due(self._monotonic()):
            working = self._committer.hand(self._batch.drain())
        return working

    def _take(self, arrivals: list[Arrival]) -> bool:
        self._committer.metrics.received(len(arrivals))
        working = True
        for arrival in arrivals:
            self._batch.add(self._unpack(arrival), self._monotonic())
            if self._batch.full and working:
                working = self._committer.hand(self._batch.drain())
        return working
