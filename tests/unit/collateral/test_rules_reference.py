"""The page about the rules is that of the code, and every rule says what it rests on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from collateral.anomaly import rules
from collateral.anomaly.reference import LABELS, IncompleteRule, page, told
from collateral.anomaly.removal.left_fence import left_fence
from collateral.anomaly.rule import HerdRule, LimitRefused, LoanRule, checked_limit, limits_of
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding
from tests.herds import driven_off, facts, track

ALL = rules.ALL_RULES
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rules.md"


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_rule_says_cause_denominator_window_sample_suppression_and_source(rule: HerdRule | LoanRule) -> None:
    assert set(told(rule).parts) == set(LABELS)


def test_the_committed_page_is_that_of_the_code() -> None:
    assert PAGE.read_text("utf-8") == page(ALL), "make it anew: its first lines say how"


def test_all_numbers_of_the_risk_table_have_a_rule() -> None:
    assert {rule.number for rule in ALL} == {f"R{n}" for n in range(1, 27)}


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in ALL]
    assert len(names) == len(set(names))


def test_a_rule_that_does_not_say_what_it_rests_on_is_refused() -> None:
    def hunch(_: HerdFacts, __: object) -> list[Finding]:
        """Something is wrong. Cause: who knows."""
        return []

    judge: Callable[[HerdFacts, object], list[Finding]] = hunch
    with pytest.raises(IncompleteRule, match="Denominator"):
        told(HerdRule("R1", judge, None))


def test_a_bank_sets_a_limit_and_the_rule_goes_by_it() -> None:
    picture = facts([*(track(n) for n in range(60)), driven_off(60), driven_off(61)])
    (usual,) = [f for f in rules.findings(picture) if f.rule == "left_fence"]
    (strict,) = [f for f in rules.findings(picture, {"left_fence": {"several": 2}}) if f.rule == "left_fence"]
    assert (usual.severity.word, strict.severity.word) == ("yellow", "orange")


def test_a_limit_that_the_rule_does_not_have_is_refused_with_those_it_has() -> None:
    rule = next(rule for rule in rules.HERD_RULES if rule.judge is left_fence)
    with pytest.raises(LimitRefused, match="several"):
        limits_of(rule, {"left_fence": {"severl": 2}})
    with pytest.raises(LimitRefused, match="int such as 3"):
        checked_limit(rule, "several", 2.5)
    with pytest.raises(LimitRefused, match="nan"):
        checked_limit(rule, "lorry_kmh", float("nan"))
    assert checked_limit(rule, "lorry_kmh", 40) == 40.0
