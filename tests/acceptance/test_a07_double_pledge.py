"""A7: another bank has pledged 200 of the same animals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from collateral.anomaly.rules import loan_findings
from collateral.book.pledge_match import OwnPledge, RoundKey, own_list
from collateral.model.finding import Severity, Witness
from collateral.model.herd import Species
from collateral.store import loan_facts
from tests.integration.animal_files import ear_tag
from tests.integration.api import NOW, Bank, open_bank

ALIKE, OURS, THEIRS = 200, 230, 350
KEY = RoundKey("2026Q2", bytes(range(32)))
CUSTOMER = "张三肉牛养殖合作社"
BLOCKED = "insured elsewhere by mistake; bank X has confirmed the release in writing"


@pytest.fixture
def bank(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    """Bank Y, whose northern loan is secured by 230 animals; both banks have the key of the round."""
    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", KEY.round)
    monkeypatch.setenv("HERDLIEN_PLEDGE_KEY", KEY.secret.hex())
    with open_bank(database, head=OURS) as opened:
        yield opened


def list_of_bank_x() -> bytes:
    """What bank X sends: its customer's animals, of which 200 are ours too. It knows the customer by name."""
    pledges = [
        OwnPledge(
            loan_id=f"loan of {CUSTOMER}", animal_id=f"{CUSTOMER}-{n}", species=Species.CATTLE, farm_id=CUSTOMER,
            farm_no="150524-0815", since=date(2026, 3, 1), until=date(2027, 3, 1), numbers=(("cn-tag", ear_tag(n)),),
        )
        for n in range(OURS - ALIKE, OURS - ALIKE + THEIRS)
    ]  # fmt: skip
    return own_list(pledges, KEY)


def test_a07_double_pledge_of_200_animals(bank: Bank) -> None:
    assert bank.get("/loans/n-loan/drawdown", "n-officer").json()["allowed"]
    sent = list_of_bank_x()
    assert CUSTOMER not in sent.decode()
    assert not [number for n in range(600) if (number := ear_tag(n)) in sent.decode()]
    taken = bank.send("/partner-lists", sent, "all-risk", partner="BANKX", as_of="2026-05-31").json()
    assert (taken["stored"], taken["faults"], taken["exact_animals"]) == (True, [], ALIKE)

    answer = bank.post("/loans/n-loan/pledge-check", "n-officer")
    check = answer.json()
    assert check["exact_animals"] == len(check["exact"]) == ALIKE
    assert {m["subject"] for m in check["exact"]} == {f"n-animal-{n}" for n in range(OURS - ALIKE, OURS)}
    assert {m["identity"] for m in check["exact"]} == {ear_tag(n) for n in range(OURS - ALIKE, OURS)}
    assert {m["partner"] for m in check["exact"]} == {"BANKX"}
    assert CUSTOMER not in answer.text
    assert not check["drawdown_allowed"]
    with psycopg.connect(bank.dsn) as connection:
        dump = connection.execute("SELECT string_agg(p::text, '') FROM partner_pledge p").fetchone()
        facts = loan_facts.one(connection, "n-loan", NOW)
    assert dump is not None
    assert CUSTOMER not in dump[0]

    assert facts is not None
    (found,) = [f for f in loan_findings(facts) if f.rule == "double_pledge"]
    assert (found.severity, len(found.animals), found.loan_id) == (Severity.ORANGE, ALIKE, "n-loan")

    # The tags of the first five animals are heard; bank X lists one of them from now on too.
    with_heard = own_list([
        OwnPledge(loan_id="", animal_id="", species=Species.CATTLE, farm_id="", farm_no=None, since=date(2026, 3, 1),
                  until=date(2027, 3, 1), numbers=(("cn-tag", ear_tag(n)),)) for n in range(4, OURS)
    ], KEY)  # fmt: skip
    bank.send("/partner-lists", with_heard, "all-risk", partner="BANKX", as_of="2026-06-01")
    with psycopg.connect(bank.dsn) as connection:
        facts = loan_facts.one(connection, "n-loan", NOW)
    assert facts is not None
    (found,) = [f for f in loan_findings(facts) if f.rule == "double_pledge"]
    assert (found.severity, len(found.animals), found.figures["heard"]) == (Severity.RED, 226, 1)
    assert {t.witness for t in found.testimonies} == {Witness.DOCUMENT, Witness.TAG}


