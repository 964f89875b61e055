"""The inbox, and who gets there first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest

from collateral.model.finding import Severity
from tests.integration.api import Bank, open_bank, open_case


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def test_a_case_tells_of_its_loan_its_animals_and_its_witnesses(bank: Bank) -> None:
    case = open_case(bank.dsn)
    detail = bank.get(f"/alerts/{case}", "n-officer").json()
    summary = detail["summary"]
    assert (summary["contract_no"], summary["severity"], summary["next_step"]) == ("HT-n-loan", "orange", "verify_48h")
    assert (summary["farm"]["id"], summary["animals"], summary["overdue"]) == ("sunny", 1, False)
    animal = detail["animals"][0]
    assert (animal["animal_id"], animal["last_seen_at"], animal["value_minor"]) == ("n-animal-5", None, 1_500_000)
    assert detail["testimonies"][0]["witness"] == "tag"
    assert (detail["may_acknowledge"], detail["may_resolve"]) == (True, False)


def test_the_inbox_is_filtered_paged_and_ordered_by_gravity(bank: Bank) -> None:
    for severity in (Severity.BLUE, Severity.RED, Severity.YELLOW):
        open_case(bank.dsn, rule=f"rule-{severity.word}", severity=severity)
    done = open_case(bank.dsn, rule="done", severity=Severity.RED)
    bank.post(f"/alerts/{done}/acknowledge", "n-risk")
    for login in ("n-risk", "all-risk"):
        bank.post(f"/alerts/{done}/resolve", login, disposition="false_alarm", note="counted by hand")

    def listed(**wanted: Any) -> list[str]:
        return [case["rule"] for case in bank.get("/alerts", "n-officer", **wanted).json()]

    assert listed() == ["rule-red", "rule-yellow", "rule-blue", "done"]
    assert listed(state="resolved") == ["done"]
    assert listed(severity="red") == ["rule-red", "done"]
    assert listed(limit=1, offset=1) == ["rule-yellow"]
    assert bank.get("/alerts", "n-officer", limit=501).status_code == 422


def test_taking_a_case_on_is_written_in_its_history(bank: Bank) -> None:
    case = open_case(bank.dsn)
    detail = bank.post(f"/alerts/{case}/acknowledge", "n-officer", note="on my way").json()
    assert detail["summary"]["state"] == "acknowledged"
    event = detail["events"][-1]
    assert (event["actor"], event["event"], event["note"]) == ("n-officer", "acknowledged", "on my way")


def test_a_case_taken_on_twice_names_who_was_first_and_when(bank: Bank) -> None:
    case = open_case(bank.dsn)
    bank.post(f"/alerts/{case}/acknowledge", "n-officer")
    second = bank.post(f"/alerts/{case}/acknowledge", "n-risk")
    assert second.status_code == 409
    assert "acknowledged since 2026-06-01 12:00:00 UTC by n-officer" in second.json()["detail"]


def test_a_case_nobody_took_on_cannot_be_resolved(bank: Bank) -> None:
    case = open_case(bank.dsn)
    refused = bank.post(f"/alerts/{case}/resolve", "n-risk", disposition="explained", note="sold")
    assert (refused.status_code, "acknowledge it first" in refused.json()["detail"]) == (409, True)


def test_of_two_who_take_a_case_on_at_once_one_wins(bank: Bank) -> None:
    case = open_case(bank.dsn)
    logins = ("n-officer", "n-risk")
    for login in logins:
        bank.get("/me", login)
    together = Barrier(2)

    def take(login: str) -> int:
        together.wait()
        status: int = bank.post(f"/alerts/{case}/acknowledge", login).status_code
        return status

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(take, logins)) == [200, 409]
    with psycopg.connect(bank.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM case_event").fetchone() == (1,)


def test_the_loser_of_a_race_inside_the_transaction_learns_the_present_state(bank: Bank) -> None:
    case = open_case(bank.dsn)
    with psycopg.connect(bank.dsn) as other, ThreadPoolExecutor(1) as threads:
        # Somebody else has moved the case and not yet committed: the API reads the old version and then waits.
        other.execute("UPDATE supervision_case SET stage = 'acknowledged', version = version + 1")
        other.execute(
            "INSERT INTO case_event (case_id, at, actor, event) VALUES (%s, now(), 'n-risk', 'acknowledged')", (case,)
        )
        slower = threads.submit(bank.post, f"/alerts/{case}/acknowledge", "n-officer")
        _until_somebody_waits(bank.dsn)
        other.commit()
        answer = slower.result(timeout=20)
    assert answer.status_code == 409
    assert "by n-risk" in answer.json()["detail"]


def _until_somebody_waits(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(2000):
            row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if row and row[0]:
                return
            connection.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited for the case")
