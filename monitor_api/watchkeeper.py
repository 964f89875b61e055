"""The watchkeeper: looks once a minute of event time, sends what is due, keeps house. Scheduled by APScheduler.

One watchkeeper works at a time (an advisory lock); a second one waits. What is due lives in the database, so a
missed tick loses nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from collateral.ops import clock, logs, shutdown
from collateral.settings.fragments import DatabaseSettings
from collateral.store import facts, pool, reconciliations
from collateral.store.gathering import Gatherer
from monitor_api import housekeeping
from monitor_api.notify import sender
from monitor_api.notify.channel import Channel
from monitor_api.notify.settings import NotifySettings
from monitor_api.settings import KeepingSettings
from monitor_api.watch import Watch, keep, reconciled
from monitor_api.working_calendar import calendar, runs_out

TICK = timedelta(minutes=1)  # event time
LEAST_TICK_S = 1.0  # wall time, however fast the clock runs
SEND_EVERY_S = 1.0
RECONNECT_EVERY_S = 2.0
HISTORY = timedelta(days=14)
HISTORY_STEP = timedelta(hours=12)
_LOCK = 0x5741_5443


@dataclass
class History:
    """Reconciles past moments that have readings but no snapshot, the newest first, one at a time."""

    connection: pool.Connection
    known_at: datetime | None = None

    def look_back(self, now: datetime) -> bool:
        """One past moment; False when none is left."""
        # Finding the first reading reads the whole table: not at every tick, only when a new moment may be missing.
        if self.known_at is not None and now - self.known_at < HISTORY_STEP:
            return False
        since = now - HISTORY
        first = reconciliations.first_reading(self.connection, since)
        if first is None:
            return False
        done = reconciliations.moments(self.connection, since)
        missing = [m for m in _grid(first + timedelta(days=1), now) if m not in done]
        if not missing:
            self.known_at = now
            return False
        gatherer, farms = Gatherer(), facts.farms(self.connection)
        pictures = [gatherer.gather(self.connection, farm, missing[-1]) for farm in farms]
        keep(self.connection, reconciled(pictures), {})
        return True


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
    if fix := runs_out(calendar(), clock.now()):
        logs.logger().warning("working_days_run_out", fix=fix)
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
        watch = Watch(watching, frozenset(notify))
        broken = _schedule(scheduler, watch, sending, notify)
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
    history = History(watch.connection)

    def look() -> None:
        watch.look(clock.now())
        history.look_back(clock.now())

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
