"""The watchkeeper and what comes beside readings: late data, limits that were set, papers, grades."""

from datetime import timedelta

import psycopg
import pytest

from collateral.model.case import Stage
from collateral.model.finding import Severity
from collateral.model.ids import LoanId
from collateral.store import cases, early_warnings, rule_limits, valuations
from collateral.store.rule_limits import LimitSet
from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import read
from monitor_api.watch import LATE_DATA, Watch
from tests.integration.test_watchkeeper import NIGHT, bank, beat, heard  # noqa: F401

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(bank: psycopg.Connection) -> psycopg.Connection:  # noqa: F811
    beat(bank, NIGHT)
    return bank


def strayed(connection: psycopg.Connection, number: int) -> None:
    """Three fixes outside the fence, a quarter of an hour apart."""
    for place in range(3):
        heard(connection, number, 10 + 2 * place, NIGHT - (30 - 15 * place) * MINUTE, (150 + 50 * place, 30))


def stages(connection: psycopg.Connection, rule: str) -> list[tuple[str, str | None]]:
    return connection.execute(
        "SELECT stage, withdrawn_because FROM supervision_case WHERE rule = %s", (rule,)
    ).fetchall()


def test_late_data_that_show_the_animal_inside_withdraw_the_case_and_say_why(store: psycopg.Connection) -> None:
    strayed(store, 50)
    watch = Watch(store, frozenset({"log"}))
    watch.look(NIGHT + MINUTE)
    assert stages(store, "left_fence") == [("new", None)]
    heard(store, 50, 13, NIGHT - 8 * MINUTE, (30, 30))
    watch.look(NIGHT + 2 * MINUTE)
    assert stages(store, "left_fence") == [("withdrawn", LATE_DATA)]
    history = store.execute("SELECT event, note FROM case_event ORDER BY case_event_id").fetchall()
    assert ("withdrawn", LATE_DATA) in history


def test_an_animal_that_came_home_is_no_late_data(store: psycopg.Connection) -> None:
    strayed(store, 50)
    watch = Watch(store, frozenset({"log"}))
    watch.look(NIGHT + MINUTE)
    heard(store, 50, 20, NIGHT + 2 * MINUTE, (30, 30))
    for minute in (3, 4, 70):
        beat(store, NIGHT + minute * MINUTE)
        watch.look(NIGHT + minute * MINUTE)
    assert stages(store, "left_fence") == [("closed", None)]


def test_a_limit_that_the_bank_sets_holds_from_the_next_look_on(store: psycopg.Connection) -> None:
    for number in (50, 51):
        strayed(store, number)
    watch = Watch(store, frozenset({"log"}))
    watch.look(NIGHT + MINUTE)
    assert [c.severity for c, _ in cases.unresolved(store) if c.rule == "left_fence"] == [Severity.YELLOW]
    limit = LimitSet(
        farm_id=None, rule="left_fence", field="several", value=2, set_by="risk", set_at=NIGHT + 2 * MINUTE, why="pilot"
    )
    rule_limits.set_limit(store, limit)
    watch.look(NIGHT + 3 * MINUTE)
    assert [c.severity for c, _ in cases.unresolved(store) if c.rule == "left_fence"] == [Severity.ORANGE]


def test_arrears_that_core_banking_tells_of_are_a_case_and_a_grade(store: psycopg.Connection) -> None:
    watch = Watch(store, frozenset({"log"}))
    watch.look(NIGHT)
    sheet = f"loan_id,status_on,overdue_days,five_class\nL1,{NIGHT.date()},5,special_mention\n"
    valuations.feed(store, "core-banking", read(SHEETS["core-banking"], sheet.encode(), NIGHT.date()))
    watch.look(NIGHT + 6 * MINUTE)
    (case,) = [c for c, _ in cases.unresolved(store) if c.rule == "arrears"]
    assert (case.stage, case.severity, case.loan_id) == (Stage.NEW, Severity.YELLOW, "L1")
    course = early_warnings.course(store, LoanId("L1"), NIGHT + 6 * MINUTE, timedelta(days=1))
    assert [point.grade for point in course][-1] in ("yellow", "orange")
    assert {"arrears", "overdue"} <= {reason.indicator for reason in course[-1].reasons}


def test_a_loan_is_graded_once_an_hour_and_when_its_grade_changes(store: psycopg.Connection) -> None:
    watch = Watch(store, frozenset({"log"}))
    for minute in range(0, 125, 5):
        beat(store, NIGHT + minute * MINUTE)
        watch.look(NIGHT + minute * MINUTE)
    (graded,) = store.execute("SELECT count(*) FROM early_warning").fetchall()
    assert graded == (3,)
