"""Which numbers of a gateway's spool are committed: contiguous up to one, and some ahead of a gap. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_AHEAD = 50_000
"""Numbers remembered ahead of a gap. A gateway that counts wildly must not make one row grow without bound."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything up to `committed_up_to` is committed, and so is each number in `ahead` (sorted, above a gap)."""

    committed_up_to: int = 0
    ahead: tuple[int, ...] = ()

    def with_numbers(self, numbers: Iterable[int]) -> Progress:
        """The progress once `numbers` are committed too, in any order and with any repetition."""
        waiting = sorted({*self.ahead, *(n for n in numbers if n > self.committed_up_to)})
        up_to, used = self.committed_up_to, 0
        for number in waiting:
            if number != up_to + 1:
                break
            up_to, used = number, used + 1
        # Forgetting the highest is safe: it claims less than is committed, and the gateway sends those again.
        return Progress(up_to, tuple(waiting[used : used + MOST_AHEAD]))

    def missing(self, most: int) -> list[int]:
        """The lowest numbers, at most `most`, that have not come although later ones have."""
        absent: list[int] = []
        expected = self.committed_up_to + 1
        for number in self.ahead:
            absent.extend(range(expected, min(number, expected + most - len(absent))))
            if len(absent) >= most:
                break
            expected = number + 1
        return absent
