"""The watchkeeper under a silence, and after a case was closed: nothing is said twice, nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from collateral.alerting.silencing import Silence, Work
from collateral.model.case import Stage
from collateral.model.ids import FarmId
from collateral.store import cases, silences
from monitor_api.watch import Watch
from tests.integration.test_watchkeeper import NIGHT, bank, beat  # noqa: F401

MINUTE = timedelta(minutes=1)


def look(connection: psycopg.Connection, watch: Watch, first: int, last: int, *, beating: bool) -> None:
    for minute in range(first, last + 1):
        if beating and minute % 5 == 0:
            beat(connection, NIGHT + minute * MINUTE)
        watch.look(NIGHT + minute * MINUTE + timedelta(seconds=30))


def test_a_gateway_that_is_silent_for_maintenance_is_shown_and_told_when_the_work_is_over(
    bank: psycopg.Connection,  # noqa: F811
) -> None:
    work = Silence(
        silence_id=0,
        work=Work.MAINTENANCE,
        farm_id=FarmId("f1"),
        start=NIGHT,
        end=NIGHT + 60 * MINUTE,
        by="li",
        why="mast",
    )
    number = silences.add(bank, work, NIGHT)
    beat(bank, NIGHT)
    watch = Watch(bank, frozenset({"log", "webhook", "email"}))
    look(bank, watch, 0, 58, beating=False)
    (case,) = [c for c, _ in cases.unresolved(bank) if c.rule == "farm_blackout"]
    assert (case.stage, case.silenced_by) == (Stage.SUPPRESSED, number)
    assert bank.execute("SELECT count(*) FROM outbox WHERE case_id = %s", (case.case_id,)).fetchone() == (0,)
    look(bank, watch, 59, 61, beating=False)
    (case,) = [c for c, _ in cases.unresolved(bank) if c.rule == "farm_blackout"]
    assert (case.stage, case.raised_at) == (Stage.NEW, NIGHT + 60 * MINUTE + timedelta(seconds=30))
    told = bank.execute("SELECT DISTINCT reason FROM outbox WHERE case_id = %s", (case.case_id,)).fetchall()
    assert told == [("opened",)]


def test_a_gateway_that_is_silent_again_within_a_day_is_the_same_case(
    bank: psycopg.Connection,  # noqa: F811
) -> None:
    beat(bank, NIGHT)
    look(bank, Watch(bank, frozenset({"log"})), 0, 20, beating=False)
    look(bank, Watch(bank, frozenset({"log"})), 21, 90, beating=True)
    closed = bank.execute("SELECT stage FROM supervision_case WHERE rule = 'farm_blackout'").fetchall()
    assert closed == [("closed",)]
    look(bank, Watch(bank, frozenset({"log"})), 91, 115, beating=False)
    again = bank.execute("SELECT stage, occurrences FROM supervision_case WHERE rule = 'farm_blackout'").fetchall()
    assert again == [("reopened", 2)]
