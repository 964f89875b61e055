"""Prices and papers fed in from sheets, and what the interface then says a loan is worth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from collateral.anomaly.rules import loan_findings
from collateral.facts.loan import Dimension, Ineligible
from collateral.store import loan_facts, pool, valuations
from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import read
from firmware_sim import pilot
from firmware_sim.enrol import enrol
from firmware_sim.papers import papers
from monitor_api import __main__ as command
from monitor_api import load_pilot
from tests.integration.api import NOW, Bank, known_hash, open_bank, open_case
from tests.integration.enrolments import GROUP, HEAD

TODAY = NOW.date()
PRICES = "species,source,priced_on,yuan_per_kg\n"
POLICIES = "policy_no,loan_id,insurer,species,insured_head,begins_on,ends_on,bank_is_first_beneficiary\n"


@pytest.fixture
def bank(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    with open_bank(database) as opened:
        yield opened


@pytest.fixture
def feed(bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Feeds a sheet; gives the exit status and what was said as JSON."""

    def feeding(kind: str, text: str, *options: str) -> tuple[int, dict[str, Any]]:
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        status = command.main(["feed", kind, str(file), "--json", *options])
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return status, said

    return feeding


def _counts(said: dict[str, Any]) -> tuple[int, int, int, int]:
    return said["new"], said["changed"], said["same"], len(said["faults"])


def _cattle_at(yuan: float, days_ago: int = 1) -> str:
    return f"cattle,market,{TODAY - timedelta(days=days_ago)},{yuan}\n"


def test_a_dry_run_writes_nothing_a_run_writes_the_good_rows_and_again_changes_nothing(bank: Bank, feed: Any) -> None:
    sheet = PRICES + _cattle_at(30) + _cattle_at(29, 8) + "goat,market,2026-05-01,9\n"
    assert (feed("prices", sheet, "--dry-run")[0], _counts(feed("prices", sheet, "--dry-run")[1])) == (1, (2, 0, 0, 1))
    assert _counts(feed("prices", sheet)[1]) == (2, 0, 0, 1)
    assert _counts(feed("prices", sheet)[1]) == (0, 0, 2, 1)
    assert feed("prices", PRICES + _cattle_at(31) + _cattle_at(29, 8))[0] == 0
    status, said = feed("prices", PRICES + _cattle_at(30) + _cattle_at(29, 8))
    assert (status, _counts(said)) == (0, (0, 1, 1, 0))


def test_papers_of_what_is_not_enrolled_are_refused_row_by_row(bank: Bank, feed: Any) -> None:
    rows = "P1,n-loan,i,cattle,5,2026-01-01,2027-01-01,yes\nP2,x-loan,i,,5,2026-01-01,2027-01-01,yes\n"
    _, said = feed("policies", POLICIES + rows)
    assert _counts(said) == (1, 0, 0, 1)
    assert said["faults"][0] == {
        "line": 3,
        "column": "loan_id",
        "why": "there is no loan x-loan; enrol it first, or correct the name",
    }
    weighed = f"animal_id,group_id,weighed_on,weight_kg,source\nn-animal-0,,{TODAY},500,scale\n,s-pigs,{TODAY},90,scale\nq,,{TODAY},9,scale\n"
    _, said = feed("weighings", weighed)
    assert (_counts(said), said["faults"][0]["column"]) == ((2, 0, 0, 1), "animal_id")
    assert _counts(feed("weighings", weighed)[1]) == (0, 0, 2, 1)


