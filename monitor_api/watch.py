"""One look of the watchkeeper: gather what is known, ask the rules, move the cases, grade the loans, tell people.

What is decided is decided in `collateral`, the same as on a desk in memory; here it is read, kept and sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collateral.alerting import cases as casework
from collateral.alerting import matters as deciding
from collateral.alerting import routing
from collateral.alerting.cases import Change, Changed, Stakes, key_of
from collateral.alerting.matters import Matter
from collateral.anomaly import rules
from collateral.book.reconcile import Reconciled, merge, reconcile
from collateral.facts.herd import HerdFacts
from collateral.facts.loan import LoanFacts
from collateral.model.case import Case
from collateral.model.finding import Finding
from collateral.model.ids import CaseId, FarmId, LoanId
from collateral.store import (
    cases,
    early_warnings,
    facts,
    loan_facts,
    outbox,
    pending_findings,
    pool,
    reconciliations,
    rule_limits,
    silences,
)
from collateral.store.gathering import Gatherer
from collateral.store.rule_limits import LimitSet
from monitor_api import grading
from monitor_api.notify import message
from monitor_api.working_calendar import calendar

SNAPSHOT_EVERY = timedelta(minutes=5)
LOANS_EVERY = timedelta(minutes=5)  # prices and papers change by the day, cases make animals ineligible at any time
LATE_DATA = "late data show that it was not so"
_OF_HERDS = frozenset(rule.name for rule in rules.HERD_RULES)


@dataclass
class Watch:
    """One look at all farms after another, on a connection of its own. What it remembers it can read again."""

    connection: pool.Connection
    channels: frozenset[str]
    gatherer: Gatherer = field(default_factory=Gatherer)
    past: Gatherer = field(default_factory=Gatherer)
    last_snapshot_at: datetime | None = None
    _loans: dict[LoanId, LoanFacts] = field(default_factory=dict)
    _loans_at: datetime | None = None
    _asked_again: dict[CaseId, datetime] = field(default_factory=dict)

    def look(self, now: datetime) -> int:
        """One tick: returns how many cases were opened or moved."""
        loans = self._money_and_papers(now)
        policies = {loan: known.policies for loan, known in loans.items()}
        pictures = [
            replace(self.gatherer.gather(self.connection, farm, now), policies=policies)
            for farm in facts.farms(self.connection)
        ]
        books = reconciled(pictures)
        limits = rule_limits.held(self.connection, now)
        moved = self._move_cases({p.farm.farm_id: p for p in pictures}, books, asked(pictures, loans, limits), now)
        if self.last_snapshot_at is None or now - self.last_snapshot_at >= SNAPSHOT_EVERY:
            keep(self.connection, books, loans)
            self.last_snapshot_at = now
        self._grade(loans, books, now)
        return moved

    def _money_and_papers(self, now: datetime) -> dict[LoanId, LoanFacts]:
        if self._loans_at is None or not timedelta(0) <= now - self._loans_at < LOANS_EVERY:
            self._loans = {found.loan.loan_id: found for found in loan_facts.gather(self.connection, now)}
            self._loans_at = now
        return self._loans

    def _grade(self, loans: dict[LoanId, LoanFacts], books: dict[LoanId, Reconciled], now: datetime) -> None:
        standing = [case for case, _ in cases.unresolved(self.connection)]
        graded = grading.warnings(loans, books, standing, now)
        with self.connection.transaction():
            for warning in grading.due(graded, early_warnings.last(self.connection, now), now):
                early_warnings.add(self.connection, warning)

    def _move_cases(
        self, pictures: dict[FarmId, HerdFacts], books: dict[LoanId, Reconciled], found: list[Finding], now: datetime
    ) -> int:
        standing = {key_of(case): (case, version) for case, version in cases.unresolved(self.connection)}
        closed = cases.over(self.connection, now)
        waiting = pending_findings.read(self.connection)
        matters = deciding.matters(found, silences.in_force(self.connection, now), waiting, standing.keys(), now)
        pending_findings.keep(self.connection, waiting, matters.pending)
        told: list[int] = [case.case_id for case, _ in (*standing.values(), *closed.values())]
        last = outbox.last_notices(self.connection, told)
        moved = 0
        for which in sorted(matters.by_key.keys() | standing.keys()):
            matter, (case, version) = matters.by_key.get(which), standing.get(which, (None, 0))
            farm = matter.finding.farm_id if matter else case.farm_id if case else None
            picture = pictures.get(farm) if farm else None
            if picture is None:
                continue
            over, over_version = closed.get(which, (None, 0)) if case is None else (None, 0)
            changed = self._decided(matter, case, over, picture, books, now)
            with self.connection.transaction():
                stored = self._store(changed, version if case else over_version, now) if changed else case
                if stored is not None and not (changed and changed.change is Change.ANSWERED):
                    self._tell(changed, stored, last.get(stored.case_id), picture, now)
            moved += bool(changed and changed.change not in (*casework.UNREMARKABLE, Change.CLEARING))
        return moved

    def _decided(
        self, matter: Matter | None, case: Case | None, over: Case | None, picture: HerdFacts,
        books: dict[LoanId, Reconciled], now: datetime,
    ) -> Changed | None:  # fmt: skip
        if matter is None:
            if case is None:
                return None
            return self._withdrawn(case, picture, now) or casework.quiet(case, now)
        stakes = self._stakes(matter.finding, case, picture, books)
        return deciding.decided(
            case, matter.finding, picture.farm.branch_id, stakes, now, closed=over, silence=matter.silence,
            calendar=calendar(),
        )  # fmt: skip

    def _withdrawn(self, case: Case, picture: HerdFacts, now: datetime) -> Changed | None:
        """A case whose condition is gone is asked about once more, as of when it was last met: where the readings that
        have come since say that it was not met then either, late data have taken its ground away."""
        met_at = case.last_seen_at
        if case.rule not in _OF_HERDS or case.clear_since or self._asked_again.get(case.case_id) == met_at:
            return None
        self._asked_again[case.case_id] = met_at
        before = self.past.gather(self.connection, picture.farm, met_at)
        limits = rule_limits.overrides(rule_limits.held(self.connection, met_at), picture.farm.farm_id)
        if any(key_of(finding) == key_of(case) for finding in rules.findings(before, limits)):
            return None
        return casework.withdraw(case, LATE_DATA, now)

    def _stakes(
        self, finding: Finding, case: Case | None, picture: HerdFacts, books: dict[LoanId, Reconciled]
    ) -> Stakes:
        named = {*finding.animals, *(case.animals if case and case.rule in casework.EVENTS else ())}
        worth = sum(t.value_minor for t in picture.tracks if t.animal_id in named)
        if finding.loan_id is None:
            return Stakes(value_affected_minor=worth, coverage_before=None, coverage_after=None)
        before = case.coverage_before if case else reconciliations.coverage_before(
            self.connection, finding.loan_id, finding.since
        )  # fmt: skip
        book = books.get(finding.loan_id)
        return Stakes(
            value_affected_minor=worth, coverage_before=before, coverage_after=book.coverage if book else None
        )

    def _store(self, changed: Changed, version: int, now: datetime) -> Case | None:
        """The case as stored; None when a person changed it meanwhile (the next tick sees theirs)."""
        case = changed.case
        if case.case_id == casework.NOT_STORED:
            number = cases.add(self.connection, case)
            if number is None:
                return None
            case = replace(case, case_id=number)
        elif not cases.replace(self.connection, case, version):
            return None
        if changed.change not in casework.UNREMARKABLE:
            particulars = {"severity": case.severity.word, "animals": len(case.animals)}
            note = case.withdrawn_because if changed.change in (Change.WITHDRAWN, Change.GROUND_GONE) else None
            cases.record(self.connection, case.case_id, now, "watchkeeper", str(changed.change), note, particulars)
        return case

    def _tell(
        self, changed: Changed | None, case: Case, last: routing.LastNotice | None, picture: HerdFacts, now: datetime
    ) -> None:
        due = routing.notices(replace(changed, case=case), last, now) if changed else []
        due += routing.escalations(case, last, now)
        wanted = [(channel, reason) for channel, reason in due if channel in self.channels]
        if not wanted:
            return
        contract = facts.contract_no(self.connection, case.loan_id) if case.loan_id else None
        for channel, reason in wanted:
            body = message.message(case, str(reason), picture, contract, now)
            outbox.add(self.connection, case.case_id, channel, str(reason), body, now)


def asked(pictures: list[HerdFacts], loans: dict[LoanId, LoanFacts], limits: list[LimitSet]) -> list[Finding]:
    """What all rules conclude, each by the limits that hold where it looks, before inhibition."""
    bank = rule_limits.overrides(limits, None)
    return [
        *(f for p in pictures for f in rules.findings(p, rule_limits.overrides(limits, p.farm.farm_id))),
        *(f for loan in loans.values() for f in rules.loan_findings(loan, bank)),
    ]


def reconciled(pictures: list[HerdFacts]) -> dict[LoanId, Reconciled]:
    """Every loan's reconciliation, over all the farms that secure it."""
    parts: dict[LoanId, list[Reconciled]] = {}
    for picture in pictures:
        for loan in picture.loans:
            parts.setdefault(loan, []).append(reconcile(picture, loan))
    return {loan: merge(found) for loan, found in parts.items()}


def keep(connection: pool.Connection, books: dict[LoanId, Reconciled], loans: dict[LoanId, LoanFacts]) -> None:
    """Keep a snapshot of every loan, at what its animals are worth on the market where that is known."""
    with connection.transaction():
        for loan, book in books.items():
            known = loans.get(loan)
            reconciliations.add(connection, replace(book, value_minor=known.value_minor) if known else book)
