"""Slow to open where a single look proves little, slower to close. Never slow where it is theft."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from collateral.model.finding import Finding, Severity

Key = tuple[str, str]

HOLD: dict[str, dict[Severity, timedelta]] = {
    # Three counts of a camera that counts every five minutes, for one count errs by 6-8 % [S50].
    "count_gap": {Severity.BLUE: timedelta(minutes=15), Severity.YELLOW: timedelta(minutes=15)},
}
"""How long a condition must hold at every look before a case opens [I]. Not listed: at once, as always for red."""

CLEAR_FOR: dict[Severity, timedelta] = {
    Severity.BLUE: timedelta(hours=2),
    Severity.YELLOW: timedelta(hours=1),
    Severity.ORANGE: timedelta(hours=1),
    Severity.RED: timedelta(hours=1),  # only to tell one occurrence from the next: a red case never clears by itself
}
"""How long a condition must be gone before its case closes itself [I]."""


def hold_for(finding: Finding) -> timedelta:
    """How long this must be seen before it opens a case."""
    return HOLD.get(finding.rule, {}).get(finding.severity, timedelta(0))


def ripe(
    found: Mapping[Key, Finding], pending: Mapping[Key, datetime], standing: Collection[Key], now: datetime
) -> tuple[dict[Key, Finding], dict[Key, datetime]]:
    """What may open or renew a case now, and since when the rest has been pending. A look that does not find it
    starts the wait anew."""
    passed: dict[Key, Finding] = {}
    waiting: dict[Key, datetime] = {}
    for which, finding in found.items():
        since = pending.get(which, now)
        if which in standing or now - since >= hold_for(finding):
            passed[which] = finding
        else:
            waiting[which] = since
    return passed, waiting
