"""Tags that are not the animal they stand for: ghosts, removed, cloned and moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from collateral.anomaly.identity.ghost_animals import ghost_animals
from collateral.anomaly.identity.ineligible import ineligible_animals
from collateral.anomaly.identity.likeness import twins
from collateral.anomaly.identity.tag_cloned import tag_cloned
from collateral.anomaly.identity.tag_moved import tag_moved
from collateral.anomaly.identity.tag_removed import tag_removed
from collateral.facts.events import CounterRegression, Death, IdentityCheck, TagSighting
from collateral.facts.loan import Ineligible
from collateral.facts.series import HOURS
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from tests.herd_series import HerdLife, lived
from tests.herds import FARM, NOW, at, counted, facts, track

NOON = 300  # an hour of the made-up lives, twelve days in
HEAD = 60


@pytest.fixture
def life() -> HerdLife:
    return lived(HEAD, days=14, rng=np.random.default_rng(11))


def play(life: HerdLife, rows: list[int], *, noise: float = 0.02) -> None:
    """These animals do not exist: a program plays them one recorded life, a little changed."""
    rng = np.random.default_rng(5)
    recorded = lived(1, days=14, rng=rng, missing=0.0)
    for name in ("activity", "steps", "temp_c"):
        changed = 1 + noise * rng.standard_normal((len(rows), life.hours)).astype(np.float32)
        getattr(life, name)[rows] = getattr(recorded, name)[0] * changed


def session(absent: list[int]) -> InspectionResult:
    return InspectionResult(
        session_id="s1", loan_id=LoanId("L1"), farm_id=FARM.farm_id, opened_at=NOW, closed_at=NOW, gross=50,
        unique_tags=50, duplicates=0, foreign=(), untagged=0, absent=tuple(AnimalId(f"a{n:04}") for n in absent),
        pens=(PenId("p1"),), passed=True,
    )  # fmt: skip


# R4


def test_an_honest_herd_has_no_ghosts(life: HerdLife) -> None:
    assert ghost_animals(life.facts(NOON)) == []


def test_five_tags_that_live_one_life_are_ghosts_and_four_are_not(life: HerdLife) -> None:
    play(life, [10, 11, 12, 13])
    assert ghost_animals(life.facts(NOON)) == []
    play(life, [10, 11, 12, 13, 14])
    (finding,) = ghost_animals(life.facts(NOON))
    assert finding.animals == ("a0010", "a0011", "a0012", "a0013", "a0014")
    assert finding.severity is Severity.ORANGE


def test_ghosts_that_lose_reports_at_random_are_found_all_the_same(life: HerdLife) -> None:
    rows = list(range(20, 30))
    play(life, rows)
    gone = np.random.default_rng(3).random((len(rows), life.hours)) < 0.10
    activity = life.activity[rows]
    activity[gone] = np.nan
    life.activity[rows] = activity
    assert len(ghost_animals(life.facts(NOON))[0].animals) == 10


def test_alike_under_different_gateways_is_not_alike_under_one(life: HerdLife) -> None:
    play(life, [10, 11, 12, 13, 14])
    tracks = [track(n, gateway=f"g{n % 5}", seen=life.moment(NOON)) for n in range(HEAD)]
    assert ghost_animals(life.facts(NOON, tracks)) == []


def test_tags_that_never_move_and_yet_walk_are_ghosts(life: HerdLife) -> None:
    rows = list(range(40, 46))
    life.activity[rows] = 20.0
    assert len(ghost_animals(life.facts(NOON))[0].animals) == 6
    life.steps[rows] = 0.0
    life.temp_c[rows] = 21.0
    assert ghost_animals(life.facts(NOON)) == [], "what lies still and cold claims no life: it was taken off"


def test_a_camera_that_never_counts_as_many_as_are_heard_makes_ghosts_red(life: HerdLife) -> None:
    play(life, list(range(10, 30)))
    few = replace(life.facts(NOON), cameras=(counted(39, 40, 41, ending=life.moment(NOON)),))
    enough = replace(life.facts(NOON), cameras=(counted(39, 40, 57, ending=life.moment(NOON)),))
    blind = replace(life.facts(NOON), cameras=(counted(None, None, None, ending=life.moment(NOON)),))
    assert [ghost_animals(p)[0].severity for p in (few, enough, blind)] == [
        Severity.RED,
        Severity.ORANGE,
        Severity.ORANGE,
    ]


def test_a_count_session_that_did_not_find_them_makes_ghosts_red(life: HerdLife) -> None:
    play(life, list(range(10, 20)))
    picture = life.facts(NOON)
    missed = replace(picture, inspections=(session(list(range(10, 18))),))
    found = replace(picture, inspections=(session([3]),))
    assert [ghost_animals(p)[0].severity for p in (missed, found)] == [Severity.RED, Severity.ORANGE]


def test_likeness_is_that_of_a_correlation_over_the_hours_both_have() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(40, 12, (40, HOURS)).astype(np.float32)
    values[10:16] = values[9] + rng.normal(0, 0.5, (6, HOURS))
    values[rng.random(values.shape) < 0.05] = np.nan
    expected = np.zeros(40, np.int64)
    for a in range(40):
        for b in range(40):
            both = ~np.isnan(values[a]) & ~np.isnan(values[b])
            expected[a] += a != b and both.sum() >= 48 and np.corrcoef(values[a][both], values[b][both])[0, 1] > 0.98
    assert expected.max() == 6
    assert twins(values, 48, 0.98).tolist() == expected.tolist()


def test_a_flat_series_is_like_nobody() -> None:
    assert twins(np.full((9, HOURS), 3.0, np.float32), 48, 0.98).tolist() == [0] * 9


# R8


def test_an_honest_herd_keeps_its_tags(life: HerdLife) -> None:
    for hour in range(NOON, NOON + 30):
        assert tag_removed(life.facts(hour)) == []


def test_a_tag_whose_contact_opens_is_yellow_and_three_in_a_day_are_orange(life: HerdLife) -> None:
    life.tamper[4, NOON - 2 :] = True
    (one,) = tag_removed(life.facts(NOON))
    life.tamper[[5, 6], NOON - 1 :] = True
    (three,) = tag_removed(life.facts(NOON))
    assert (one.severity, one.animals) == (Severity.YELLOW, ("a0004",))
    assert (three.severity, three.figures["in_24_h"]) == (Severity.ORANGE, 3)


def test_three_in_three_days_stay_yellow(life: HerdLife) -> None:
    for row, hours_ago in ((4, 70), (5, 40), (6, 2)):
        life.tamper[row, NOON - hours_ago :] = True
    assert tag_removed(life.facts(NOON))[0].severity is Severity.YELLOW


@pytest.mark.parametrize("is_measured", [True, False], ids=["air measured", "air as the coolest tag feels it"])
def test_a_tag_that_lies_still_and_cold_for_six_hours_was_taken_off(life: HerdLife, is_measured: bool) -> None:
    life.lose_tag([7], at=NOON - 8)
    life.tamper[7] = False
    early, late = (
        picture if is_measured else replace(picture, climate=None)
        for picture in (life.facts(NOON - 4), life.facts(NOON))
    )
    assert tag_removed(early) == []
    assert tag_removed(late)[0].animals == ("a0007",)


def test_on_a_day_as_warm_as_an_ear_no_tag_is_taken_off_by_the_weather(life: HerdLife) -> None:
    life.air(at=NOON - 72, until=NOON, temp_c=34.0)
    life.steps[:, NOON - 6 : NOON] = 0.0
    assert tag_removed(life.facts(NOON)) == []


def test_hours_that_were_not_measured_prove_nothing(life: HerdLife) -> None:
    life.lose_tag([7], at=NOON - 8)
    life.tamper[7] = False
    life.hush([7], at=NOON - 2)
    assert tag_removed(life.facts(NOON)) == []


def test_an_animal_reported_dead_has_not_lost_its_tag(life: HerdLife) -> None:
    life.lose_tag([7], at=NOON - 8)
    death = Death(
        animal_id=AnimalId("a0007"), group_id=None, loan_id=LoanId("L1"), pen_id=PenId("p1"), died_at=life.moment(NOON - 8),
        reported_at=life.moment(NOON),
    )  # fmt: skip
    assert tag_removed(life.facts(NOON, deaths=(death,))) == []


# R9


def heard(number: int, east_km: float, minutes: float, *, gateway: str, farm: str = "f1") -> TagSighting:
    return TagSighting(
        tag_id=TagId(f"{number:016x}"), farm_id=FarmId(farm), gateway_id=GatewayId(gateway), position=at(east_km * 1000, 0),
        heard_at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


HERD = [track(n) for n in range(30)]


def test_a_tag_heard_sixty_kilometres_away_within_ten_minutes_is_cloned() -> None:
    seen = (heard(3, 0, -20, gateway="g1"), heard(3, 60, -10, gateway="g9", farm="f2"))
    (finding,) = tag_cloned(replace(facts(HERD), sightings=seen))
    assert (finding.severity, finding.animals, finding.since) == (
        Severity.ORANGE,
        ("a0003",),
        NOW - timedelta(minutes=10),
    )
    assert finding.testimonies[0].particulars["signs"][0]["at_least_kmh"] == 240


@pytest.mark.parametrize(
    ("km", "minutes"),
    [(60, 40), (15, 0), (60, 600)],
    ids=["by lorry, clocks allowed for", "one uplink, two gateways", "sold"],
)
def test_what_a_lorry_or_one_uplink_explains_is_no_clone(km: float, minutes: float) -> None:
    seen = (heard(3, 0, -minutes, gateway="g1"), heard(3, km, 0, gateway="g9", farm="f2"))
    assert tag_cloned(replace(facts(HERD), sightings=seen)) == []


def test_the_order_in_which_sightings_come_does_not_matter() -> None:
    seen = [heard(3, 0, -20, gateway="g1"), heard(3, 60, -10, gateway="g9", farm="f2"), heard(3, 0, -5, gateway="g1")]
    assert tag_cloned(replace(facts(HERD), sightings=tuple(seen))) == tag_cloned(
        replace(facts(HERD), sightings=tuple(seen[::-1]))
    )


def back(number: int, minutes: float = -5) -> CounterRegression:
    return CounterRegression(tag_id=TagId(f"{number:016x}"), at=NOW + timedelta(minutes=minutes), before=900, after=3)


def test_a_counter_that_goes_back_is_a_clone_and_ten_at_once_are_a_server() -> None:
    (one,) = tag_cloned(replace(facts(HERD), counter_regressions=(back(4),)))
    (many,) = tag_cloned(replace(facts(HERD), counter_regressions=tuple(back(n) for n in range(10))))
    spread = tag_cloned(replace(facts(HERD), counter_regressions=tuple(back(n, -100 * n) for n in range(10))))
    assert [f.severity for f in (one, many, *spread)] == [Severity.ORANGE, Severity.YELLOW, Severity.ORANGE]


# R10


def checked(number: int, *, matched: bool, ago_h: float = 5) -> IdentityCheck:
    return IdentityCheck(
        animal_id=AnimalId(f"a{number:04}"),
        checked_at=datetime(2026, 2, 21, 4, tzinfo=UTC) - timedelta(hours=ago_h),
        matched=matched,
    )


def test_a_failed_check_and_a_changed_life_together_are_a_moved_tag(life: HerdLife) -> None:
    life.activity[9, NOON - 30 :] *= 0.4
    life.temp_c[9, NOON - 30 :] += 2.5
    (finding,) = tag_moved(life.facts(NOON, checks=(checked(9, matched=False),)))
    assert (finding.severity, finding.animals) == (Severity.YELLOW, ("a0009",))
    assert {t.witness for t in finding.testimonies} == {Witness.PHYSICAL, Witness.TAG}


def test_neither_a_failed_check_nor_a_changed_life_alone_is_one(life: HerdLife) -> None:
    assert tag_moved(life.facts(NOON, checks=(checked(9, matched=False),))) == []
    life.activity[9, NOON - 30 :] *= 0.4
    assert tag_moved(life.facts(NOON)) == []
    later_found = (checked(9, matched=False, ago_h=9), checked(9, matched=True, ago_h=2))
    assert tag_moved(life.facts(NOON, checks=later_found)) == []


def test_of_healthy_animals_whose_checks_fail_few_have_changed_their_lives() -> None:
    herd = lived(300, days=14, rng=np.random.default_rng(3))
    moved = [
        f.animals for f in tag_moved(herd.facts(NOON, checks=tuple(checked(n, matched=False) for n in range(300))))
    ]
    assert len(*moved) <= 0.05 * 300


def test_what_the_whole_herd_does_moves_no_tag(life: HerdLife) -> None:
    life.slow(slice(None), at=NOON - 30, by=0.4)
    assert tag_moved(life.facts(NOON, checks=(checked(9, matched=False),))) == []


# What follows for the borrowing base


def test_animals_whose_identity_is_in_doubt_do_not_count() -> None:
    def found(rule: str, *animals: str) -> Finding:
        return Finding(
            rule=rule, severity=Severity.ORANGE, farm_id=FARM.farm_id, loan_id=LoanId("L1"), subject="x", as_of=NOW, since=NOW,
            animals=tuple(AnimalId(a) for a in animals), testimonies=(Testimony(witness=Witness.TAG, since=NOW),),
        )  # fmt: skip

    held = ineligible_animals([found("tag_removed", "a", "b"), found("tag_cloned", "b"), found("left_fence", "c")])
    assert held == {"a": {Ineligible.TAMPERED}, "b": {Ineligible.TAMPERED, Ineligible.CLONED}}
