"""A bank's open cases in memory: the decisions of the watchkeeper without its database, for plays and backtests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from collateral.alerting import cases, matters, resolving
from collateral.alerting.cases import Change, Changed, Stakes, key_of
from collateral.alerting.hysteresis import Key
from collateral.alerting.lifecycle import Move, Verdict, moved
from collateral.alerting.matters import Matter, decided
from collateral.alerting.routing import ESCALATIONS, LastNotice, escalations, level, notices
from collateral.alerting.silencing import Silence
from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.model.case import Case, CaseState
from collateral.model.finding import Finding
from collateral.model.ids import BranchId, CaseId
from collateral.model.person import Level, Person

NO_STAKES = Stakes(value_affected_minor=0, coverage_before=None, coverage_after=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to people: when, by which channel, why, about which case, up to which level of the bank."""

    at: datetime
    channel: str
    reason: str
    case_id: CaseId
    level: Level = Level.OFFICER


@dataclass
class Desk:
    """Cases that stand, cases that are over, and what was sent. `stakes` says what a finding puts at risk.

    A case that is opened again leaves `closed`. `pending`: since when findings wait that must hold for a while.
    """

    branch: BranchId
    stakes: Callable[[Finding], Stakes] = lambda _: NO_STAKES
    standing: dict[Key, Case] = field(default_factory=dict)
    closed: list[Case] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    calendar: WorkingDays = WEEKENDS
    pending: dict[Key, datetime] = field(default_factory=dict)
    _over: dict[Key, Case] = field(default_factory=dict)
    _last: dict[CaseId, LastNotice] = field(default_factory=dict)
    _numbers: int = 0

    def look(self, findings: list[Finding], now: datetime) -> list[Changed]:
        """One tick: what all rules found, before inhibition. Returns what changed, in the order of keys."""
        found = matters.matters(findings, self.silences, self.pending, self.standing.keys(), now)
        self.pending = found.pending
        keys = sorted(found.by_key.keys() | self.standing.keys())
        changes = [self._look_at(which, found.by_key.get(which), now) for which in keys]
        return [change for change in changes if change is not None]

    def move(self, case_id: CaseId, move: Move, person: Person, now: datetime, verdict: Verdict | None = None) -> Case:
        """A person's move. Raises MoveRefused, and LookupError when no such case stands."""
        return self._keep(moved(self._standing(case_id), move, person, now, verdict, self.calendar))

    def resolve(self, case_id: CaseId, verdict: Verdict, person: Person, now: datetime) -> Case:
        """A person's verdict, with the close where they may close. Raises MoveRefused, LookupError."""
        return self._keep(resolving.resolved(self._standing(case_id), verdict, person, now, self.calendar))

    def withdraw(self, case_id: CaseId, because: str, now: datetime) -> Changed | None:
        """Late data took the ground away. Raises LookupError when no such case stands."""
        change = cases.withdraw(self._standing(case_id), because, now)
        if change:
            self._tell(change, self._keep(change.case), now)
        return change

    def _standing(self, case_id: CaseId) -> Case:
        for case in self.standing.values():
            if case.case_id == case_id:
                return case
        raise LookupError(f"no open case {case_id}")

    def _look_at(self, which: Key, matter: Matter | None, now: datetime) -> Changed | None:
        case, finding = self.standing.get(which), matter.finding if matter else None
        change = decided(
            case, finding, self.branch, self.stakes(finding) if finding else NO_STAKES, now,
            closed=self._over.get(which), silence=matter.silence if matter else None,
            calendar=self.calendar,
        )  # fmt: skip
        if change and change.case.case_id == cases.NOT_STORED:
            self._numbers += 1
            change = replace(change, case=replace(change.case, case_id=CaseId(self._numbers)))
        stands = self._keep(change.case) if change else case
        if stands:
            self._tell(change, stands, now)
        # A closed case that is still what was answered has changed nothing for anybody.
        return None if change and change.change is Change.ANSWERED else change

    def _tell(self, change: Changed | None, case: Case, now: datetime) -> None:
        last = self._last.get(case.case_id)
        due = (notices(change, last, now) if change else []) + escalations(case, last, now)
        for channel, reason in due:
            self.sent.append(Sent(now, channel, str(reason), case.case_id, level(case, now)))
            before = self._last.get(case.case_id)
            risen = now if reason in ESCALATIONS else before.escalated_at if before else None
            self._last[case.case_id] = LastNotice(now, len(case.animals), risen)

    def _keep(self, case: Case) -> Case:
        which, over = key_of(case), case.state is CaseState.RESOLVED
        last = self._over.get(which)
        if last is not None and last.case_id == case.case_id:
            self.closed.remove(last)
            del self._over[which]
        if over:
            self.standing.pop(which, None)
            self.closed.append(case)
            self._over[which] = case
        else:
            self.standing[which] = case
        return case
