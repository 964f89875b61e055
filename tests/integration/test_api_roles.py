"""Every role at every door, and no branch through another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collateral.model.finding import Severity
from tests.integration.api import Bank, open_bank, open_case, sha_of

ROLES = ("officer", "risk", "auditor", "admin", "farm")
HANDLERS = {"officer", "risk", "admin"}
BANK = {"officer", "risk", "auditor", "admin"}


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def test_every_role_finds_its_own_doors_open_and_the_others_shut(bank: Bank) -> None:
    case = open_case(bank.dsn)
    doors = {
        "/me": set(ROLES), "/today": set(ROLES), "/loans": BANK, "/loans/n-loan": BANK, "/loans/n-loan/coverage": BANK,
        "/herds": set(ROLES), "/farms/sunny/map": set(ROLES), "/alerts": set(ROLES), f"/alerts/{case}": set(ROLES),
        "/counts": set(ROLES), "/devices": set(ROLES), f"/evidence/{sha_of('n-cam')}": set(ROLES),
        "/cameras/n-cam/counts": set(ROLES),
    }  # fmt: skip
    answered = {(role, door): bank.get(door, f"n-{role}").status_code for role in ROLES for door in doors}
    assert answered == {(role, door): 200 if role in doors[door] else 403 for role in ROLES for door in doors}


def test_nobody_enters_without_logging_in_but_the_probes(bank: Bank) -> None:
    doors = (
        "/me", "/today", "/loans", "/loans/n-loan", "/herds", "/farms/sunny/map", "/alerts", "/alerts/1", "/counts",
        "/devices", f"/evidence/{sha_of('n-cam')}", f"/evidence/{sha_of('n-cam')}/record", "/cameras/n-cam/counts",
    )  # fmt: skip
    assert {bank.get(door).status_code for door in doors} == {401}
    assert {bank.post(f"/alerts/1/{move}").status_code for move in ("acknowledge", "resolve")} == {401}
    assert bank.get("/health").status_code == bank.get("/metrics").status_code == 200


def test_who_may_handle_cases_may_and_the_others_may_not(bank: Bank) -> None:
    rules = {role: open_case(bank.dsn, rule=f"rule-{role}") for role in ROLES}
    taken = {role: bank.post(f"/alerts/{case}/acknowledge", f"n-{role}").status_code for role, case in rules.items()}
    assert taken == {role: 200 if role in HANDLERS else 403 for role in ROLES}
    body = {"disposition": "explained", "note": "moved to the winter pen"}
    closed = {
        role: bank.post(f"/alerts/{case}/resolve", f"n-{role}", **body).status_code for role, case in rules.items()
    }
    assert closed == {role: 200 if role in HANDLERS else 403 for role in ROLES}


def test_a_red_case_is_proposed_by_one_and_closed_by_another_of_risk_staff(bank: Bank) -> None:
    case = open_case(bank.dsn, severity=Severity.RED)
    seen = bank.post(f"/alerts/{case}/acknowledge", "n-officer").json()
    assert (seen["may_acknowledge"], seen["may_resolve"]) == (False, True)
    body = {"disposition": "confirmed", "cause": "theft", "note": "police called"}
    proposed = bank.post(f"/alerts/{case}/resolve", "n-officer", **body).json()
    assert (proposed["summary"]["state"], proposed["summary"]["stage"]) == ("acknowledged", "mitigating")
    assert (proposed["summary"]["decided_by"], proposed["may_resolve"]) == ("n-officer", False)
    for login in ("n-officer", "n-admin"):
        refused = bank.post(f"/alerts/{case}/resolve", login, **body)
        assert (refused.status_code, refused.json()["title"]) == (403, "Not allowed")
        assert "risk staff" in refused.json()["detail"]
    resolved = bank.post(f"/alerts/{case}/resolve", "n-risk", **body).json()
    assert (resolved["summary"]["state"], resolved["events"][-1]["actor"]) == ("resolved", "n-risk")


def test_risk_staff_who_proposed_to_close_a_red_case_need_a_second_of_them(bank: Bank) -> None:
    case = open_case(bank.dsn, severity=Severity.RED)
    bank.post(f"/alerts/{case}/acknowledge", "n-risk")
    body = {"disposition": "false_alarm", "note": "counted by hand"}
    assert bank.post(f"/alerts/{case}/resolve", "n-risk", **body).json()["summary"]["state"] == "acknowledged"
    assert "second person" in bank.post(f"/alerts/{case}/resolve", "n-risk", **body).json()["detail"]
    assert bank.post(f"/alerts/{case}/resolve", "all-risk", **body).json()["summary"]["state"] == "resolved"


FOREIGN = (
    "/loans/s-loan", "/loans/s-loan/coverage", "/farms/misty/map", "/alerts/{south}", "/evidence/{picture}",
    "/evidence/{picture}/record", "/cameras/s-cam/counts",
)  # fmt: skip


@pytest.mark.parametrize("role", ["officer", "risk", "auditor", "admin"])
def test_twenty_guesses_at_another_branch_find_nothing(bank: Bank, role: str) -> None:
    south = open_case(bank.dsn, "s")
    doors = [door.format(south=south, picture=sha_of("s-cam")) for door in FOREIGN]
    # The answer for what belongs to others is that for what does not exist, to the letter.
    nothing = [
        "/loans/none", "/loans/none/coverage", "/farms/none/map", "/alerts/999999", f"/evidence/{'0' * 64}",
        f"/evidence/{'0' * 64}/record", "/cameras/none/counts",
    ]  # fmt: skip
    foreign = [bank.get(door, f"n-{role}") for door in doors]
    absent = [bank.get(door, f"n-{role}") for door in nothing]
    assert [(a.status_code, a.json()) for a in foreign] == [(a.status_code, a.json()) for a in absent]
    assert {a.status_code for a in foreign} == {404}
    assert bank.get("/counts", f"n-{role}", camera_id="s-cam").json() == []
    assert bank.get("/counts", f"n-{role}", pen_id="s-sty").json() == []
    assert bank.get("/alerts", f"n-{role}", loan_id="s-loan").json() == []


@pytest.mark.parametrize("path", ["/loans", "/herds", "/alerts", "/counts", "/devices", "/today"])
def test_no_list_names_anything_of_another_branch(bank: Bank, path: str) -> None:
    open_case(bank.dsn, "n")
    open_case(bank.dsn, "s")
    for role in ROLES:
        text = bank.get(path, f"n-{role}").text
        assert not [name for name in ("s-loan", "misty", "s-cam", "s-gw", "s-pen", "south", "南支行") if name in text]


def test_a_foreign_case_cannot_be_moved_and_stays_as_it_was(bank: Bank) -> None:
    south = open_case(bank.dsn, "s")
    assert bank.post(f"/alerts/{south}/acknowledge", "n-officer").status_code == 404
    body = {"disposition": "false_alarm", "note": "nothing"}
    assert bank.post(f"/alerts/{south}/resolve", "n-risk", **body).status_code == 404
    detail = bank.get(f"/alerts/{south}", "s-officer").json()
    assert (detail["summary"]["state"], detail["events"]) == ("open", [])


def test_head_office_sees_both_branches(bank: Bank) -> None:
    for role in ("risk", "auditor", "admin"):
        assert [loan["loan_id"] for loan in bank.get("/loans", f"all-{role}").json()] == ["n-loan", "s-loan"]


def test_a_farm_hand_sees_the_case_without_the_figures_of_the_bank(bank: Bank) -> None:
    case = open_case(bank.dsn)
    detail = bank.get(f"/alerts/{case}", "n-farm").json()
    summary = detail["summary"]
    bare = {summary[name] for name in ("loan_id", "contract_no", "borrower_zh", "coverage_before", "coverage_after")}
    assert (bare, summary["value_affected_minor"]) == ({None}, 0)
    assert [animal["value_minor"] for animal in detail["animals"]] == [0]
    assert (detail["figures"], detail["testimonies"][0]["particulars"]) == ({"silent": 1}, {"silent": 1})
    assert bank.get("/alerts", "n-farm", loan_id="n-loan").json() == []
    assert bank.get("/today", "n-farm").json()["loans"] == 0
