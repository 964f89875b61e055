"""From what all rules found to one matter per key: inhibition, silences, grouping, patience, in this order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from collateral.alerting.cases import Changed, Stakes, fold, grouped, key_of, open_case, quiet
from collateral.alerting.hysteresis import Key, ripe
from collateral.alerting.inhibition import inhibit
from collateral.alerting.reopening import found_again
from collateral.alerting.silencing import Silence, hear
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case
from collateral.model.finding import Finding
from collateral.model.ids import BranchId


@dataclass(frozen=True, slots=True)
class Matter:
    """One finding per key, and the silence that covers all of it, if one does."""

    finding: Finding
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Matters:
    """What to decide on now, and since when what is not ripe has been pending (kept until the next look)."""

    by_key: dict[Key, Matter]
    pending: dict[Key, datetime]


def matters(
    findings: list[Finding], silences: list[Silence], pending: Mapping[Key, datetime], standing: Collection[Key],
    now: datetime,
) -> Matters:  # fmt: skip
    """Everything found at one look, of all farms. `standing`: the keys of the cases that stand."""
    heard = hear(inhibit(findings), silences, now)
    passed, waiting = ripe(grouped(heard.audible), pending, standing, now)
    covered: dict[Key, list[tuple[Finding, Silence]]] = {}
    for finding, silence in heard.silenced:
        covered.setdefault(key_of(finding), []).append((finding, silence))
    silent = {
        which: Matter(grouped([f for f, _ in parts])[which], parts[0][1])
        for which, parts in covered.items()
        if which not in passed and which not in waiting
    }
    told = {which: Matter(_with_silenced(finding, covered.get(which, []))) for which, finding in passed.items()}
    return Matters(told | silent, waiting)


def decided(
    case: Case | None, finding: Finding | None, branch: BranchId, stakes: Stakes, now: datetime,
    *, closed: Case | None = None, silence: Silence | None = None, calendar: WorkingDays = WEEKENDS,
) -> Changed | None:  # fmt: skip
    """What becomes of one matter at one moment: the standing case, if any, and today's finding, if any.

    `closed`: the last case of the same key that is over, where none stands. `silence`: what covers the finding.
    """
    if finding is None:
        return quiet(case, now) if case else None
    if case is not None:
        return fold(case, finding, stakes, now, silence, calendar)
    again = found_again(closed, finding, stakes, now, silence, calendar) if closed else None
    return again or open_case(finding, branch, stakes, now, silence, calendar)


def _with_silenced(finding: Finding, parts: list[tuple[Finding, Silence]]) -> Finding:
    """The finding, with what was silenced of it on record."""
    if not parts:
        return finding
    animals = sorted(a for part, _ in parts for a in part.animals)
    silenced = {"silenced_animals": animals, "silences": sorted({s.silence_id for _, s in parts})}
    return replace(finding, figures=finding.figures | silenced)
