"""What rules rest on can be read, limits are set by those who may, and grades are kept with their reasons."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from collateral.model.herd import Species
from collateral.model.ids import FarmId, LoanId
from collateral.scoring.score import score
from collateral.scoring.standing import Standing
from collateral.store import early_warnings, pool, rule_limits
from tests.integration.api import NOW, Bank, open_bank

GOOD = Standing(
    loan_id=LoanId("n-loan"), as_of=NOW - timedelta(hours=2), species=Species.CATTLE, coverage=0.99, short_share=0.0,
    short_proved=False, ltv_margin=0.2, overdue_days=0,
)  # fmt: skip


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def put(bank: Bank, login: str, rule: str, field: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = bank.client.put(
        f"/v1/rules/{rule}/limits/{field}", json={"why": "pilot data", **body}, headers=bank._as(login)
    )
    return answer.status_code, answer.json()


def test_every_rule_tells_what_it_rests_on(bank: Bank) -> None:
    rules = bank.get("/rules", "n-officer").json()
    assert [rule["number"] for rule in rules] == sorted(
        (rule["number"] for rule in rules), key=lambda number: int(number[1:])
    )
    left = next(rule for rule in rules if rule["name"] == "left_fence")
    assert left["parts"]["Source"]
    assert {"lorry_kmh", "several"} <= {limit["field"] for limit in left["limits"]}
    assert bank.get("/rules", "n-farm").status_code == 403


def test_a_farms_limit_goes_over_the_banks_and_the_past_still_knows_what_held(bank: Bank) -> None:
    assert put(bank, "all-admin", "left_fence", "several", value=5)[0] == 200
    assert put(bank, "n-risk", "left_fence", "several", value=4, farm_id="sunny")[0] == 200
    with pool.connect(bank.dsn) as connection:
        held = rule_limits.held(connection, NOW)
        assert rule_limits.overrides(held, FarmId("sunny")) == {"left_fence": {"several": 4}}
        assert rule_limits.overrides(held, FarmId("misty")) == {"left_fence": {"several": 5}}
        assert rule_limits.held(connection, NOW - timedelta(seconds=1)) == []


def test_a_limit_set_back_to_nothing_is_the_default_again(bank: Bank) -> None:
    put(bank, "n-risk", "left_fence", "several", value=4, farm_id="sunny")
    status, _ = put(bank, "n-risk", "left_fence", "several", value=None, farm_id="sunny")
    assert status == 200
    with pool.connect(bank.dsn) as connection:
        assert rule_limits.overrides(rule_limits.held(connection, NOW), FarmId("sunny")) == {}


@pytest.mark.parametrize(
    ("login", "rule", "field", "body", "status"),
    [
        ("n-officer", "left_fence", "several", {"value": 4, "farm_id": "sunny"}, 403),
        ("n-risk", "left_fence", "several", {"value": 4}, 403),
        ("n-risk", "left_fence", "several", {"value": 4, "farm_id": "misty"}, 404),
        ("n-risk", "no_such_rule", "several", {"value": 4, "farm_id": "sunny"}, 404),
        ("n-risk", "left_fence", "severl", {"value": 4, "farm_id": "sunny"}, 422),
        ("n-risk", "left_fence", "several", {"value": "four", "farm_id": "sunny"}, 422),
        ("n-risk", "left_fence", "several", {"value": 4, "farm_id": "sunny", "why": ""}, 422),
    ],
)
def test_who_may_not_or_asks_for_what_cannot_be_is_told_so(
    bank: Bank, login: str, rule: str, field: str, body: dict[str, object], status: int
) -> None:
    answered, problem = put(bank, login, rule, field, **body)
    assert (answered, bool(problem["detail"])) == (status, True)


def test_grades_are_kept_with_their_reasons_and_a_peak_is_not_lost_between(bank: Bank) -> None:
    with pool.connect(bank.dsn) as connection:
        for minutes in range(0, 100, 10):
            bad = minutes == 50
            standing = replace(GOOD, as_of=GOOD.as_of + timedelta(minutes=minutes), ltv_margin=-0.1 if bad else 0.2)
            early_warnings.add(connection, score(standing))
        assert early_warnings.last(connection, NOW)[LoanId("n-loan")][1] == "normal"
    course = bank.get("/loans/n-loan/early-warning", "n-officer", days=90).json()["points"]
    assert max(course, key=lambda point: point["score"])["reasons"][0]["indicator"] == "ltv"
    assert course[-1]["grade"] == "normal"
    assert bank.get("/loans/n-loan/early-warning", "s-officer").status_code == 404
