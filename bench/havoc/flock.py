"""The tag side: every animal reports at its time, and each gateway's receiver hands over what it heard.

What was handed over follows from how many slots have passed, so the ledger needs no record of each reading.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.contract.messages import Uplink
from collateral.store.readings import Published
from firmware_sim.link import Link

SLOT = timedelta(milliseconds=100)
HEARD_TWICE_EVERY = 10
"""In every tenth slot the neighbouring gateway hears the same uplinks: one reading, two spools."""
_LAKE = (43.9, 116.1)


@dataclass(frozen=True, slots=True)
class Herd:
    """Which tags report when: `tags` of them, each once in `slots` slots, from `begin` on."""

    tags: int
    slots: int
    begin: datetime

    def heard(self, slot: int, receiver: int, receivers: int) -> list[Uplink]:
        """What one of the receivers hears in a slot, its own share of the tags."""
        mine = range(slot % self.slots, self.tags, self.slots)[receiver::receivers]
        return [self._uplink(tag, slot) for tag in mine]

    def published(self, slots: int) -> Iterator[Published]:
        """The natural keys of all that was reported in the first `slots` slots."""
        for slot in range(slots):
            for tag in range(slot % self.slots, self.tags, self.slots):
                yield self._key(tag, slot)

    def _key(self, tag: int, slot: int) -> Published:
        return f"{tag:016x}", slot // self.slots, self.begin + slot * SLOT

    def _uplink(self, tag: int, slot: int) -> Uplink:
        eui, sequence, measured_at = self._key(tag, slot)
        return Uplink(
            tag=eui, seq=sequence, measured_at=measured_at,
            lat=_LAKE[0] + tag % 100 / 1e4, lon=_LAKE[1] + tag % 97 / 1e4, fix_error_m=8.0,
            steps=(tag + sequence) % 120, activity=float(tag % 100), ear_temp_c=31.5, battery_pct=80.0,
            rssi_dbm=-92.0, snr_db=7.5,
        )  # fmt: skip


class Flock:
    """A thread that hands over slot after slot at its time, and in a burst what it is late with."""

    def __init__(self, herd: Herd, links: Sequence[Link]) -> None:
        self.herd, self._links = herd, links
        self.slots = self.heard_twice = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="flock")

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self) -> None:
        """Report no more; what was handed over stays with the links."""
        self._stop.set()
        self._thread.join()

    @property
    def reported(self) -> int:
        """Readings handed over so far, each counted once."""
        whole, part = divmod(self.slots, self.herd.slots)
        return whole * self.herd.tags + sum(len(range(s, self.herd.tags, self.herd.slots)) for s in range(part))

    @property
    def all_kept(self) -> bool:
        """Whether the gateways have said of every message that they kept it."""
        return all(link.wait_below(1, 0) for link in self._links)

    @property
    def pending(self) -> int:
        """About how many messages no gateway has yet said it kept; a link moves them while it is asked."""
        return sum(link.pending for link in self._links)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(max(0.0, began + self.slots * SLOT.total_seconds() - time.monotonic())):
            self._report(self.slots)
            self.slots += 1

    def _report(self, slot: int) -> None:
        for receiver, link in enumerate(self._links):
            heard = self.herd.heard(slot, receiver, len(self._links))
            if not heard:
                continue
            link.hand_over(readings=heard)
            if slot % HEARD_TWICE_EVERY == 0 and len(self._links) > 1:
                self._links[(receiver + 1) % len(self._links)].hand_over(readings=heard)
                self.heard_twice += len(heard)
