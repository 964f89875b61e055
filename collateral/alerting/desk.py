"""A bank's open cases in memory: the decisions of the watchkeeper without its database, for plays and backtests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from collateral.alerting.cases import Change, Changed, Stakes, fold, grouped, open_case, quiet
from collateral.alerting.inhibition import inhibit
from collateral.alerting.lifecycle import Move, moved
from collateral.alerting.routing import LastNotice, escalations, notices
from collateral.model.case import Case, CaseState
from collateral.model.finding import Finding
from collateral.model.ids import BranchId, CaseId
from collateral.model.person import Person

Key = tuple[str, str]
NO_STAKES = Stakes(value_affected_minor=0, coverage_before=None, coverage_after=None)


def decided(
    case: Case | None, finding: Finding | None, branch: BranchId, stakes: Stakes, now: datetime
) -> Changed | None:
    """What becomes of one matter at one moment: the standing case, if any, and today's finding, if any."""
    if finding is None:
        return quiet(case, now) if case else None
    if case is None:
        return open_case(finding, branch, stakes, now)
    return fold(case, finding, stakes, now)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to people: when, by which channel, why, about which case."""

    at: datetime
    channel: str
    reason: str
    case_id: CaseId


@dataclass
class Desk:
    """Cases that stand, cases that are closed, and what was sent. `stakes` says what a finding puts at risk."""

    branch: BranchId
    stakes: Callable[[Finding], Stakes] = lambda _: NO_STAKES
    standing: dict[Key, Case] = field(default_factory=dict)
    closed: list[Case] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    _last: dict[CaseId, LastNotice] = field(default_factory=dict)
    _numbers: int = 0

    def look(self, findings: list[Finding], now: datetime) -> list[Changed]:
        """One tick: what all rules found, before inhibition. Returns what changed, in the order of keys."""
        found = grouped(inhibit(findings))
        changes = [self._look_at(which, found.get(which), now) for which in sorted(found.keys() | self.standing.keys())]
        return [change for change in changes if change is not None]

    def move(self, case_id: CaseId, move: Move, person: Person, now: datetime) -> Case:
        """A person's move. Raises MoveRefused, and LookupError when no such case stands."""
        for which, case in self.standing.items():
            if case.case_id == case_id:
                self._keep(which, moved(case, move, person, now))
                return self.standing.get(which) or self.closed[-1]
        raise LookupError(f"no open case {case_id}")

    def _look_at(self, which: Key, finding: Finding | None, now: datetime) -> Changed | None:
        case = self.standing.get(which)
        stakes = self.stakes(finding) if finding else NO_STAKES
        change = decided(case, finding, self.branch, stakes, now)
        if change and change.change is Change.OPENED:
            self._numbers += 1
            change = Changed(replace(change.case, case_id=CaseId(self._numbers)), change.change)
        if change:
            self._keep(which, change.case)
        stands = change.case if change else case
        if stands:
            self._tell(change, stands, now)
        return change

    def _tell(self, change: Changed | None, case: Case, now: datetime) -> None:
        last = self._last.get(case.case_id)
        due = (notices(change, last, now) if change else []) + escalations(case, last, now)
        for channel, reason in due:
            self.sent.append(Sent(now, channel, str(reason), case.case_id))
            self._last[case.case_id] = LastNotice(now, len(case.animals))

    def _keep(self, which: Key, case: Case) -> None:
        if case.state is CaseState.RESOLVED:
            self.standing.pop(which, None)
            self.closed.append(case)
        else:
            self.standing[which] = case
