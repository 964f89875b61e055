"""Each scenario's truth can be true, and the quick ones are told as they must be."""

import json

import pytest

from bench import evaluate
from bench.evaluation import plays
from bench.evaluation.plays import identity, inspection, loans, removal
from bench.evaluation.record import NUMBER
from bench.evaluation.totals import failures, summary, totals
from bench.evaluation.truth import Need

QUICK = [
    loans.price_fall, loans.double_pledge, loans.insurance_lapse, loans.insurance_short, loans.registration_lapse,
    loans.arrears, loans.concentration, loans.honest_loan, inspection.foreign_cattle, inspection.counted_twice,
    inspection.honest_inspection, identity.tag_cloned, removal.theft_small,
]  # fmt: skip


@pytest.mark.parametrize("scenario", QUICK, ids=lambda s: s.__name__)
def test_a_scenario_is_told_in_time_and_its_truth_is_consistent(scenario: plays.Scenario) -> None:
    played = scenario(1)
    for judged in played.verdict.truths:
        truth = judged.truth
        assert truth.need is Need.MUST
        assert set(truth.rules) <= set(NUMBER.values())
        assert truth.since_s <= truth.decisive_s <= truth.until_s
        assert (
            truth.since_s <= truth.decisive_s + truth.within_s <= max(truth.until_s, truth.decisive_s + truth.within_s)
        )
        assert judged.is_met, truth.what
    assert played.verdict.broken == []
    assert played.kept_witnesses


def test_the_same_seed_says_the_same() -> None:
    one, other = (summary(inspection.counted_twice(5), 5, 0.0) for _ in range(2))
    assert one == other


def test_every_rule_of_the_risk_table_has_a_scenario_and_a_line() -> None:
    result = totals([summary(scenario(2), 2, 0.0) for scenario in (loans.price_fall, loans.honest_loan)])
    assert list(result["rules"]) == [f"R{n}" for n in range(1, 27)]
    assert set(result["rules"]["R20"]) >= {"truth", "raised", "precision", "recall", "delay_s", "per_1000_animal_days"}
    assert set(result["red"]) >= {"recall", "false", "quiet_farm_months"}


def test_without_red_scenarios_the_targets_do_not_hold() -> None:
    assert any("red recall" in words for words in failures(totals([])))


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match="theft_large"):
        evaluate.main(["--only", "no_such"])


def test_the_last_line_is_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    status = evaluate.main(["--seeds", "1", "--only", "price_fall,arrears", "--processes", "1", "--json"])
    captured = capsys.readouterr()
    figures = json.loads(captured.out.splitlines()[-1])
    assert figures["rules"]["R22"]["recall"] == 1.0
    assert figures["rules"]["R4"]["recall"] is None
    assert figures["seeds"] == 1
    assert "plays" in captured.err
    assert status == (1 if figures["failures"] else 0)
