"""A10: ten of sixty pigs in one house fall ill; and thirty days in which nobody does."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.health import rules as health
from collateral.anomaly.rules import findings
from collateral.facts.events import LyingView
from collateral.facts.herd import HerdFacts, Track
from collateral.facts.loan import InsurancePolicy
from collateral.model.finding import Audience, Finding, Severity, Witness
from collateral.model.herd import Pen, Species
from collateral.model.ids import BranchId, CameraId, LoanId
from tests import herds
from tests.herd_series import CATTLE, PIGS, HerdLife, lived

HOUSE = replace(herds.pen("house-1"), species=Species.PIG)
ONSET, RAMP_H = 400, 24
EVERY_H = 3
ILL = range(10)
NEW_INSURANCE = herds.NOW.date()
POLICY = InsurancePolicy(
    policy_no="P-7", insurer="PICC", species=Species.PIG, insured_head=60, begins_on=NEW_INSURANCE - timedelta(days=100),
    ends_on=NEW_INSURANCE + timedelta(days=265), bank_is_first_beneficiary=True,
)  # fmt: skip


def _house(seed: int) -> HerdLife:
    """Sixty pigs of which ten gain 1.5 to 2 degC within 24 h, and lie ever more."""
    life = lived(60, days=20, rng=np.random.default_rng(seed), habits=PIGS, air_c=14)
    for pig in ILL:
        life.fever([pig], at=ONSET, degrees=1.5 + 0.05 * pig, over_h=RAMP_H)
    life.slow(list(ILL), at=ONSET + RAMP_H // 2, by=0.4)
    return life


def _pigs(life: HerdLife, hour: int) -> list[Track]:
    return life.tracks(hour, where=HOUSE)


def _views(life: HerdLife, hour: int, seed: int) -> tuple[LyingView, ...]:
    """A picture every ten minutes of three days. Healthy pigs lie 85 % of the time, and half of it when fed; the ill do
    not get up to be fed, and their mates lie closer."""
    rng = np.random.default_rng(seed)
    views = []
    for minutes in range(10, 72 * 60, 10):
        at = hour - minutes / 60
        healthy = 0.5 if int(at) % 24 in (7, 8, 16, 17) else 0.88
        ill = len(ILL) if at >= ONSET + RAMP_H // 2 else 0
        seen = 57
        lying = rng.binomial(seen - ill, healthy) + ill
        moment = life.starts_at + timedelta(hours=at)
        sha = hashlib.sha256(str(moment).encode()).hexdigest()
        views.append(LyingView(camera_id=CameraId("cam-1"), pen_id=HOUSE.pen_id, captured_at=moment, seen=seen,
                               lying=int(lying), frame_sha256=sha))  # fmt: skip
    return tuple(views)


def _facts(life: HerdLife, hour: int, seed: int = 1, *, camera: bool = True) -> HerdFacts:
    views = _views(life, hour, seed) if camera else ()
    return life.facts(hour, _pigs(life, hour), lying=views, policies={LoanId("L1"): (POLICY,)})


def _of(found: list[Finding], audience: Audience) -> list[Finding]:
    return [f for f in found if f.audience is audience]


@pytest.mark.parametrize("seed", range(5))
def test_ten_of_sixty_pigs_are_one_red_case_within_an_hour_of_data(seed: int) -> None:
    life = _house(seed)
    desk = Desk(BranchId("b1"))
    red_at, cases = None, set()
    for hour in range(ONSET - 24, ONSET + RAMP_H + 2):
        found = findings(_facts(life, hour, seed))
        assert {f.rule for f in _of(found, Audience.BANK)} <= {"outbreak"}
        desk.look(found, life.moment(hour))
        bank = [c for c in desk.standing.values() if c.audience is Audience.BANK]
        cases |= {c.case_id for c in bank}
        if red_at is None and any(c.severity is Severity.RED for c in bank):
            red_at = hour
    # The gain is complete with the hour that ends at ONSET + RAMP_H.
    assert red_at is not None
    assert ONSET < red_at <= ONSET + RAMP_H + 1
    assert len(cases) == 1


def test_the_bank_sees_value_insurer_and_papers_and_the_farm_the_animals() -> None:
    life = _house(1)
    found = findings(_facts(life, ONSET + RAMP_H + 1))
    (outbreak,) = _of(found, Audience.BANK)
    assert outbreak.severity is Severity.RED
    assert {t.witness for t in outbreak.testimonies} == {Witness.TAG, Witness.CAMERA}
    assert outbreak.figures["share"] > 0.15
    assert {f"a{n:04}" for n in ILL} <= set(outbreak.animals)
    assert outbreak.figures["affected_value_minor"] == len(outbreak.animals) * herds.HEAD_VALUE
    assert outbreak.figures["exposed_value_minor"] == 60 * herds.HEAD_VALUE
    assert outbreak.figures["insurers"] == [{"insurer": "PICC", "policy_no": "P-7"}]
    assert "epidemic_report" in outbreak.figures["papers"]
    (fever,) = [f for f in _of(found, Audience.FARM) if f.rule == "fever"]
    assert set(fever.animals) <= set(outbreak.animals)
    assert len(fever.animals) >= 8


def test_the_tags_alone_do_not_make_it_red() -> None:
    life = _house(1)
    (outbreak,) = _of(findings(_facts(life, ONSET + RAMP_H + 1, camera=False)), Audience.BANK)
    assert outbreak.severity is Severity.ORANGE


def test_one_pig_with_a_fever_is_the_farms_matter_alone() -> None:
    life = lived(60, days=20, rng=np.random.default_rng(3), habits=PIGS, air_c=14)
    life.fever([5], at=ONSET, degrees=2.5, over_h=12)
    found = findings(_facts(life, ONSET + RAMP_H))
    assert _of(found, Audience.BANK) == []
    (fever,) = [f for f in found if f.rule == "fever"]
    assert fever.animals == ("a0005",)


@pytest.mark.parametrize("species", [Species.CATTLE, Species.PIG])
def test_in_thirty_healthy_days_a_thousand_animals_give_the_bank_at_most_one_case(species: Species) -> None:
    habits = CATTLE if species is Species.CATTLE else PIGS
    life = lived(1000, days=50, rng=np.random.default_rng(11), habits=habits, poor_tags=0.1)
    pens: list[Pen] = [replace(herds.pen(f"p{n}"), species=species) for n in range(20)]
    rows = [herds.track(n, where=pens[n // 50]) for n in range(1000)]
    desk = Desk(BranchId("b1"))
    bank = 0
    farm: set[tuple[str, str, int]] = set()
    for hour in range(20 * 24, 50 * 24, EVERY_H):
        picture = life.facts(hour, rows)
        found = [f for rule in health.RULES for f in rule.findings(picture, {})]
        for finding in _of(found, Audience.FARM):
            if finding.rule in ("fever", "low_activity"):
                farm |= {(finding.rule, animal, hour // 24) for animal in finding.animals}
        changes = desk.look(_of(found, Audience.BANK), life.moment(hour))
        bank += sum(c.change is Change.OPENED for c in changes)
    assert bank <= 1
    assert len(farm) / 30 <= 1.5  # per 1,000 animal-days, to the farm
