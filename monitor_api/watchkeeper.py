"""The watchkeeper: gather facts, ask the rules, move the cases, tell people. Scheduled by APScheduler.

One watchkeeper works at a time (an advisory lock); a second one waits. What is due lives in the database, so a
missed tick loses nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from collateral.alerting import cases as casework
from collateral.alerting import routing
from collateral.alerting.inhibition import inhibit
from collateral.anomaly import rules
from collateral.book.reconcile import Reconciled, merge, reconcile
from collateral.facts.herd import HerdFacts
from collateral.model.case import Case
from collateral.model.finding import Finding
from collateral.model.ids import FarmId, LoanId
from collateral.ops import clock, logs, shutdown
from collateral.settings.fragments import DatabaseSettings
from collateral.store import cases, facts, outbox, pool, reconciliations
from monitor_api import housekeeping
from monitor_api.notify import message, sender
from monitor_api.notify.channel import Channel
from monitor_api.notify.settings import NotifySettings
from monitor_api.settings import KeepingSettings

TICK = timedelta(minutes=1)  # event time
LEAST_TICK_S = 1.0  # wall time, however fast the clock runs
SEND_EVERY_S = 1.0
RECONNECT_EVERY_S = 2.0
SNAPSHOT_EVERY = timedelta(minutes=5)
HISTORY = timedelta(days=14)
HISTORY_STEP = timedelta(hours=12)
_LOCK = 0x5741_5443


@dataclass
class Watch:
    """One look at all farms after another, on a connection of its own."""

    connection: pool.Connection
    channels: frozenset[str]
    last_snapshot_at: datetime | None = None
    past_known_at: datetime | None = None

    def look(self, now: datetime) -> int:
        """One tick: returns how many cases were opened or moved."""
        pictures = [facts.gather(self.connection, farm, now) for farm in facts.farms(self.connection)]
        books = reconciled(pictures)
        found = casework.grouped([f for p in pictures for f in inhibit(rules.findings(p))])
        moved = self._move_cases(pictures, books, found, now)
        if self.last_snapshot_at is None or now - self.last_snapshot_at >= SNAPSHOT_EVERY:
            self._keep(books)
            self.last_snapshot_at = now
        return moved

    def look_back(self, now: datetime) -> bool:
        """Reconcile one past moment that has readings but no snapshot; False when none is left."""
        # Finding the first reading reads the whole table: not at every tick, only when a new moment may be missing.
        if self.past_known_at is not None and now - self.past_known_at < HISTORY_STEP:
            return False
        since = now - HISTORY
        first = reconciliations.first_reading(self.connection, since)
        if first is None:
            return False
        done = reconciliations.moments(self.connection, since)
        missing = [m for m in _grid(first + timedelta(days=1), now) if m not in done]
        if not missing:
            self.past_known_at = now
            return False
        self._keep(reconciled([facts.gather(self.connection, f, missing[-1]) for f in facts.farms(self.connection)]))
        return True

    def _keep(self, books: dict[LoanId, Reconciled]) -> None:
        with self.connection.transaction():
            for result in books.values():
                reconciliations.add(self.connection, result)

    def _move_cases(
        self,
        pictures: list[HerdFacts],
        books: dict[LoanId, Reconciled],
        found: dict[tuple[str, str], Finding],
        now: datetime,
    ) -> int:
        standing = {casework.key(c.loan_id, c.farm_id, c.rule): (c, v) for c, v in cases.unresolved(self.connection)}
        last = outbox.last_notices(self.connection, [c.case_id for c, _ in standing.values()])
        by_farm = {p.farm.farm_id: p for p in pictures}
        moved = 0
        for which in sorted(found.keys() | standing.keys()):
            finding, (case, version) = found.get(which), standing.get(which, (None, 0))
            changed = self._changed(finding, case, by_farm, books, now)
            farm = finding.farm_id if finding else case.farm_id if case else None
            picture = by_farm.get(farm) if farm else None
            if picture is None:
                continue
            with self.connection.transaction():
                stored = self._store(changed, version, now) if changed else case
                if stored is not None:
                    self._tell(changed, stored, last.get(stored.case_id), picture, now)
            moved += bool(changed and changed.change not in (casework.Change.SEEN, casework.Change.CLEARING))
        return moved

    def _changed(
        self, finding: Finding | None, case: Case | None, by_farm: dict[FarmId, HerdFacts],
        books: dict[LoanId, Reconciled], now: datetime,
    ) -> casework.Changed | None:  # fmt: skip
        if finding is None:
            return casework.quiet(case, now) if case else None
        picture = by_farm[finding.farm_id]
        stakes = self._stakes(finding, case, picture, books)
        if case is None:
            return casework.open_case(finding, picture.farm.branch_id, stakes, now)
        return casework.fold(case, finding, stakes, now)

    def _stakes(
        self, finding: Finding, case: Case | None, picture: HerdFacts, books: dict[LoanId, Reconciled]
    ) -> casework.Stakes:
        named = {*finding.animals, *(case.animals if case and case.rule in casework.EVENTS else ())}
        worth = sum(t.value_minor for t in picture.tracks if t.animal_id in named)
        if finding.loan_id is None:
            return casework.Stakes(value_affected_minor=worth, coverage_before=None, coverage_after=None)
        before = case.coverage_before if case else reconciliations.coverage_before(
            self.connection, finding.loan_id, finding.since
        )  # fmt: skip
        after = books[finding.loan_id].coverage
        return casework.Stakes(value_affected_minor=worth, coverage_before=before, coverage_after=after)

    def _store(self, changed: casework.Changed, version: int, now: datetime) -> Case | None:
        """The case as stored; None when a person changed it meanwhile (the next tick sees theirs)."""
        case = changed.case
        if case.case_id == casework.NOT_STORED:
            number = cases.add(self.connection, case)
            if number is None:
                return None
            case = replace(case, case_id=number)
        elif not cases.replace(self.connection, case, version):
            return None
        if changed.change is not casework.Change.SEEN:
            particulars = {"severity": case.severity.word, "animals": len(case.animals)}
            cases.record(self.connection, case.case_id, now, "watchkeeper", str(changed.change), None, particulars)
        return case

    def _tell(
        self,
        changed: casework.Changed | None,
        case: Case,
        last: routing.LastNotice | None,
        picture: HerdFacts,
        now: datetime,
    ) -> None:
        due = routing.notices(replace(changed, case=case), last, now) if changed else []
        due += routing.escalations(case, last, now)
        wanted = [(channel, reason) for channel, reason in due if channel in self.channels]
        if not wanted:
            return
        contract = self._contract_no(case)
        for channel, reason in wanted:
            body = message.message(case, str(reason), picture, contract, now)
            outbox.add(self.connection, case.case_id, channel, str(reason), body, now)

    def _contract_no(self, case: Case) -> str | None:
        return facts.contract_no(self.connection, case.loan_id) if case.loan_id else None


def reconciled(pictures: list[HerdFacts]) -> dict[LoanId, Reconciled]:
    """Every loan's reconciliation, over all the farms that secure it."""
    parts: dict[LoanId, list[Reconciled]] = {}
    for picture in pictures:
        for loan in picture.loans:
            parts.setdefault(loan, []).append(reconcile(picture, loan))
    return {loan: merge(found) for loan, found in parts.items()}


