"""What the rules of today would have said of a stretch of stored history. Reads only.

Facts are gathered as of each moment from what is stored by now: readings that came late are there from the moment that
they tell of, which the watchkeeper of that time could not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly import rules
from collateral.model.case import Case, CaseState
from collateral.model.finding import Finding
from collateral.model.ids import BranchId
from collateral.store import facts, loan_facts, past_cases, rule_limits
from collateral.store.gathering import Gatherer
from collateral.store.past_cases import PastCase
from collateral.store.pool import Connection

LOANS_EVERY = timedelta(hours=6)  # money and papers change by the day
NUMBER = {r.name: r.number for r in rules.HERD_RULES} | {r.name: r.number for r in rules.LOAN_RULES}


@dataclass(slots=True)
class WouldBe:
    """A case as it would have been. `stored`: the real one that stood at the same time about the same, if any."""

    case: Case
    opened_at: datetime
    closed_at: datetime | None = None
    stored: PastCase | None = None

    def as_row(self) -> dict[str, Any]:
        """Plain values for JSON."""
        case, stored = self.case, self.stored
        return {
            "rule": case.rule, "number": NUMBER[case.rule], "severity": case.severity.word, "farm": case.farm_id,
            "loan": case.loan_id, "audience": str(case.audience), "opened_at": self.opened_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None, "animals": len(case.animals),
            "stored": stored and {"case": stored.case_id, "opened_at": stored.opened_at.isoformat(),
                                  "disposition": stored.disposition},
        }  # fmt: skip


@dataclass
class Backtest:
    """Both lists over the same stretch; `untold`: stored cases that would not be opened today."""

    since: datetime
    until: datetime
    step: timedelta
    ticks: int = 0
    animals: int = 0
    cases: list[WouldBe] = field(default_factory=list)
    untold: list[PastCase] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One object: the cases, and per rule how many there would be, were, and what people said of those."""
        names = sorted({w.case.rule for w in self.cases} | {p.rule for p in self.untold})
        return {
            "from": self.since.isoformat(), "to": self.until.isoformat(), "step_s": self.step.total_seconds(),
            "ticks": self.ticks, "animals": self.animals, "rules": {name: self._rule(name) for name in names},
            "cases": [w.as_row() for w in self.cases],
            "stored_but_not_opened": [
                {"case": p.case_id, "rule": p.rule, "place": p.place, "opened_at": p.opened_at.isoformat(),
                 "disposition": p.disposition}
                for p in self.untold
            ],
        }  # fmt: skip

    def _rule(self, name: str) -> dict[str, Any]:
        would = [w for w in self.cases if w.case.rule == name]
        said = [w.stored.disposition for w in would if w.stored]
        return {
            "opened": len(would), "stored_too": len(said), "confirmed": said.count("confirmed"),
            "false_alarm": said.count("false_alarm"), "explained": said.count("explained"),
            "stored_but_not_opened": sum(p.rule == name for p in self.untold),
        }  # fmt: skip


@dataclass
class _Desks:
    """One desk a branch, as in the bank."""

    of: dict[BranchId, Desk] = field(default_factory=dict)
    open: dict[tuple[BranchId, int], WouldBe] = field(default_factory=dict)

    def look(self, findings: dict[BranchId, list[Finding]], now: datetime) -> Iterator[WouldBe]:
        """One tick; yields what was opened."""
        for branch in sorted(self.of.keys() | findings.keys()):
            desk = self.of.setdefault(branch, Desk(branch))
            for change in desk.look(findings.get(branch, []), now):
                which = (branch, int(change.case.case_id))
                if change.change is Change.REOPENED or which not in self.open:
                    self.open[which] = WouldBe(change.case, now)
                    yield self.open[which]
                self.open[which].case = change.case
                self.open[which].closed_at = now if change.case.state is CaseState.RESOLVED else None


def run(
    connection: Connection, since: datetime, until: datetime, step: timedelta,
    told: Callable[[int, int, int], None] = lambda *_: None,
) -> Backtest:  # fmt: skip
    """Play from `since` to `until` (aware). `told` hears of each tick: number, of how many, cases so far."""
    past_cases.forbid_writing(connection)
    done, desks, gatherer = Backtest(since, until, step), _Desks(), Gatherer()
    moments = list(_moments(since, until, step))
    loans_at = since
    papers: dict[BranchId, list[Finding]] = {}
    for number, now in enumerate(moments, 1):
        limits = rule_limits.held(connection, now)
        if now >= loans_at:
            papers, loans_at = _about_loans(connection, now, limits), now + LOANS_EVERY
        found = {branch: list(findings) for branch, findings in papers.items()}
        animals = 0
        for farm in facts.farms(connection):
            picture = gatherer.gather(connection, farm, now)
            animals += len(picture.tracks)
            own = rules.findings(picture, rule_limits.overrides(limits, farm.farm_id))
            found.setdefault(farm.branch_id, []).extend(own)
        done.animals = max(done.animals, animals)
        done.cases += desks.look(found, now)
        told(number, len(moments), len(done.cases))
    done.ticks = len(moments)
    _compare(done, past_cases.between(connection, since, until))
    return done


def _about_loans(
    connection: Connection, now: datetime, limits: list[rule_limits.LimitSet]
) -> dict[BranchId, list[Finding]]:
    found: dict[BranchId, list[Finding]] = {}
    for loan in loan_facts.gather(connection, now):
        own = rules.loan_findings(loan, rule_limits.overrides(limits, None))
        found.setdefault(loan.loan.branch_id, []).extend(own)
    return found


def _compare(done: Backtest, stored: list[PastCase]) -> None:
    """A stored case and a would-be one are the same when they stood at the same time about the same."""
    taken: set[int] = set()
    for would in done.cases:
        place = would.case.loan_id or would.case.farm_id
        end = would.closed_at or done.until
        for past in stored:
            overlaps = past.opened_at <= end and past.last_seen_at >= would.opened_at - done.step
            if past.rule == would.case.rule and past.place == place and overlaps:
                would.stored = past
                taken.add(past.case_id)
                break
    done.untold = [past for past in stored if past.case_id not in taken]


def _moments(since: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    count = int((until - since) / step)
    return (since + step * number for number in range(count + 1))