def test_a_file_of_another_kind_is_refused_whole(
    bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    assert command.main(["feed", "filings", str(file)]) == 1
    assert "lacks registration_no" in capsys.readouterr().err
    assert command.main(["feed", "all", str(tmp_path)]) == 1


def test_without_a_price_a_loan_stands_at_the_value_of_its_pledges(bank: Bank) -> None:
    said = bank.get("/loans/n-loan/valuation", "n-officer").json()
    assert (said["value_minor"], said["lines"][0]["priced_on"], said["is_insurance_known"]) == (9_000_000, None, False)
    assert said["ltv"] == pytest.approx(4 / 9)
    # The last of six was never heard.
    assert said["ineligible"] == [{"reason": "unseen", "head": 1, "value_minor": 1_500_000}]
    assert (said["eligible_head"], said["eligible_minor"]) == (5, 7_500_000)
    assert said["available_minor"] == 7_500_000 * 7 // 10 - 4_000_000


def test_a_price_and_a_weighing_change_what_a_loan_is_worth(bank: Bank, feed: Any) -> None:
    feed("prices", PRICES + _cattle_at(20))
    said = bank.get("/loans/n-loan/valuation", "n-officer").json()
    assert (said["value_minor"], said["lines"][0]["mean_weight_kg"]) == (HEAD * 450 * 20 * 100, 450.0)
    assert said["prices"][0]["points"] == [{"on": str(TODAY - timedelta(days=1)), "li_per_kg": 20_000}]
    feed("weighings", f"animal_id,weighed_on,weight_kg,source\nn-animal-0,{TODAY - timedelta(days=10)},500,scale\n")
    grown = bank.get("/loans/n-loan/valuation", "n-officer").json()["value_minor"]
    assert grown == (5 * 450_000 + 515_500) * 20_000 // 10_000


def test_an_open_case_makes_the_animals_it_names_ineligible_until_it_is_resolved(bank: Bank) -> None:
    # Rules are known by their numbers here, so that a rule may be renamed: R1 says that an animal has left.
    number = open_case(bank.dsn, rule="left_fence")
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE supervision_case SET animals = '{n-animal-0}' WHERE case_id = %s", (number,))
        before = bank.get("/loans/n-loan/borrowing-base", "n-officer").json()
        assert [(one["reason"], one["head"]) for one in before["ineligible"]] == [("missing", 1), ("unseen", 1)]
        connection.execute(
            "UPDATE supervision_case SET stage = 'closed', closed_at = now() WHERE case_id = %s", (number,)
        )
    after = bank.get("/loans/n-loan/borrowing-base", "n-officer").json()
    assert after["available_minor"] - before["available_minor"] == 1_500_000 * 7 // 10
    assert after["sha256"] != before["sha256"]
    assert after == bank.get("/loans/n-loan/borrowing-base", "n-officer").json()


def test_tags_taken_off_and_a_group_that_no_camera_sees_do_not_count(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE tag_assignment SET until = %s WHERE animal_id = 's-animal-0'", (NOW,))
        said = bank.get("/loans/s-loan/valuation", "s-officer").json()
        assert [(one["reason"], one["head"]) for one in said["ineligible"]] == [("untagged", 1), ("unseen", 1)]
        connection.execute("DELETE FROM head_count")
    said = bank.get("/loans/s-loan/valuation", "s-officer").json()
    assert [(one["reason"], one["head"]) for one in said["ineligible"]] == [("untagged", 1), ("unseen", 1 + GROUP)]


def test_a_falling_market_gives_a_forecast_and_a_finding(bank: Bank, feed: Any) -> None:
    weeks = [PRICES] + [_cattle_at(round(25 - 0.8 * n, 2), 7 * (13 - n)) for n in range(14)]
    feed("prices", "".join(weeks))
    told = bank.get("/loans/n-loan/forecast", "n-officer").json()
    assert (told["points"][0]["week"], len(told["points"])) == (0, 27)
    assert told["breach_earliest"] is not None
    assert told["breach_earliest"] <= (told["breach_median"] or 27)
    with pool.connect(bank.dsn) as connection:
        (finding,) = [f for facts in loan_facts.gather(connection, NOW) for f in loan_findings(facts)]
    assert (finding.rule, finding.loan_id) == ("price_ltv", "n-loan")


def test_one_gathering_holds_all_loans_with_their_papers_and_shares(bank: Bank, feed: Any) -> None:
    feed("policies", POLICIES + "P1,n-loan,i,cattle,4,2026-01-01,2027-01-01,yes\n")
    feed("filings", "registration_no,loan_id,filed_on,ends_on\nR1,n-loan,2026-01-02,2027-01-02\n")
    feed(
        "core-banking",
        f"loan_id,status_on,overdue_days,five_class,supervisor\nn-loan,{TODAY},3,special_mention,Org A\nn-loan,{TODAY - timedelta(days=1)},2,special_mention,\n",
    )
    with pool.connect(bank.dsn) as connection:
        north, south = loan_facts.gather(connection, NOW)
    assert (north.loan.loan_id, north.farms, north.head) == ("n-loan", ("sunny",), HEAD)
    assert [(i.reason, i.head) for i in north.ineligible] == [(Ineligible.UNSEEN, 1), (Ineligible.UNINSURED, 1)]
    assert (north.filings[0].registration_no, north.policies[0].insured_head) == ("R1", 4)
    assert north.core_banking is not None
    assert (north.core_banking.overdue_days, north.core_banking.supervisor) == (3, "Org A")
    assert {(s.dimension, s.name, s.share) for s in north.shares} == {
        (Dimension.FARM, "sunny", 0.5), (Dimension.SPECIES, "cattle", 0.5), (Dimension.COUNTY, "150524", 1.0),
        (Dimension.SUPERVISOR, "Org A", 0.5),
    }  # fmt: skip
    assert (south.head, south.policies, south.core_banking) == (HEAD + GROUP, (), None)


def test_another_branch_sees_neither_values_nor_papers(bank: Bank, feed: Any) -> None:
    feed("policies", POLICIES + "P1,n-loan,i,cattle,4,2026-01-01,2027-01-01,yes\n")
    for page in ("valuation", "forecast", "borrowing-base"):
        assert bank.get(f"/loans/n-loan/{page}", "s-officer").status_code == 404
        assert bank.get(f"/loans/n-loan/{page}", "n-farm").status_code == 403
        assert bank.get(f"/loans/no-loan/{page}", "n-officer").status_code == 404
        assert bank.get(f"/loans/n-loan/{page}", "all-auditor").status_code == 200
    with psycopg.connect(bank.dsn) as connection, connection.transaction():
        connection.execute("SET LOCAL ROLE herdlien_person")
        connection.execute(
            "SELECT set_config('herdlien.branch', 'south', true), set_config('herdlien.farm', '*', true)"
        )
        assert connection.execute("SELECT count(*) FROM insurance_policy").fetchone() == (0,)


def test_the_pilot_with_its_papers_stands_at_its_enrolled_value_and_gives_no_finding(database: str) -> None:
    plan = pilot.read()
    enrolment = enrol(plan, 1, NOW, "herdlien-demo")
    load_pilot.load(database, enrolment, hash_password=known_hash)
    with pool.connect(database) as connection:
        for kind, text in papers(plan, enrolment, 1, NOW).items():
            fed = valuations.feed(connection, kind, read(SHEETS[kind], text.encode(), TODAY))
            assert (fed.changed, fed.same, fed.faults) == (0, 0, ())
        gathered = loan_facts.gather(connection, NOW)
    worth = {loan.loan_id: 0 for loan in enrolment.loans}
    for pledge in enrolment.pledges:
        worth[pledge.loan_id] += pledge.head * pledge.value_per_head_minor
    assert {facts.loan.loan_id: facts.value_minor for facts in gathered} == worth
    assert [finding for facts in gathered for finding in loan_findings(facts)] == []
