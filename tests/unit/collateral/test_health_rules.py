"""What the health rules conclude of a herd, and what they leave to the farm or keep quiet about."""

from __future__ import annotations

import gc
import time
import weakref
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.anomaly.health import rules as health
from collateral.anomaly.health.breeding import calving, oestrus
from collateral.anomaly.health.feed_stop import feed_stop
from collateral.anomaly.health.heat_stress import heat_stress
from collateral.anomaly.health.mortality import chance_of_at_least, level
from collateral.anomaly.health.outbreak import outbreak
from collateral.anomaly.health.patients import fever, low_activity
from collateral.anomaly.health.suspected_death import suspected_death
from collateral.anomaly.health.vitals import vitals_of
from collateral.anomaly.health.weather import air_until, in_heat
from collateral.facts.herd import HerdFacts
from collateral.facts.series import Climate, silent_series
from collateral.model.finding import Audience, Finding, Severity
from collateral.model.herd import Species
from tests import herds
from tests.herd_series import EVERYBODY, PIGS, HerdLife, lived

HOUR = 420
CATTLE_A_WEEK = 0.0183 / 167 * 7
PIG_HOUSES = [replace(herds.pen(f"p{n}"), species=Species.PIG) for n in range(4)]


@pytest.fixture
def life() -> HerdLife:
    return lived(80, days=20, rng=np.random.default_rng(21))


def _all(picture: HerdFacts) -> list[Finding]:
    return [f for rule in health.RULES for f in rule.findings(picture, {})]


def test_without_measurements_no_rule_of_health_says_anything() -> None:
    herd = [herds.track(n) for n in range(20)]
    assert _all(herds.facts(herd)) == []
    assert _all(replace(herds.facts(herd), series=silent_series(20, herds.NOW))) == []
    assert _all(replace(herds.facts(), series=silent_series(0, herds.NOW))) == []


def test_a_healthy_herd_gives_the_bank_nothing(life: HerdLife) -> None:
    assert [f for f in _all(life.facts(HOUR)) if f.audience is Audience.BANK] == []


# Deaths


@pytest.mark.parametrize(
    ("head", "deaths", "chance", "severity"),
    [
        (500, 2, 0.057, None), (500, 3, 0.007, Severity.YELLOW), (500, 4, 6e-4, Severity.ORANGE), (500, 5, 5e-5, Severity.RED),
        (2000, 4, 0.07, None), (2000, 5, 0.02, Severity.YELLOW), (2000, 6, 0.005, Severity.ORANGE),
    ],
)  # fmt: skip
def test_the_ladder_of_deaths_is_that_of_the_risk_table(
    head: int, deaths: int, chance: float, severity: Severity | None
) -> None:
    expected = head * CATTLE_A_WEEK
    assert chance_of_at_least(deaths, expected) == pytest.approx(chance, rel=0.12)
    assert level(deaths, expected) is severity


@given(st.integers(1, 40), st.floats(0.01, 60))
def test_one_death_more_is_never_likelier(deaths: int, expected: float) -> None:
    more, fewer = chance_of_at_least(deaths + 1, expected), chance_of_at_least(deaths, expected)
    assert 0 <= more <= fewer * (1 + 1e-12) <= 1 + 1e-9


def test_a_cold_night_makes_no_deaths_and_a_dead_cow_in_it_is_seen(life: HerdLife) -> None:
    life.air(at=HOUR - 8, until=HOUR, temp_c=-15.0)  # the ears of the herd fall by four degrees
    life.steps[10, HOUR - 6 : HOUR] = 0.0  # and one lies in it, chewing
    assert suspected_death(life.facts(HOUR)) == []
    life.die([3], at=HOUR - 6)
    (finding,) = suspected_death(life.facts(HOUR))
    assert finding.animals == ("a0003",)


def test_in_the_heat_of_day_a_carcass_cannot_cool_and_is_known_by_its_stillness(life: HerdLife) -> None:
    life.air(at=HOUR - 30, until=life.hours, temp_c=34.0)
    life.die([3], at=HOUR)
    assert suspected_death(life.facts(HOUR + 4)) == []
    (finding,) = suspected_death(life.facts(HOUR + 9))
    assert finding.animals == ("a0003",)


def test_a_broken_step_counter_on_a_live_animal_is_no_death(life: HerdLife) -> None:
    life.steps[3, HOUR - 80 :] = 0.0
    life.fever([3], at=HOUR - 8, degrees=-6.0, over_h=1)
    assert suspected_death(life.facts(HOUR)) == []


def test_a_tag_that_says_it_is_off_speaks_of_no_death(life: HerdLife) -> None:
    life.lose_tag([3], at=HOUR - 8)
    assert suspected_death(life.facts(HOUR)) == []


def test_three_at_once_are_yellow_and_animals_nobody_pledged_are_the_farms(life: HerdLife) -> None:
    life.die([1, 2, 3], at=HOUR - 8)
    assert [f.severity for f in suspected_death(life.facts(HOUR))] == [Severity.YELLOW]
    unpledged = [herds.track(n, seen=life.moment(HOUR), loan=None) for n in range(80)]
    assert [f.audience for f in suspected_death(life.facts(HOUR, unpledged))] == [Audience.FARM]


# Patients and breeding


def test_a_slow_cow_is_named_to_the_farm_alone(life: HerdLife) -> None:
    life.slow([7], at=HOUR - 24, by=0.6)
    (finding,) = low_activity(life.facts(HOUR))
    assert (finding.animals, finding.audience) == (("a0007",), Audience.FARM)


