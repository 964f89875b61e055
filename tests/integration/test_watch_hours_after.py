"""Hours after a removal its case still holds what every witness said."""

from datetime import timedelta

import psycopg

from collateral.store import cases
from monitor_api.watch import Watch
from tests.integration.test_watchkeeper import HERD, NIGHT, STOLEN, bank, beat, count, heard, play  # noqa: F401

MINUTE = timedelta(minutes=1)


def test_hours_after_a_removal_its_case_still_holds_what_every_witness_said(bank: psycopg.Connection) -> None:  # noqa: F811
    watch = Watch(bank, frozenset({"log"}))
    play(bank, watch)
    for minute in range(40, 12 * 60, 10):
        moment = NIGHT + minute * MINUTE
        beat(bank, moment)
        count(bank, HERD - 2 - STOLEN, moment)
        if minute % 60 == 0:
            for number in range(STOLEN, HERD):
                heard(bank, number, 100 + minute, moment, (30, 30))
        watch.look(moment + timedelta(seconds=30))
    (case,) = [c for c, _ in cases.unresolved(bank) if c.rule == "group_removal"]
    assert {t["witness"] for t in case.testimonies} == {"tag", "camera"}
    assert len(case.animals) == STOLEN
