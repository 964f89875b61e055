"""What is usual at this time of the day, or of the week."""

from __future__ import annotations

from collections import deque
from statistics import median


class Season:
    """The median, slot by slot, of the means of the last visits to the slot; memory is slots x visits numbers.

    Edges are soft: whatever lies between the usual of a slot and that of its neighbours is expected, so that a rush
    hour may begin a little earlier.
    """

    __slots__ = ("_bounds", "_count", "_slot", "_slots", "_sum", "_usual", "_visits", "period_s")

    def __init__(self, period_s: float, slots: int, visits: int) -> None:
        self.period_s = period_s
        self._slots = slots
        self._visits: list[deque[float]] = [deque(maxlen=visits) for _ in range(slots)]
        self._usual: list[float | None] = [None] * slots
        self._bounds: list[tuple[float, float] | None] = [None] * slots
        self._slot, self._sum, self._count = -1, 0.0, 0

    def expect(self, at_s: float, value: float) -> float | None:
        """The expected value nearest to this one at this moment (seconds since 1970), as known before this visit;
        None: the slot is not known."""
        bounds = self._bounds[self._slot_of(at_s)]
        if bounds is None:
            return None
        low, high = bounds
        return low if value < low else min(value, high)

    def learn(self, at_s: float, value: float) -> None:
        """Count a value to its slot; a slot is known once it has been left."""
        slot = self._slot_of(at_s)
        if slot != self._slot:
            self._close()
            self._slot = slot
        self._sum += value
        self._count += 1

    def _slot_of(self, at_s: float) -> int:
        return int(at_s % self.period_s / self.period_s * self._slots) % self._slots

    def _close(self) -> None:
        if not self._count:
            return
        visits = self._visits[self._slot]
        visits.append(self._sum / self._count)
        self._usual[self._slot] = median(visits)
        self._sum, self._count = 0.0, 0
        for slot in (self._slot - 1, self._slot, (self._slot + 1) % self._slots):
            self._bound(slot)

    def _bound(self, slot: int) -> None:
        if self._usual[slot] is None:
            return
        near = (self._usual[slot - 1], self._usual[slot], self._usual[(slot + 1) % self._slots])
        known = [usual for usual in near if usual is not None]
        self._bounds[slot] = min(known), max(known)
