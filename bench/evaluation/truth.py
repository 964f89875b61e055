"""What really happened, and what must be said about it: the ground truth that findings are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from collateral.model.finding import Severity


class Need(StrEnum):
    """Whether somebody must hear of it."""

    MUST = "must"  # not raised in time: a miss
    MAY = "may"  # true if raised, and no miss otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One thing that is so.

    `rules`: the numbers that may say it, the one it belongs to first. `place`: loan or farm, None for any. `since_s`
    until `until_s` (epoch seconds): when saying so is right. `decisive_s`: from when there was enough to know, the
    beginning of the delay; `within_s` after it the case must stand at `severity` or graver. `animals`: judged by those
    named (rules about single animals), not by cases.
    """

    what: str
    rules: tuple[str, ...]
    since_s: float
    until_s: float
    decisive_s: float
    severity: Severity = Severity.BLUE
    within_s: float = float("inf")
    need: Need = Need.MUST
    place: str | None = None
    animals: frozenset[str] = frozenset()
    red: bool = False  # a red scenario: it must reach red
    most: Severity = Severity.RED  # graver than this, and saying so is wrong all the same

    @property
    def rule(self) -> str:
        """The rule whose recall this counts in."""
        return self.rules[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Rules that must not be raised (at this severity or graver) between two moments, whatever else happens."""

    what: str
    rules: tuple[str, ...]
    since_s: float
    until_s: float
    from_severity: Severity = Severity.BLUE
    place: str | None = None


@dataclass
class Script:
    """All truths of one play."""

    truths: list[Truth] = field(default_factory=list)
    quiets: list[Quiet] = field(default_factory=list)

    def add(self, **particulars: object) -> Truth:
        """Write a truth down."""
        truth = Truth(**particulars)  # type: ignore[arg-type]
        self.truths.append(truth)
        return truth

    def hush(self, **particulars: object) -> None:
        """Write down what must stay quiet."""
        self.quiets.append(Quiet(**particulars))  # type: ignore[arg-type]
