"""The pilot's papers are in order: sheets that can be fed in, and no rule about money that has anything to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import read
from firmware_sim import pilot
from firmware_sim.enrol import enrol
from firmware_sim.papers import WEEKS, papers

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PILOT = pilot.read()
ENROLMENT = enrol(PILOT, 1, NOW, "herdlien-demo")


def test_every_sheet_can_be_read_without_a_fault() -> None:
    for kind, text in papers(PILOT, ENROLMENT, 1, NOW).items():
        sheet = read(SHEETS[kind], text.encode(), NOW.date())
        assert sheet.faults == ()
        assert sheet.rows


@pytest.mark.parametrize("seed", range(8))
def test_two_years_of_prices_end_at_those_of_the_pilot_and_never_crash(seed: int) -> None:
    sheet = read(SHEETS["prices"], papers(PILOT, ENROLMENT, seed, NOW)["prices"].encode(), NOW.date())
    for species, kind in PILOT.species.items():
        found = sorted((row["priced_on"], row["li_per_kg"]) for _, row in sheet.rows if row["species"] == species)
        assert len(found) == WEEKS
        assert found[-1] == (NOW.date(), round(kind.price_yuan_per_kg * 1000))
        month = [later / earlier - 1 for (_, earlier), (_, later) in zip(found, found[5:], strict=False)]
        assert min(month) > -0.10
        assert 0.7 < found[0][1] / found[-1][1] < 1.4


def test_the_same_seed_makes_the_same_papers_and_another_other_prices() -> None:
    one = papers(PILOT, ENROLMENT, 1, NOW)
    assert one == papers(PILOT, ENROLMENT, 1, NOW)
    assert one["prices"] != papers(PILOT, ENROLMENT, 2, NOW)["prices"]


def test_every_pledged_head_is_insured_and_nothing_lapses_for_two_months() -> None:
    made = papers(PILOT, ENROLMENT, 1, NOW)
    later = NOW.date() + timedelta(days=61)
    policies = [row for _, row in read(SHEETS["policies"], made["policies"].encode(), NOW.date()).rows]
    assert sum(row["insured_head"] for row in policies) == sum(pledge.head for pledge in ENROLMENT.pledges)
    filings = [row for _, row in read(SHEETS["filings"], made["filings"].encode(), NOW.date()).rows]
    assert all(row["ends_on"] > later for row in (*policies, *filings))
    assert all(loan.ltv <= loan.ltv_ceiling - 0.05 for loan in PILOT.loan)
