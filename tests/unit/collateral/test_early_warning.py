"""A loan's early-warning score: honest loans are normal, what is worse scores no less, and every point has a reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.model.finding import Severity
from collateral.model.herd import Species
from collateral.model.ids import LoanId
from collateral.scoring.ladder import Ladder, together
from collateral.scoring.packs import PACKS, BankThresholds
from collateral.scoring.score import MODEL_OF_RULE, score
from collateral.scoring.standing import Standing

RULES = sorted({*MODEL_OF_RULE, "group_removal", "count_gap"})
GOOD = Standing(
    loan_id=LoanId("L1"), as_of=datetime(2026, 3, 1, tzinfo=UTC), species=Species.CATTLE, coverage=0.985,
    short_share=0.0, short_proved=False, ltv_margin=0.15, overdue_days=0,
)  # fmt: skip
shares = st.floats(0, 1)
standings = st.builds(
    replace, st.just(GOOD), species=st.sampled_from(Species), coverage=st.none() | shares,
    short_share=st.none() | shares, short_proved=st.booleans(), ltv_margin=st.none() | st.floats(-2, 1),
    overdue_days=st.none() | st.integers(0, 1_000),
    open_cases=st.lists(st.tuples(st.sampled_from(RULES), st.sampled_from(Severity)), max_size=4).map(
        tuple
    ),
)  # fmt: skip


def test_a_loan_with_nothing_against_it_is_normal_and_gives_no_reasons() -> None:
    result = score(GOOD)
    assert (result.word, result.score, result.reasons, result.unknown) == ("normal", 0.0, (), ())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"coverage": 0.94}, "blue"),
        ({"coverage": 0.89}, "yellow"),
        ({"ltv_margin": 0.05}, "yellow"),
        ({"ltv_margin": 0.0}, "orange"),
        ({"ltv_margin": -0.10}, "red"),
        ({"short_share": 0.05, "short_proved": True}, "orange"),
        ({"short_share": 0.05, "short_proved": False}, "blue"),
        ({"overdue_days": 1}, "yellow"),
        ({"overdue_days": 91}, "red"),
        ({"open_cases": (("group_removal", Severity.RED),)}, "red"),
        ({"open_cases": (("tag_silence", Severity.BLUE),)}, "normal"),
    ],
)
def test_each_level_of_the_risk_table_gives_its_grade(change: dict[str, object], word: str) -> None:
    assert score(replace(GOOD, **change)).word == word  # type: ignore[arg-type]


def test_two_matters_weigh_more_than_either_and_the_gravest_is_named_first() -> None:
    result = score(replace(GOOD, ltv_margin=0.0, open_cases=(("outbreak", Severity.YELLOW),)))
    assert result.score > 60
    assert [reason.indicator for reason in result.reasons] == ["ltv", "outbreak"]
    assert result.models == {"collateral": 0.0, "operation": 35.0, "repayment": 60.0}


def test_disease_weighs_more_on_a_loan_on_pigs() -> None:
    sick = replace(GOOD, open_cases=(("outbreak", Severity.RED),))
    assert score(replace(sick, species=Species.PIG)).score > score(sick).score


def test_a_bank_may_set_its_own_thresholds() -> None:
    strict = BankThresholds(grades={Severity.RED: 50.0})
    assert score(replace(GOOD, ltv_margin=0.0), strict).word == "red"


def test_what_is_not_known_is_said() -> None:
    assert score(replace(GOOD, coverage=None, overdue_days=None)).unknown == ("coverage", "overdue")


@given(standings)
def test_a_score_stays_within_its_scale_and_its_reasons_are_in_order(standing: Standing) -> None:
    result = score(standing)
    assert 0 <= result.score <= 100
    points = [reason.points for reason in result.reasons]
    assert points == sorted(points, reverse=True)
    assert bool(points) == (result.score > 0)


@given(standings, st.sampled_from(RULES), st.sampled_from(Severity))
def test_one_more_case_never_makes_a_loan_look_better(standing: Standing, rule: str, severity: Severity) -> None:
    worse = replace(standing, open_cases=(*standing.open_cases, (rule, severity)))
    assert score(worse).score >= score(standing).score


@given(standings, shares)
def test_less_coverage_never_makes_a_loan_look_better(standing: Standing, coverage: float) -> None:
    better, worse = sorted([standing.coverage or 0.0, coverage], reverse=True)
    assert score(replace(standing, coverage=worse)).score >= score(replace(standing, coverage=better)).score


def test_every_species_has_a_pack_for_every_model() -> None:
    assert set(PACKS) == set(Species)
    assert {tuple(sorted(pack.weights)) for pack in PACKS.values()} == {("collateral", "operation", "repayment")}


def test_a_ladder_must_rise() -> None:
    with pytest.raises(ValueError, match="rises"):
        Ladder(0, 1, 1, 2, 3)
    assert together([]) == 0
