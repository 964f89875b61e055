"""The night theft is what the scenario says, whatever the seed."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.facts.geometry import metres_outside
from collateral.facts.outside import margin_m
from collateral.model.place import Fence, Position
from firmware_sim import scenario
from firmware_sim.camera import RenderedLens, light_at
from firmware_sim.events import happenings, silent_tags
from firmware_sim.scenario import NoSuchScenario
from firmware_sim.theft import Removal
from firmware_sim.world import World
from tests.unit.firmware_sim.pilots import LIVE, enrolment, played, world

HOUR = timedelta(hours=1)
BEGINS = LIVE + timedelta(minutes=70)  # 02:10 in Shanghai
ENDS = LIVE + timedelta(minutes=100)


def stolen(seed: int) -> tuple[World, Removal]:
    made = world(seed, story="night_theft", history=HOUR)
    assert made.removal is not None
    return made, made.removal


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_each_stolen_tag_is_heard_twice_far_outside_its_fence_and_then_never(seed: int) -> None:
    made, removal = stolen(seed)
    heard = played(made, ENDS + 3 * HOUR)
    ring = next(pen.fence for pen in enrolment().pens if pen.pen_id == removal.pen.pen_id)
    fence = Fence(tuple(Position(lat, lon) for lon, lat in ring[:-1]))
    assert len(removal.departs_s) == 24
    for row in removal.departs_s:
        own = heard.where(heard.row == row)
        beyond = [
            metres_outside(fence, Position(lat, lon)) > margin_m(error)
            for lat, lon, error in zip(own.lat[-2:], own.lon[-2:], own.fix_error_m[-2:], strict=True)
        ]
        assert beyond == [True, True]
        assert BEGINS.timestamp() + 600 <= own.measured_s[-1] <= ENDS.timestamp()
        assert own.measured_s[-1] - own.measured_s[-2] == pytest.approx(300, abs=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_they_come_from_one_watched_pen_of_the_farm_and_secure_one_loan(seed: int) -> None:
    made, removal = stolen(seed)
    animals = {made.herd.animals[row] for row in removal.departs_s}
    assert {a.pen_id for a in enrolment().animals if a.animal_id in animals} == {removal.pen.pen_id}
    assert removal.pen.pen_id in {c.pen_id for c in enrolment().cameras if c.farm_id == "farm-1"}
    assert {p.loan_id for p in enrolment().pledges if p.animal_id in animals} == {removal.loan_id}
    assert not {made.herd.tags[row] for row in removal.departs_s} & set(silent_tags(made))


def test_the_others_are_heard_as_ever() -> None:
    made, removal = stolen(5)
    heard, quiet = played(made, ENDS + 2 * HOUR), played(world(5, history=HOUR), ENDS + 2 * HOUR)
    other = ~np.isin(quiet.row, list(removal.departs_s))
    same = heard.where(~np.isin(heard.row, list(removal.departs_s)))
    np.testing.assert_array_equal(same.sequence, quiet.where(other).sequence)


def test_the_camera_sees_fewer_from_the_moment_they_leave() -> None:
    made, removal = stolen(1)
    rows = removal.pen.rows

    def inside(at_s: float) -> int:
        return int((~np.isnan(made.places(rows, at_s, removal.pen.farm)[:, 0])).sum())

    assert inside(BEGINS.timestamp()) == len(rows)
    assert inside(BEGINS.timestamp() + 120) == len(rows) - 6
    assert inside(ENDS.timestamp()) == len(rows) - 24


def test_the_picture_shows_those_who_are_there() -> None:
    made, removal = stolen(1)
    camera = next(c for c in enrolment().cameras if c.pen_id == removal.pen.pen_id)
    lens = RenderedLens(made)
    before = lens.shoot(camera, removal.pen, int(BEGINS.timestamp()))
    after = lens.shoot(camera, removal.pen, int(ENDS.timestamp()))
    assert before.true_head is not None
    assert after.true_head == before.true_head - 24
    assert (before.light, after.sequence - before.sequence) == ("night", 6)
    assert before.jpeg == lens.shoot(camera, removal.pen, int(BEGINS.timestamp())).jpeg


def test_the_truth_tells_who_left_when() -> None:
    made, removal = stolen(1)
    told = happenings(made)
    assert [told[0].name, told[-1].name] == ["theft_begins", "theft_ends"]
    assert sum(happening.name == "crossed_fence" for happening in told) == 24
    assert told[0].particulars["loan"] == removal.loan_id


def test_nothing_happens_in_a_quiet_night() -> None:
    assert world().removal is None
    assert happenings(world()) == []


def test_a_scenario_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(NoSuchScenario, match="night_theft, quiet_night"):
        scenario.read("meteor")


def test_light_follows_the_clock() -> None:
    assert [light_at(hour).value for hour in (2.0, 6.9, 12.0, 17.5, 22.0)] == ["night", "dusk", "day", "dusk", "night"]
