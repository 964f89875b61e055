"""The pilot is the one that was promised."""

from collections import Counter
from datetime import timedelta

import pytest

from collateral.contract import enrolment as contract
from collateral.model.herd import Fence
from collateral.model.place import Position
from firmware_sim import pilot
from firmware_sim.enrol import enrol, summary
from tests.unit.firmware_sim.pilots import LIVE, enrolment


def test_the_pilot_has_two_thousand_head_on_three_farms() -> None:
    made = enrolment()
    species = Counter(animal.species for animal in made.animals)
    pigs = sum(group.head for group in made.groups)
    assert (species["cattle"], species["sheep"], pigs) == (1400, 300, 300)
    assert (len(made.farms), len(made.gateways), len(made.cameras), len(made.branches)) == (3, 8, 12, 2)
    assert Counter(gateway.farm_id for gateway in made.gateways) == {"farm-1": 3, "farm-2": 3, "farm-3": 2}


def test_the_principals_are_exactly_twenty_four_million() -> None:
    assert sum(loan.principal_minor for loan in enrolment().loans) == 24_000_000 * 100


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_every_loan_is_lent_at_60_to_72_percent_and_below_its_ceiling(seed: int) -> None:
    made = enrolment(seed)
    value: Counter[str] = Counter()
    for pledge in made.pledges:
        value[pledge.loan_id] += pledge.head * pledge.value_per_head_minor
    for loan in made.loans:
        assert 0.60 <= loan.balance_minor / value[loan.loan_id] <= 0.72
        assert loan.balance_minor / value[loan.loan_id] < loan.ltv_ceiling
        assert loan.balance_minor < loan.principal_minor
        assert loan.drawn_on < LIVE.date() < loan.matures_on


def test_every_animal_is_pledged_once_and_worn_tags_are_unique() -> None:
    made = enrolment()
    pledged = [pledge.animal_id for pledge in made.pledges if pledge.animal_id]
    assert len(pledged) == len(set(pledged)) == len(made.animals)
    assert len({tag.tag_id for tag in made.tags}) == len(made.tags) == 1700
    assert all(tag.since < LIVE - timedelta(days=14) for tag in made.tags)


def test_identities_follow_the_official_tag() -> None:
    digit = {"cattle": "2", "sheep": "3"}
    numbers = [animal.identity for animal in enrolment().animals]
    assert len(set(numbers)) == len(numbers)
    assert all(
        len(a.identity) == 15 and a.identity.isdigit() and a.identity[0] == digit[a.species]
        for a in enrolment().animals
    )


def test_fences_are_rings_that_do_not_overlap() -> None:
    boxes = []
    for pen in enrolment().pens:
        Fence(tuple(Position(lat, lon) for lon, lat in pen.fence))
        longitudes, latitudes = zip(*pen.fence, strict=True)
        boxes.append((min(longitudes), max(longitudes), min(latitudes), max(latitudes)))
    for number, (west, east, south, north) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = east <= other[0] or other[1] <= west or north <= other[2] or other[3] <= south
            assert apart


def test_logins_know_their_branch_and_password() -> None:
    people = {person.login: person for person in enrolment().people}
    assert set(people) == {"officer", "officer2", "risk", "farm1", "auditor", "admin"}
    assert (people["officer"].branch_id, people["officer2"].branch_id) == ("branch-1", "branch-2")
    assert people["farm1"].farm_id == "farm-1"
    assert {person.password for person in people.values()} == {"herdlien-demo"}


def test_the_same_seed_and_time_give_the_same_file() -> None:
    again = enrol(pilot.read(), 1, LIVE, "herdlien-demo")
    assert contract.write(again) == contract.write(enrolment())
    assert contract.read(contract.write(again)) == again
    assert contract.write(enrolment(2)) != contract.write(again)


def test_the_summary_is_for_people() -> None:
    assert "2,000 head on 3 farms" in summary(enrolment())[-1]
