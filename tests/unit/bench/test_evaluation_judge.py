"""Findings against the truth: what counts as told, as false, as late."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evaluation.judge import at_most, delay_of, judge
from bench.evaluation.record import Raised
from bench.evaluation.truth import Need, Quiet, Script, Truth
from collateral.model.finding import Audience, Severity

TRUTH = Truth(
    what="theft", rules=("R2",), since_s=1_000.0, until_s=9_000.0, decisive_s=2_000.0, severity=Severity.RED,
    within_s=300.0, place="L1", red=True,
)  # fmt: skip
TIMES = st.floats(0, 20_000, allow_nan=False)
SEVERITIES = st.sampled_from(list(Severity))


def case(
    at_s: float, severity: Severity = Severity.RED, *, number: str = "R2", place: str = "L1", animal: str | None = None
) -> Raised:
    return Raised("rule", number, place, "f1", at_s, Audience.BANK, animal, [(at_s, severity)])


def script(*truths: Truth) -> Script:
    return Script(truths=list(truths))


def test_what_is_told_in_time_and_grave_enough_is_met_and_right() -> None:
    verdict = judge(script(TRUTH), [case(2_100.0)], [])
    assert [j.delay_s for j in verdict.truths] == [100.0]
    assert (len(verdict.right), verdict.false) == (1, [])


@pytest.mark.parametrize(
    "raised",
    [
        case(2_301.0),
        case(2_100.0, Severity.ORANGE),
        case(2_100.0, number="R1"),
        case(2_100.0, place="L2"),
        case(9_500.0),
    ],
    ids=["too late", "too mild", "another rule", "another loan", "after it was over"],
)
def test_what_is_late_mild_or_about_something_else_is_a_miss(raised: Raised) -> None:
    assert not judge(script(TRUTH), [raised], []).truths[0].is_met


def test_a_case_counts_from_when_it_became_grave_enough() -> None:
    grew = case(1_500.0, Severity.ORANGE)
    grew.steps.append((2_200.0, Severity.RED))
    assert delay_of(TRUTH, [grew]) == 200.0


def test_a_farm_is_a_place_for_all_its_loans() -> None:
    assert delay_of(replace(TRUTH, place="f1"), [case(2_000.0, place="L7")]) == 0.0


@given(at_s=TIMES, severity=SEVERITIES)
def test_every_case_is_either_right_or_false(at_s: float, severity: Severity) -> None:
    verdict = judge(script(TRUTH), [case(at_s, severity)], [])
    assert len(verdict.right) + len(verdict.false) == 1
    assert bool(verdict.right) == (TRUTH.since_s <= at_s <= TRUTH.until_s)


@given(times=st.lists(st.tuples(TIMES, SEVERITIES), max_size=6), more=st.tuples(TIMES, SEVERITIES))
def test_saying_more_never_makes_a_miss_of_what_was_told(
    times: list[tuple[float, Severity]], more: tuple[float, Severity]
) -> None:
    said = [case(*each) for each in times]
    before, after = delay_of(TRUTH, said), delay_of(TRUTH, [*said, case(*more)])
    assert before is None or (after is not None and after <= before)


@given(times=st.lists(st.tuples(TIMES, SEVERITIES), max_size=6))
def test_knowing_more_truths_never_makes_more_false(times: list[tuple[float, Severity]]) -> None:
    said = [case(*each) for each in times]
    other = replace(TRUTH, since_s=12_000.0, until_s=15_000.0, need=Need.MAY)
    assert len(judge(script(TRUTH, other), said, []).false) <= len(judge(script(TRUTH), said, []).false)


@given(at_s=TIMES, severity=SEVERITIES)
def test_a_delay_is_never_negative_nor_longer_than_allowed(at_s: float, severity: Severity) -> None:
    delay = delay_of(TRUTH, [case(at_s, severity)])
    assert delay is None or 0 <= delay <= TRUTH.within_s


def test_graver_than_a_truth_allows_is_false_all_the_same() -> None:
    sale = replace(TRUTH, need=Need.MAY, severity=Severity.BLUE, most=Severity.BLUE)
    verdict = judge(script(sale), [case(2_000.0, Severity.BLUE), case(2_000.0, Severity.ORANGE)], [])
    assert (len(verdict.right), len(verdict.false)) == (1, 1)


def test_rules_about_single_animals_are_judged_by_the_animals_they_name() -> None:
    dead = replace(TRUTH, rules=("R11",), severity=Severity.BLUE, animals=frozenset({"a1"}))
    named = [case(2_050.0, Severity.BLUE, number="R11", animal=a) for a in ("a1", "a2")]
    verdict = judge(script(dead), [case(2_010.0, Severity.BLUE, number="R11")], named)
    assert [j.delay_s for j in verdict.truths] == [50.0]
    assert [r.animal for r in verdict.false] == ["a2"]


def test_what_must_stay_quiet_is_broken_by_severity_and_time() -> None:
    silent = Quiet(what="sale", rules=("R2",), since_s=0.0, until_s=5_000.0, from_severity=Severity.RED)
    said = Script(quiets=[silent])
    assert judge(said, [case(100.0)], []).broken
    assert not judge(said, [case(100.0, Severity.ORANGE), case(6_000.0)], []).broken


def test_no_event_bounds_a_rate_by_the_rule_of_three() -> None:
    assert at_most(0, 200.0) == pytest.approx(0.015)
    # Exact one-sided 95 % Poisson bounds: 4.744 for one event, 9.154 for four.
    assert at_most(1, 1.0) == pytest.approx(4.744, rel=0.01)
    assert at_most(4, 1.0) == pytest.approx(9.154, rel=0.01)
