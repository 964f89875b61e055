"""Opening + in - out = closing, per loan and period, held animal by animal and group by group. Pure.

What is pledged at either end comes from the pledges; what happened in between from the journal of executed movements.
They are written apart, so that a pledge that ended without a movement, or a movement that ended no pledge, shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collateral.model.ids import LoanId
from collateral.model.loan import MovementKind

Holding = Mapping[str, int]
"""Animal or group -> pledged head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One animal or group that entered (head above 0) or left (below 0) at `at`. `kind` None: first pledged, which
    is its own document. `request_id` is the movement that says so. `is_group`: more may enter where some are."""

    unit: str
    head: int
    kind: MovementKind | None
    at: datetime
    request_id: int | None = None
    is_group: bool = False


@dataclass(frozen=True, kw_only=True)
class RollForward:
    """The bookkeeping of one loan over (start, end]. `lines` by (kind, entering): head, always above 0.

    `unexplained_in`: head in the closing that nothing accounts for; `unexplained_out`: head that is gone without a
    movement. `contradicted`: movements that took out what was not there, or brought in what was.
    """

    loan_id: LoanId
    start: datetime
    end: datetime
    opening: int
    closing: int
    lines: Mapping[tuple[MovementKind | None, bool], int]
    unexplained_in: Holding = field(default_factory=dict)
    unexplained_out: Holding = field(default_factory=dict)
    contradicted: tuple[int, ...] = ()

    def line(self, kind: MovementKind | None, *, entering: bool) -> int:
        """Head that entered or left by movements of a kind."""
        return self.lines.get((kind, entering), 0)

    @property
    def expected(self) -> int:
        """Opening + in - out."""
        return self.opening + sum(head if entering else -head for (_, entering), head in self.lines.items())

    @property
    def difference(self) -> int:
        """Closing minus what it should be."""
        return self.closing - self.expected

    @property
    def ties(self) -> bool:
        """Whether every head is accounted for: two differences that cancel out do not tie."""
        return not (self.unexplained_in or self.unexplained_out or self.contradicted)


def roll_forward(
    loan: LoanId, start: datetime, end: datetime, opening: Holding, closing: Holding, entries: Iterable[Entry]
) -> RollForward:
    """Account for the way from `opening` to `closing`. Entries outside (start, end] are an error of the caller's and
    raise ValueError."""
    held, lines, contradicted = Counter(opening), Counter[tuple[MovementKind | None, bool]](), []
    for entry in sorted(entries, key=lambda e: (e.at, e.head)):
        if not start < entry.at <= end:
            raise ValueError(f"entry of {entry.unit} at {entry.at} lies outside {start} to {end}")
        before = held[entry.unit]
        is_twice = entry.head > 0 and before > 0 and entry.kind is not None and not entry.is_group
        if is_twice or (entry.head < 0 and before + entry.head < 0):
            contradicted.append(entry.request_id or 0)
        held[entry.unit] += entry.head
        lines[(entry.kind, entry.head > 0)] += abs(entry.head)
    units = held.keys() | closing.keys()
    off = {unit: closing.get(unit, 0) - held[unit] for unit in units}
    return RollForward(
        loan_id=loan, start=start, end=end, opening=sum(opening.values()), closing=sum(closing.values()),
        lines=dict(lines), unexplained_in={u: n for u, n in sorted(off.items()) if n > 0},
        unexplained_out={u: -n for u, n in sorted(off.items()) if n < 0},
        contradicted=tuple(dict.fromkeys(contradicted)),
    )  # fmt: skip