def _grid(first: datetime, now: datetime) -> list[datetime]:
    """Past moments every HISTORY_STEP, aligned to the epoch, so that they stay the same from tick to tick."""
    step = HISTORY_STEP.total_seconds()
    start = -(-first.timestamp() // step) * step
    count = max(0, int((now.timestamp() - start) // step) + 1)
    return [datetime.fromtimestamp(start + i * step, UTC) for i in range(count)]


def main() -> int:
    """Keep watch until told to stop. The database may go away and come back."""
    logs.start("watchkeeper")
    stop = shutdown.on_signals()
    notify = sender.channels(NotifySettings())
    dsn = DatabaseSettings().database_url.get_secret_value()
    pool.connect(dsn).close()  # a database that was never there is a mistake to report, not to wait for
    while not stop.is_set():
        try:
            _keep_watch(dsn, notify, stop)
        except (pool.DatabaseUnavailable, pool.ConnectionLost) as error:
            logs.logger().warning("database_away", reason=str(error).strip())
            stop.wait(RECONNECT_EVERY_S)
    return 0


def _keep_watch(dsn: str, notify: dict[str, Channel], stop: threading.Event) -> None:
    """Watch on one set of connections; raises OperationalError when they break."""
    with pool.connect(dsn) as watching, pool.connect(dsn) as sending, pool.connect(dsn) as keeping:
        if not _alone(watching, stop):
            return
        logs.logger().info("watch_begins", channels=sorted(notify))
        scheduler = BackgroundScheduler(timezone=UTC)
        broken = _schedule(scheduler, Watch(watching, frozenset(notify)), sending, notify)
        keep_house = housekeeping.Housekeeping(keeping, KeepingSettings().ages(), stop.is_set)
        housekeeping.schedule(scheduler, keep_house)
        scheduler.start()
        while not stop.wait(0.2) and not broken:
            pass
        scheduler.shutdown(wait=True)
    if broken:
        raise broken[0]


def _schedule(
    scheduler: BackgroundScheduler, watch: Watch, sending: pool.Connection, notify: dict[str, Channel]
) -> list[pool.ConnectionLost]:
    """Add the jobs; a lost connection appears in the returned list."""
    broken: list[pool.ConnectionLost] = []

    def look() -> None:
        watch.look(clock.now())
        watch.look_back(clock.now())

    def report(event: JobExecutionEvent) -> None:
        logs.logger().error("watch_failed", error=repr(event.exception), trace=event.traceback)
        if isinstance(event.exception, pool.ConnectionLost):
            broken.append(event.exception)

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    tick_s = max(LEAST_TICK_S, clock.shared().wall_seconds(TICK))
    scheduler.add_job(look, "interval", seconds=tick_s, **once)
    scheduler.add_job(lambda: sender.send_due(sending, notify, clock.now()), "interval", seconds=SEND_EVERY_S, **once)
    scheduler.add_listener(report, EVENT_JOB_ERROR)
    return broken


def _alone(connection: pool.Connection, stop: threading.Event) -> bool:
    """Wait for the lock that lets one watchkeeper work; False when told to stop first."""
    waiting = False
    while not stop.is_set():
        if pool.try_lock(connection, _LOCK):
            return True
        if not waiting:
            logs.logger().info("another_watchkeeper_works")
            waiting = True
        stop.wait(2.0)
    return False
