"""The herd behaves as measured ones do, and the same way each time."""

from dataclasses import fields
from datetime import timedelta

import numpy as np
import pytest

from firmware_sim import tag
from firmware_sim.chance import stream
from firmware_sim.uplinks import Uplinks
from firmware_sim.weather import weather
from tests.unit.firmware_sim.pilots import LIVE, enrolment, played, world

HISTORY = timedelta(days=4)


@pytest.fixture(scope="module")
def heard() -> Uplinks:
    return played(world(history=HISTORY), LIVE)


def has_fix(uplinks: Uplinks) -> np.ndarray:
    return ~np.isnan(uplinks.lat) & (uplinks.lat != 0)


def test_the_same_seed_plays_the_same_world() -> None:
    one, two = (played(world(3), LIVE) for _ in range(2))
    for column in fields(Uplinks):
        np.testing.assert_array_equal(getattr(one, column.name), getattr(two, column.name))


def test_another_seed_plays_another() -> None:
    assert not np.array_equal(played(world(3), LIVE).row, played(world(4), LIVE).row)


def test_streams_of_chance_do_not_depend_on_one_another() -> None:
    before = stream(1, "weather").random()
    stream(1, "another consumer").random(100)
    assert stream(1, "weather").random() == before != stream(1, "movement").random()


def test_uplinks_come_in_order_and_no_sequence_twice(heard: Uplinks) -> None:
    assert (np.diff(heard.measured_s) >= 0).all()
    keys = np.column_stack([heard.row, heard.sequence])
    assert len(np.unique(keys, axis=0)) == len(heard)


def test_lost_uplinks_leave_gaps_in_the_sequence(heard: Uplinks) -> None:
    share = len(heard) / (1700 * HISTORY.total_seconds() / 3600)
    assert 0.85 < share < 0.95  # 5 % random, 2-3 % distance, hours unheard, dead tags
    own = heard.sequence[heard.row == heard.row[0]]
    assert own[-1] - own[0] + 1 > len(own)


def test_animals_stay_in_their_pens_but_for_the_error_of_the_fix(heard: Uplinks) -> None:
    made = world(history=HISTORY)
    fixed = heard.where(has_fix(heard))
    outside = []
    for number, farm in enumerate(made.herd.farms):
        own = fixed.where(made.herd.farm[fixed.row] == number)
        x = np.array([farm.ground.x_of(lon) for lon in own.lon])
        y = np.array([farm.ground.y_of(lat) for lat in own.lat])
        corner, size = made.herd.corner[own.row], made.herd.size[own.row]
        dx = np.maximum(np.maximum(corner[:, 0] - x, x - corner[:, 0] - size[:, 0]), 0)
        dy = np.maximum(np.maximum(corner[:, 1] - y, y - corner[:, 1] - size[:, 1]), 0)
        outside.append(np.hypot(dx, dy))
    assert np.mean(np.concatenate(outside) > 30) < 0.002  # rare outliers only


def test_the_useless_fixes_are_as_rare_as_documented(heard: Uplinks) -> None:
    assert np.mean(heard.lat == 0) == pytest.approx(0.005, abs=0.001)
    assert np.mean(np.isnan(heard.lat)) == pytest.approx(0.03, abs=0.003)


def test_steps_and_ear_temperatures_are_those_of_real_herds(heard: Uplinks) -> None:
    assert 2_500 < heard.steps.mean() * 24 < 3_000
    assert 38 < heard.activity.mean() + 2 < 44  # 38.0 in the source, cut at 0 and 100 here
    assert 24 < heard.ear_temp_c.mean() < 36


def test_ear_temperature_follows_the_air_as_measured_over_the_seasons() -> None:
    when = LIVE.timestamp() + 3600.0 * np.arange(24 * 365)
    air = weather(1, 3).air_c(when, 0, when + 8 * 3600)
    core = tag.CORE_C + tag.CORE_SD_C * stream(1, "core").normal(0, 1, len(when))
    ear = tag.ear_temp_c(core, air, stream(1, "ear"))
    assert np.corrcoef(air, ear)[0, 1] == pytest.approx(0.75, abs=0.08)
    assert ear.std() == pytest.approx(2.83, abs=0.8)


def test_batteries_only_fall(heard: Uplinks) -> None:
    own = heard.battery_pct[heard.row == 7]
    assert (np.diff(own) <= 0).all()


def test_one_or_two_percent_of_tags_die_on_every_farm() -> None:
    made = world(history=timedelta(days=14))
    silent = np.isfinite(made.tags.silent_from_s)
    farm = made.herd.farm[: made.herd.tagged]
    assert all(0.01 <= silent[farm == number].mean() <= 0.02 for number in range(3))


def test_a_silent_tag_is_silent(heard: Uplinks) -> None:
    ends = world(history=HISTORY).tags.silent_from_s
    assert (heard.measured_s < ends[heard.row]).all()


def test_messages_carry_no_fix_where_there_was_none(heard: Uplinks) -> None:
    some = heard.where(np.flatnonzero(np.isnan(heard.lat))[:3])
    messages = some.messages(world().herd.tags, stamped=True)
    assert [(m.lat, m.lon, m.fix_error_m) for m in messages] == [(None, None, None)] * 3
    assert all(m.heard_at is not None and m.heard_at > m.measured_at for m in messages)


def test_every_tag_is_enrolled() -> None:
    assert set(world().herd.tags) == {tag.tag_id for tag in enrolment().tags}
