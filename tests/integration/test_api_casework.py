"""Steps of a case, silences, precision of rules and the SLA report, as people call for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from collateral.model.finding import Severity
from tests.integration.api import NOW, Bank, open_bank, open_case

HOUR = timedelta(hours=1)


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def work(**changed: Any) -> dict[str, Any]:
    asked = {
        "work": "maintenance", "farm_id": "sunny", "starts_at": NOW.isoformat(), "ends_at": (NOW + 6 * HOUR).isoformat(),
        "why": "new mast",
    }  # fmt: skip
    return asked | changed


def end(bank: Bank, number: int, login: str) -> Any:
    return bank.client.delete(f"/v1/silences/{number}", headers=bank._as(login))


def step(bank: Bank, case: int, login: str, move: str, **more: str) -> Any:
    return bank.post(f"/alerts/{case}/moves", login, move=move, note="seen", **more)


def approved(bank: Bank, animals: list[str], movement: str = "m1") -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO movement (movement_id, loan_id, kind, animal_ids, window_from, window_to, approved_by,"
            " approved_at) SELECT %s, 'n-loan', 'sale', %s, %s, %s, person_id, %s FROM person WHERE login = 'n-risk'",
            (movement, animals, NOW - HOUR, NOW + 6 * HOUR, NOW - HOUR),
        )


def test_a_case_goes_step_by_step_and_every_step_is_in_its_history(bank: Bank) -> None:
    case = open_case(bank.dsn, severity=Severity.RED)
    detail = bank.get(f"/alerts/{case}", "n-officer").json()
    assert (detail["may"], detail["summary"]["stage"]) == (["acknowledge"], "new")
    for move, login in (
        ("acknowledge", "n-officer"), ("verify", "n-officer"), ("confirm", "n-officer"), ("mitigate", "n-officer"),
        ("return", "n-risk"), ("confirm", "n-officer"), ("mitigate", "n-officer"), ("close", "n-risk"),
    ):  # fmt: skip
        answer = step(bank, case, login, move, cause="theft")
        assert answer.status_code == 200, answer.text
    events = [e["event"] for e in answer.json()["events"]]
    assert events == [
        "acknowledged", "verifying", "confirmed", "mitigating", "returned", "confirmed", "mitigating", "resolved",
    ]  # fmt: skip
    summary = answer.json()["summary"]
    assert (summary["state"], summary["stage"], summary["disposition"], summary["cause"]) == (
        "resolved",
        "closed",
        "confirmed",
        "theft",
    )


def test_a_step_out_of_turn_and_a_cause_that_does_not_fit_are_refused_with_what_would_do(bank: Bank) -> None:
    case = open_case(bank.dsn)
    early = step(bank, case, "n-officer", "confirm", cause="theft")
    assert (early.status_code, "cannot confirm now" in early.json()["detail"]) == (409, True)
    wrong = step(bank, case, "n-officer", "dismiss", cause="theft")
    assert (wrong.status_code, "gps_fault" in wrong.json()["detail"]) == (422, True)
    assert step(bank, case, "n-auditor", "acknowledge").status_code == 403


def test_a_farms_own_matter_is_in_the_farms_inbox_and_not_in_the_banks_unless_asked(bank: Bank) -> None:
    case = open_case(bank.dsn, rule="fever", severity=Severity.YELLOW)
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE supervision_case SET audience = 'farm' WHERE case_id = %s", (case,))

    def listed(login: str, **asked: str) -> list[int]:
        return [c["case_id"] for c in bank.get("/alerts", login, **asked).json()]

    assert listed("n-officer") == []
    assert listed("n-officer", audience="farm") == [case]
    assert listed("n-farm") == [case]
    assert listed("s-farm") == []
    loan = bank.get("/loans/n-loan", "n-officer").json()["loan"]
    assert loan["open_cases"] == {"red": 0, "orange": 0, "yellow": 0, "blue": 0}
    assert [t for t in bank.get("/today", "n-officer").json()["tasks"] if t["case_id"] == case] == []
    assert step(bank, case, "n-farm", "acknowledge").status_code == 200


def test_planned_work_is_announced_shown_and_ended_early_with_who_did_so(bank: Bank) -> None:
    made = bank.post("/silences", "n-officer", **work())
    assert made.status_code == 201, made.text
    silence = made.json()
    assert (silence["farm_zh"] != "", silence["set_by"], silence["in_force"]) == (True, "n-officer", True)
    assert [s["silence_id"] for s in bank.get("/silences", "n-auditor").json()] == [silence["silence_id"]]
    ended = end(bank, silence["silence_id"], "n-risk").json()
    assert (ended["in_force"], ended["ended_by"]) == (False, "n-risk")
    assert bank.get("/silences", "n-officer").json() == []
    assert len(bank.get("/silences", "n-officer", also_over=True).json()) == 1
    assert end(bank, silence["silence_id"], "n-risk").status_code == 409


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"ends_at": (NOW + 13 * HOUR).isoformat()}, 422, "12 hours at most"),
        ({"rules": ["group_removal"]}, 422, "cannot explain group_removal"),
        ({"work": "planned_move"}, 422, "approved movement"),
        ({"work": "planned_move", "movement_id": "none"}, 422, "approved movement"),
        ({"farm_id": "misty"}, 404, "no such farm"),
        ({"loan_id": "s-loan"}, 404, "no such loan"),
        ({"why": ""}, 422, "why"),
        ({"starts_at": "2026-06-01T12:00:00"}, 422, "starts_at"),
    ],
)
def test_a_silence_that_may_not_be_is_refused_with_the_reason(
    bank: Bank, changed: dict[str, Any], status: int, says: str
) -> None:
    refused = bank.post("/silences", "n-officer", **work(**changed))
    assert (refused.status_code, says in refused.json()["detail"]) == (status, True), refused.text


def test_a_planned_move_needs_an_approved_movement_of_that_farm(bank: Bank) -> None:
    approved(bank, ["n-animal-0"])
    approved(bank, ["s-animal-0"], "m2")
    assert bank.post("/silences", "n-officer", **work(work="planned_move", movement_id="m1")).status_code == 201
    assert bank.post("/silences", "n-officer", **work(work="planned_move", movement_id="m2")).status_code == 422


def test_no_branch_sees_or_ends_another_branchs_silence(bank: Bank) -> None:
    number = bank.post("/silences", "n-officer", **work()).json()["silence_id"]
    assert bank.get("/silences", "s-officer", also_over=True).json() == []
    assert end(bank, number, "s-risk").status_code == 404
    assert bank.get("/silences", "n-officer").json()[0]["in_force"]


def test_farm_hands_and_auditors_silence_nothing(bank: Bank) -> None:
    assert {bank.post("/silences", f"n-{role}", **work()).status_code for role in ("farm", "auditor")} == {403}
    assert {bank.get(door, "n-farm").status_code for door in ("/silences", "/rules/precision", "/sla")} == {403}


def test_what_people_said_of_cases_is_the_precision_of_the_rule(bank: Bank) -> None:
    for number in range(4):
        case = open_case(bank.dsn, rule="count_gap")
        bank.post(f"/alerts/{case}/acknowledge", "n-officer")
        disposition = "false_alarm" if number == 3 else "confirmed"
        bank.post(f"/alerts/{case}/resolve", "n-officer", disposition=disposition, note="went there")
    open_case(bank.dsn, rule="count_gap")
    open_case(bank.dsn, "s", rule="count_gap")
    until = (NOW + HOUR).isoformat()
    report = bank.get("/rules/precision", "n-auditor", until=until).json()
    (line,) = report["rules"]
    assert (line["rule"], line["alerts"], line["confirmed"], line["false_alarms"]) == ("count_gap", 5, 3, 1)
    assert (line["precision"], line["low"], line["high"]) == (
        0.75,
        pytest.approx(0.3006, abs=1e-4),
        pytest.approx(0.9544, abs=1e-4),
    )
    assert [(week["monday"], len(week["rules"])) for week in report["weeks"]] == [("2026-06-01", 1)]


def test_the_sla_report_counts_who_was_in_time(bank: Bank) -> None:
    first = open_case(bank.dsn, severity=Severity.RED, rule="one")
    open_case(bank.dsn, severity=Severity.RED, rule="two")
    bank.post(f"/alerts/{first}/acknowledge", "n-officer")
    report = bank.get("/sla", "n-auditor", until=(NOW + HOUR).isoformat()).json()
    red = report["levels"][0]
    assert (red["severity"], red["cases"], red["in_time"], red["late"]) == ("red", 2, 1, 0)
    assert red["acknowledge_worst_s"] == 0.0
    assert bank.get("/sla", "n-auditor", since=NOW.isoformat(), until=NOW.isoformat()).status_code == 422
