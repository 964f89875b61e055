"""Work that returns: sum readings up, and let go of what is old. Run by the watchkeeper, or once by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler

from collateral.ops import clock, logs
from collateral.store import fix_faults, gaps, pool, retention, roll_ups
from collateral.store.ages import Ages

EVERY = timedelta(minutes=5)  # event time
LEAST_EVERY_S = 5.0  # wall time, however fast the clock runs
RETAIN_EVERY = timedelta(days=1)

ERRANDS: list[roll_ups.Errand] = [lambda connection, hours, _: fix_faults.refresh(connection, hours), gaps.refresh]
"""What else is to be done where readings have come: called with (connection, hours touched, now), in the transaction
that sums these hours up and before it does. One that fails leaves the hours for the next run."""


@dataclass
class Housekeeping:
    """The work, on a connection of its own. `stopping` is asked between steps, so that a long one can be ended."""

    connection: pool.Connection
    ages: Ages
    stopping: Callable[[], bool] = lambda: False
    retained_at: datetime | None = None

    def keep(self, now: datetime) -> None:
        """What is due: roll-ups each time, retention once a day, or sooner when it did not come to its end."""
        self.roll_up(now)
        gaps.refresh_spools(self.connection, now)
        if self.retained_at is None or now - self.retained_at >= RETAIN_EVERY:
            more = self.retain(now).more
            self.retained_at = None if more else now

    def roll_up(self, now: datetime) -> roll_ups.RolledUp:
        """Sum up the hours that new readings fell into."""
        done = roll_ups.roll_up(self.connection, now, self.ages, errands=ERRANDS, stopping=self.stopping)
        if done.hours or done.passed_over:
            logs.logger().info(
                "rolled_up", hours=len(done.hours), rows=done.rows, passed_over=done.passed_over,
                **({"first": done.hours[0].isoformat(), "last": done.hours[-1].isoformat()} if done.hours else {}),
            )  # fmt: skip
        return done

    def retain(self, now: datetime, *, dry_run: bool = False) -> retention.Retained:
        """Let go of what is old; with `dry_run` only say what would go."""
        done = retention.retain(self.connection, now, self.ages, dry_run=dry_run, stopping=self.stopping)
        if done.dropped or done.held_until:
            logs.logger().info(
                "would_drop" if dry_run else "dropped",
                **{each.table: f"{each.count} {each.unit} before {each.before:%Y-%m-%d}" for each in done.dropped},
                held_until=done.held_until and done.held_until.isoformat(), more=done.more,
            )  # fmt: skip
        return done


def schedule(scheduler: BaseScheduler, work: Housekeeping) -> None:
    """Do the work every five minutes of event time."""
    every_s = max(LEAST_EVERY_S, clock.shared().wall_seconds(EVERY))
    scheduler.add_job(
        lambda: work.keep(clock.now()), "interval", seconds=every_s, max_instances=1, coalesce=True,
        misfire_grace_time=None,
    )  # fmt: skip


def main(dsn: str, ages: Ages, *, dry_run: bool) -> int:
    """Do everything once and print what was done."""
    logs.start("housekeeping")
    now = clock.now()
    with pool.connect(dsn) as connection:
        work = Housekeeping(connection, ages)
        if dry_run:
            print(f"{len(roll_ups.waiting(connection, now, ages))} hours to sum up")
        else:
            done = work.roll_up(now)
            gaps.refresh_spools(connection, now)
            print(
                f"summed up {len(done.hours)} hours: {done.rows} rows changed, {done.passed_over} touches passed over"
            )
        _print(work.retain(now, dry_run=dry_run), dry_run=dry_run)
    return 0


def _print(found: retention.Retained, *, dry_run: bool) -> None:
    verb = "would drop" if dry_run else "dropped"
    for each in found.dropped:
        print(f"{verb} {each.count} {each.unit} of {each.table} before {each.before:%Y-%m-%d %H:%M}")
    if not found.dropped:
        print("nothing is old enough to drop")
    if found.held_until:
        print(f"an unresolved case keeps readings back to {found.held_until:%Y-%m-%d %H:%M}")
    if found.more:
        print("there is more to drop: run it again")
