"""A13: heat that takes the appetite, and a herd that goes on not eating when it is over."""

from __future__ import annotations

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.health.weather import thi
from collateral.anomaly.rules import findings
from collateral.model.finding import Audience, Finding, Severity
from collateral.model.ids import BranchId
from tests.herd_series import EVERYBODY, HerdLife, lived

HOT_FROM, HOT_UNTIL = 16 * 24, 19 * 24  # three days
END = HOT_UNTIL + 80
DAMP = 0.6


@pytest.fixture(scope="module")
def summer() -> HerdLife:
    """THI 75 by day and night, 79 and more for six hours of each day; then below 72. Rumination falls by a fifth with
    the heat and stays there."""
    life = lived(120, days=24, rng=np.random.default_rng(13), air_c=16)
    for day in range(HOT_FROM, HOT_UNTIL, 24):
        life.air(at=day, until=day + 24, temp_c=_air(75.5), humidity=DAMP)
        life.air(at=day + 12, until=day + 18, temp_c=_air(80.0), humidity=DAMP)
    life.air(at=HOT_UNTIL, until=life.hours, temp_c=_air(68.0), humidity=DAMP)
    life.slow(EVERYBODY, at=HOT_FROM, until=HOT_UNTIL, by=0.25)
    life.ruminate_less(EVERYBODY, at=HOT_FROM, by=0.20)
    return life


def _air(index: float) -> float:
    """The temperature that has this index at the summer's humidity."""
    return (index - 46.4 + 14.4 * DAMP) / (0.8 + DAMP)


def _bank(life: HerdLife, hour: int) -> list[Finding]:
    return [f for f in findings(life.facts(hour)) if f.audience is Audience.BANK]


def test_the_index_is_that_of_the_handbook() -> None:
    found = thi(np.array([32, 29.4], np.float32), np.array([0.22, 0.5], np.float32))
    assert found.tolist() == pytest.approx([75.9, 77.4], abs=0.05)


def test_six_hours_of_79_and_two_nights_without_rest_are_yellow(summer: HerdLife) -> None:
    hot = summer.air_c[HOT_FROM:HOT_UNTIL], summer.humidity[HOT_FROM:HOT_UNTIL]
    assert (thi(*hot) >= 79).sum() == 6 * 3
    assert thi(*hot).min() > 74
    (heat,) = _bank(summer, HOT_FROM + 56)  # the morning after the second night
    assert (heat.rule, heat.severity) == ("heat_stress", Severity.YELLOW)
    assert heat.figures["nights_without_rest"]


def test_seven_hours_at_a_level_are_that_level_and_nights_without_rest_add_one(summer: HerdLife) -> None:
    (first_day,) = _bank(summer, HOT_FROM + 20)
    assert (first_day.rule, first_day.severity) == ("heat_stress", Severity.BLUE)  # 79 for six hours, 75 for more
    hotter = lived(60, days=20, rng=np.random.default_rng(1), air_c=16)
    hotter.air(at=16 * 24, until=16 * 24 + 8, temp_c=_air(79.5), humidity=DAMP)
    assert [f.severity for f in _bank(hotter, 16 * 24 + 8)] == [Severity.YELLOW]
    hotter.air(at=16 * 24, until=16 * 24 + 56, temp_c=_air(79.5), humidity=DAMP)
    assert [f.severity for f in _bank(hotter, 16 * 24 + 56)] == [Severity.ORANGE]


def test_heat_explains_the_appetite_and_when_it_is_over_for_48_hours_no_longer(summer: HerdLife) -> None:
    desk = Desk(BranchId("b1"))
    opened: list[tuple[str, int]] = []
    for hour in range(HOT_FROM - 24, END):
        found = _bank(summer, hour)
        assert {f.rule for f in found} <= {"heat_stress", "feed_stop"}
        changes = desk.look(found, summer.moment(hour))
        opened += [(c.case.rule, hour) for c in changes if c.change is Change.OPENED]
    assert [rule for rule, _ in opened] == ["heat_stress", "feed_stop"]
    assert opened[1][1] == pytest.approx(HOT_UNTIL + 48, abs=1)
    (stop,) = desk.standing.values()
    assert (stop.rule, stop.severity) == ("feed_stop", Severity.YELLOW)


def test_a_heat_day_slows_the_herd_and_calls_no_single_animal_ill(summer: HerdLife) -> None:
    for hour in range(HOT_FROM, HOT_FROM + 48, 4):
        assert not [f for f in findings(summer.facts(hour)) if f.rule in ("fever", "low_activity", "outbreak")]


def test_without_heat_a_fifth_less_for_48_hours_is_yellow_and_for_less_nothing() -> None:
    life = lived(120, days=20, rng=np.random.default_rng(14))
    life.ruminate_less(EVERYBODY, at=16 * 24, by=0.20)
    assert _bank(life, 16 * 24 + 40) == []
    (stop,) = _bank(life, 16 * 24 + 48)
    assert (stop.rule, stop.severity) == ("feed_stop", Severity.YELLOW)


def test_a_tenth_less_is_nothing() -> None:
    life = lived(120, days=20, rng=np.random.default_rng(14))
    life.ruminate_less(EVERYBODY, at=16 * 24, by=0.10)
    assert _bank(life, 16 * 24 + 60) == []