def test_a_cow_in_oestrus_is_no_patient(life: HerdLife) -> None:
    life.activity[7, HOUR - 12 : HOUR - 4] += 70
    life.fever([7], at=HOUR - 12, degrees=7.0, over_h=4)
    picture = life.facts(HOUR)
    assert [f.animals for f in oestrus(picture)] == [("a0007",)]
    assert fever(picture) == []
    life.activity[7, HOUR - 12 : HOUR - 4] -= 70
    assert [f.animals for f in fever(life.facts(HOUR))] == [("a0007",)]


def test_a_cow_that_is_restless_and_does_not_chew_calves(life: HerdLife) -> None:
    usual = life.series(HOUR).activity.usual[7]
    restless = np.arange(HOUR - 12, HOUR - 4)
    life.activity[7, restless] = usual[restless % 24] + 27  # 0.7 of the herd's 38
    life.ruminate_less([7], at=HOUR - 24, by=0.6)
    assert ("a0007",) in [f.animals for f in calving(life.facts(HOUR))]


# Herds


def test_a_house_of_which_most_are_ill_is_found_beside_houses_that_are_not() -> None:
    life = lived(160, days=20, rng=np.random.default_rng(5), habits=PIGS, air_c=10)
    life.fever(range(40, 68), at=HOUR - 24, degrees=2.0)  # 28 of the 40 in house p1
    tracks = [herds.track(n, seen=life.moment(HOUR), where=PIG_HOUSES[n // 40]) for n in range(160)]
    (finding,) = outbreak(life.facts(HOUR, tracks))
    assert finding.severity is Severity.ORANGE
    assert "p1" in finding.figures["pens"]
    assert {f"a{n:04}" for n in range(40, 68)} <= set(finding.animals)


def test_three_new_fevers_in_one_pen_are_yellow_however_large_the_pen() -> None:
    life = lived(80, days=20, rng=np.random.default_rng(5), habits=PIGS, air_c=10)
    life.fever([1, 2, 3], at=HOUR - 12, degrees=2.5, over_h=6)
    tracks = [herds.track(n, seen=life.moment(HOUR), where=PIG_HOUSES[0]) for n in range(80)]
    (finding,) = outbreak(life.facts(HOUR, tracks))
    assert (finding.severity, finding.figures["new_fevers"]) == (Severity.YELLOW, 3)
    assert finding.figures["share"] < 0.05


def test_a_herd_that_warms_and_slows_together_is_no_outbreak(life: HerdLife) -> None:
    life.fever(EVERYBODY, at=HOUR - 24, degrees=2.0)
    life.slow(EVERYBODY, at=HOUR - 24, by=0.25)
    assert [f for f in _all(life.facts(HOUR)) if f.rule in ("outbreak", "fever", "low_activity")] == []


def test_a_feed_stop_is_blue_while_nobody_knows_the_weather(life: HerdLife) -> None:
    life.ruminate_less(EVERYBODY, at=HOUR - 48, by=0.3)
    assert [f.severity for f in feed_stop(life.facts(HOUR))] == [Severity.YELLOW]
    assert [f.severity for f in feed_stop(replace(life.facts(HOUR), climate=None))] == [Severity.BLUE]


def test_pigs_are_judged_by_the_dry_bulb() -> None:
    life = lived(30, days=20, rng=np.random.default_rng(5), habits=PIGS, air_c=10)
    life.air(at=HOUR - 8, until=HOUR, temp_c=26.0, humidity=0.2)  # THI 69.5
    pigs = [herds.track(n, seen=life.moment(HOUR), where=PIG_HOUSES[0]) for n in range(30)]
    assert [f.severity for f in heat_stress(life.facts(HOUR, pigs))] == [Severity.YELLOW]
    assert heat_stress(life.facts(HOUR)) == []  # the same air and cattle


# The air


def test_heat_lasts_until_the_index_has_been_under_72_and_unknown_hours_change_nothing() -> None:
    index = np.array([70, 76, np.nan, 73, 71, 73, 75], np.float32)
    assert in_heat(index).tolist() == [False, True, True, True, False, False, True]


def test_a_late_weather_series_is_lined_up_and_leaves_the_newest_hours_unknown() -> None:
    climate = Climate(herds.NOW - timedelta(hours=2), np.arange(5, dtype=np.float32), np.zeros(5, np.float32))
    air, _ = air_until(climate, herds.NOW, 4)
    assert air[:2].tolist() == [3, 4]
    assert np.isnan(air[2:]).all()


# Cost


def test_vitals_are_computed_once_and_go_with_their_picture(life: HerdLife) -> None:
    picture = life.facts(HOUR)
    assert vitals_of(picture) is vitals_of(picture)
    series = weakref.ref(picture.series)
    del picture
    gc.collect()
    assert series() is None


def test_ten_times_the_herd_costs_about_ten_times_as_much() -> None:
    def cost(head: int) -> float:
        life = lived(head, days=13, rng=np.random.default_rng(1))
        pens = [herds.pen(f"p{n}") for n in range(head // 60 + 1)]
        tracks = [herds.track(n, seen=life.moment(300), where=pens[n // 60]) for n in range(head)]
        pictures = [life.facts(300, tracks) for _ in range(3)]
        spent = []
        for picture in pictures:
            _ = picture.of_loan, picture.row_of
            before = time.process_time()
            _all(picture)
            spent.append(time.process_time() - before)
        return min(spent)

    assert cost(6000) < 30 * cost(600)