def test_a07_the_override_takes_two_people_and_is_on_record(bank: Bank) -> None:
    bank.send("/partner-lists", list_of_bank_x(), "all-risk", partner="BANKX", as_of="2026-05-31")
    path = "/loans/n-loan/drawdown"
    assert not bank.get(path, "n-officer").json()["allowed"]
    assert bank.post(f"{path}/override/confirm", "n-risk", reason=BLOCKED).status_code == 403
    assert bank.post(f"{path}/override", "n-auditor", reason=BLOCKED).status_code == 403
    asked = bank.post(f"{path}/override", "n-risk", reason=BLOCKED).json()
    assert (asked["state"], asked["allowed"], asked["may_confirm"]) == ("override_asked", False, False)

    alone = bank.post(f"{path}/override/confirm", "n-risk", reason=BLOCKED)
    assert (alone.status_code, "two people" in alone.json()["detail"]) == (403, True)
    assert bank.post(f"{path}/override/confirm", "n-officer", reason=BLOCKED).status_code == 403
    passed = bank.post(f"{path}/override/confirm", "n-admin", reason=BLOCKED).json()
    assert (passed["state"], passed["allowed"]) == ("overridden", True)
    assert (passed["asked_by"], passed["confirmed_by"]) == ("n-risk", "n-admin")
    assert [(e["event"], e["actor"], e["note"]) for e in passed["events"]] == [
        ("placed", "pledge check", None), ("override_asked", "n-risk", BLOCKED), ("overridden", "n-admin", BLOCKED)
    ]  # fmt: skip

    # Another look finds what was let pass, and no more; the history cannot be changed.
    again = bank.post("/loans/n-loan/pledge-check", "n-officer").json()
    assert (again["drawdown_allowed"], {m["overridden"] for m in again["exact"]}) == (True, {True})
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        for change in ("UPDATE drawdown_block_event SET actor = 'nobody'", "DELETE FROM drawdown_block_event"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(change)


def test_a07_another_branch_learns_nothing_of_it(bank: Bank) -> None:
    bank.send("/partner-lists", list_of_bank_x(), "all-risk", partner="BANKX", as_of="2026-05-31")
    for door in ("/loans/n-loan/drawdown", "/loans/n-loan/pledge-matches"):
        assert bank.get(door, "s-officer").status_code == 404
        assert bank.get(door, "n-farm").status_code == 403
    assert bank.post("/loans/n-loan/pledge-check", "s-officer").status_code == 404
    assert bank.get("/pledge-list", "n-risk").status_code == 403


def test_a07_the_overview_names_banks_rounds_and_loans_and_nobody_elses_customer(bank: Bank) -> None:
    before = bank.get("/pledge-check", "n-officer").json()
    assert before == {"round": KEY.round, "may_exchange": False, "partners": [], "loans": []}
    sent = list_of_bank_x()
    bank.send("/partner-lists", sent, "all-risk", partner="BANKX", as_of="2026-05-31")
    answer = bank.get("/pledge-check", "all-risk")
    told = answer.json()
    assert (told["may_exchange"], CUSTOMER in answer.text) == (True, False)
    (partner,) = told["partners"]
    assert (partner["partner"], partner["as_of"], partner["rows"], partner["comparable"]) == (
        "BANKX", "2026-05-31", len(sent.splitlines()) - 2, True  # without header and key check
    )  # fmt: skip
    (loan,) = bank.get("/pledge-check", "n-officer").json()["loans"]
    assert (loan["loan_id"], loan["exact_animals"], loan["allowed"], loan["state"]) == (
        "n-loan", ALIKE, False, "standing"
    )  # fmt: skip
    assert bank.get("/pledge-check", "s-officer").json()["loans"] == []
    assert bank.get("/pledge-check", "n-farm").status_code == 403


def test_a07_a_list_of_another_round_is_told_apart(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.send("/partner-lists", list_of_bank_x(), "all-risk", partner="BANKX", as_of="2026-05-31")
    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", "2026Q3")
    (partner,) = bank.get("/pledge-check", "n-officer").json()["partners"]
    assert (partner["round"], partner["comparable"]) == ("2026Q2", False)
    monkeypatch.delenv("HERDLIEN_PLEDGE_ROUND")
    monkeypatch.delenv("HERDLIEN_PLEDGE_KEY")
    assert bank.get("/pledge-check", "n-officer").json()["round"] is None
