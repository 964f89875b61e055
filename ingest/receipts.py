"""Tell gateways what is committed: one receipt per spool, at most a few a second. I/O is the caller's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from collateral.contract import codec
from collateral.contract.messages import VERSION, Receipt
from collateral.contract.topics import Kind, Topic
from collateral.store.progress import Progress
from collateral.store.receipts import Spool

APART_S = 0.25
"""Wall seconds between two receipts of one spool."""
MOST_MISSING = 100

Publish = Callable[[str, bytes], None]


@dataclass(slots=True)
class Announcer:
    """Keeps the newest progress of each spool until it is due. Told of committed progress only.

    A receipt is due also when nothing advanced: a message that came again says that the last one was not heard.
    """

    publish: Publish
    now: Callable[[], datetime]
    apart_s: float = APART_S
    _due: dict[Spool, tuple[str, Progress]] = field(default_factory=dict)
    _last_s: dict[Spool, float] = field(default_factory=dict)

    def note(self, progress: dict[Spool, Progress], farms: dict[str, str]) -> None:
        """These spools have advanced, or were asked about again; `farms` says where each gateway stands."""
        for spool, each in progress.items():
            self._due[spool] = (farms[spool[0]], each)

    def flush(self, now_s: float, *, everything: bool = False) -> int:
        """Publish what is due at monotonic `now_s`; how many."""
        ready = [spool for spool in self._due if everything or self._rested(spool, now_s)]
        for spool in ready:
            farm, progress = self._due.pop(spool)
            self.publish(*self._receipt(farm, spool, progress))
            self._last_s[spool] = now_s
        if not self._due:  # a spool that has rested needs no memory
            self._last_s = {s: at for s, at in self._last_s.items() if now_s - at < self.apart_s}
        return len(ready)

    @property
    def waiting(self) -> bool:
        """Whether any receipt is still to be published."""
        return bool(self._due)

    def _rested(self, spool: Spool, now_s: float) -> bool:
        last = self._last_s.get(spool)
        return last is None or now_s - last >= self.apart_s

    def _receipt(self, farm: str, spool: Spool, progress: Progress) -> tuple[str, bytes]:
        gateway, name = spool
        receipt = Receipt(
            v=VERSION,
            gateway=gateway,
            spool=name,
            committed_up_to=progress.committed_up_to,
            at=self.now(),
            missing=progress.missing(MOST_MISSING),
        )
        return str(Topic(farm, gateway, Kind.RECEIPT)), codec.encode(receipt)
