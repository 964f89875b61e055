"""The rules about money and papers: their steps, and what they keep quiet about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from collateral.anomaly.lending.arrears import arrears, least_class
from collateral.anomaly.lending.concentration import concentration
from collateral.anomaly.lending.insurance_gap import insurance_gap
from collateral.anomaly.lending.price_ltv import price_ltv
from collateral.anomaly.lending.registration import registration
from collateral.anomaly.rules import loan_findings
from collateral.facts.loan import (
    CoreBanking,
    Dimension,
    FiveClass,
    InsurancePolicy,
    LoanFacts,
    PortfolioShare,
    RegistryFiling,
)
from collateral.model.finding import Finding, Severity, Witness
from collateral.model.herd import Species
from tests.loans import BEGIN, HEAD, LI, facts, falling, loan, series

BLUE, YELLOW, ORANGE, RED = Severity
DAY = timedelta(days=1)
PRICE = series((BEGIN - 40 * DAY, LI), (BEGIN, LI))


def levels(found: list[Finding]) -> list[Severity]:
    return [f.severity for f in found]


def policy(ends_in: int, *, head: int = HEAD, begins: date = BEGIN - 300 * DAY, number: str = "P1", **differing: Any) -> InsurancePolicy:  # fmt: skip
    usual: dict[str, Any] = {"species": Species.CATTLE, "bank_is_first_beneficiary": True, "insurer": "insurer"}
    return InsurancePolicy(
        policy_no=number, insured_head=head, begins_on=begins, ends_on=BEGIN + ends_in * DAY, **(usual | differing)
    )


def overdue(days: int, five_class: FiveClass = FiveClass.NORMAL, agreed: bool | None = True) -> CoreBanking:
    return CoreBanking(on=BEGIN, overdue_days=days, five_class=five_class, drawdown_as_agreed=agreed)


def filed(ends_in: int) -> RegistryFiling:
    return RegistryFiling(registration_no="R1", filed_on=BEGIN - 300 * DAY, ends_on=BEGIN + ends_in * DAY)


def test_a_sound_loan_says_nothing() -> None:
    sound = facts(
        prices=[PRICE], policies=[policy(200)], filings=(filed(200),), core_banking=overdue(0),
    )  # fmt: skip
    assert loan_findings(sound) == []


def test_a_loan_of_which_nothing_is_on_record_says_nothing() -> None:
    assert loan_findings(facts(prices=[])) == []


@pytest.mark.parametrize(
    ("balance", "level"), [(0.65, []), (0.6501, [YELLOW]), (0.70, [YELLOW]), (0.7001, [ORANGE]), (0.8001, [RED])]
)  # fmt: skip
def test_a_ratio_is_above_a_limit_only_beyond_it(balance: float, level: list[Severity]) -> None:
    assert levels(price_ltv(facts(prices=[PRICE], of=loan(round(balance * 680_760_000))))) == level


def test_a_stale_price_proves_no_fall_but_the_ratio_still_stands_on_it() -> None:
    crash = falling(0.16, 28)
    assert levels(price_ltv(facts(BEGIN + 30 * DAY, prices=[crash]))) == [RED]
    (later,) = price_ltv(facts(BEGIN + 44 * DAY, prices=[crash]))
    assert (later.severity, later.figures["price_change"], later.figures["is_stale"]) == (ORANGE, None, True)


@pytest.mark.parametrize(
    ("ends_in", "level"), [(31, []), (30, [BLUE]), (8, [BLUE]), (7, [YELLOW]), (0, [YELLOW]), (-1, [RED])]
)
def test_insurance_is_announced_to_end_by_steps(ends_in: int, level: list[Severity]) -> None:
    found = insurance_gap(facts(prices=[PRICE], policies=[policy(ends_in)]))
    assert levels(found) == level
    if level == [RED]:
        assert {t.witness for t in found[0].testimonies} == {Witness.DOCUMENT, Witness.TAG}


def test_a_lapse_without_a_herd_that_testifies_is_orange() -> None:
    assert levels(insurance_gap(facts(prices=[PRICE], policies=[policy(-1)], evidenced=False))) == [ORANGE]


def test_a_policy_that_follows_without_a_break_keeps_the_end_quiet_and_one_after_a_gap_does_not() -> None:
    following = policy(300, begins=BEGIN + 6 * DAY, number="P2")
    assert insurance_gap(facts(prices=[PRICE], policies=[policy(5), following])) == []
    assert levels(insurance_gap(facts(prices=[PRICE], policies=[policy(4), following]))) == [YELLOW]


def test_too_few_insured_or_another_beneficiary_is_orange() -> None:
    assert levels(insurance_gap(facts(prices=[PRICE], policies=[policy(200, head=HEAD - 1)]))) == [ORANGE]
    other = policy(200, bank_is_first_beneficiary=False)
    assert levels(insurance_gap(facts(prices=[PRICE], policies=[other]))) == [ORANGE]
    both = [policy(200, head=HEAD - 1), policy(200, head=1, number="P2", species=None)]
    assert insurance_gap(facts(prices=[PRICE], policies=both)) == []


@pytest.mark.parametrize(
    ("days", "level"), [(0, []), (1, [YELLOW]), (30, [YELLOW]), (31, [ORANGE]), (90, [ORANGE]), (91, [RED])]
)
def test_arrears_grow_graver_by_days(days: int, level: list[Severity]) -> None:
    found = arrears(facts(core_banking=overdue(days)))
    assert levels(found) == level
    if days == 91:
        assert (found[0].figures["least_class"], found[0].figures["class_change"]) == ("substandard", True)


def test_a_misused_drawdown_is_orange_and_an_unexamined_one_is_not() -> None:
    assert levels(arrears(facts(core_banking=overdue(0, agreed=False)))) == [ORANGE]
    assert arrears(facts(core_banking=overdue(0, agreed=None))) == []


def test_the_classes_follow_the_rules_of_2023() -> None:
    worst = [least_class(days) for days in (0, 1, 90, 91, 270, 271, 360, 361)]
    assert [str(c) for c in worst] == [
        "normal", "special_mention", "special_mention", "substandard", "substandard", "doubtful", "doubtful", "loss",
    ]  # fmt: skip


@pytest.mark.parametrize(("ends_in", "level"), [(61, []), (60, [BLUE]), (30, [YELLOW]), (7, [ORANGE]), (-5, [ORANGE])])
def test_a_registration_is_announced_to_end_by_steps(ends_in: int, level: list[Severity]) -> None:
    assert levels(registration(facts(filings=(filed(ends_in),)))) == level
    assert registration(facts(filings=(filed(ends_in), filed(200)))) == []
    assert registration(facts(filings=(filed(ends_in),), of=loan(0))) == []


def _hanging(share: float, loans: int = 12, largest: bool = True) -> LoanFacts:
    one = PortfolioShare(dimension=Dimension.FARM, name="f1", share=share, loans=loans, is_largest=largest)
    return replace(facts(), shares=(one,))


def test_concentration_speaks_once_per_group_and_only_of_a_portfolio_that_could_be_spread() -> None:
    assert levels(concentration(_hanging(0.21))) == [YELLOW]
    assert concentration(_hanging(0.20)) == []
    assert concentration(_hanging(0.9, loans=9)) == []
    assert concentration(_hanging(0.9, largest=False)) == []
