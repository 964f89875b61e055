"""What users of line counters complain of, one story each; the line lies across the middle of the picture, in is down."""

import numpy as np
import pytest

from tests.unit.vision.gate.walks import film, hidden, sight, spoiled, straight, through
from vision.gate.counting import GateCount, count_gate
from vision.gate.line import Line, Race
from vision.gate.online import count_online
from vision.gate.sight import Sight

LINE = Line(0, 300, 600, 300)


@pytest.fixture(params=[count_gate, count_online], ids=["looking ahead", "online"])
def count(request: pytest.FixtureRequest):
    return request.param


def head(counted: GateCount) -> tuple[int, int]:
    return counted.came_in, counted.went_out


def test_an_animal_that_walks_through_counts_once_and_without_doubt(count) -> None:
    counted = count(film([straight(300, -30, 80)], 9), LINE)
    assert head(counted) == (1, 0)
    assert counted.ambiguous == 0


def test_in_then_out_is_one_of_each(count) -> None:
    back = through((0, 300, 0), (4, 300, 450), (8, 300, 0))
    assert head(count(film([back], 9), LINE)) == (1, 1)


def test_dithering_on_the_line_is_nothing(count) -> None:
    """Half a body of swaying, then back to where it came from."""
    sway = [(3 + 0.5 * i, 300, 300 + (25 if i % 2 else -25)) for i in range(20)]
    counted = count(film([through((0, 300, 0), *sway, (16, 300, 0))], 17), LINE)
    assert head(counted) == (0, 0)


def test_dithering_and_going_on_is_one(count) -> None:
    sway = [(3 + 0.5 * i, 300, 300 + (25 if i % 2 else -25)) for i in range(20)]
    assert head(count(film([through((0, 300, 0), *sway, (16, 300, 600))], 17), LINE)) == (1, 0)


@pytest.mark.parametrize("gone_s", [0.5, 1.0, 2.0, 3.5])
def test_an_animal_hidden_on_the_line_counts_once(count, gone_s) -> None:
    way = hidden(straight(300, -30, 60), 5.5 - gone_s / 2, 5.5 + gone_s / 2)
    counted = count(film([way, straight(100, -30, 70)], 12), LINE)
    assert head(counted) == (2, 0)


def test_boxes_that_flicker_below_the_threshold_count_once(count) -> None:
    frames = film([straight(300, -30, 60)], 12)
    weak = [Sight(f.frame, f.t, f.xyxy, f.score * (0.3 if i % 3 else 1), f.kind) for i, f in enumerate(frames)]
    assert head(count(weak, LINE)) == (1, 0)


def test_nothing_counts_without_passing_between_the_ends_of_the_line(count) -> None:
    """Down beside a short line, and along it on one side."""
    beside, along = straight(500, -30, 80), through((0, 20, 200), (8, 580, 200))
    assert head(count(film([beside, along], 9), Line(100, 300, 300, 300))) == (0, 0)


def test_going_round_the_end_of_the_line_and_back_through_it_is_one_out(count) -> None:
    way = through((0, 500, 0), (4, 500, 450), (6, 200, 450), (10, 200, 0))
    assert head(count(film([way], 11), Line(100, 300, 300, 300))) == (0, 1)


def test_a_fast_animal_seen_a_few_times_only_counts(count) -> None:
    """Two thirds of its length from one frame to the next, five frames a second."""
    assert head(count(film([straight(300, -30, 260)], 3, rate=5), LINE)) == (1, 0)


def test_several_side_by_side_count_one_each(count) -> None:
    ways = [straight(60 + 55 * i, -30 - 10 * i, 80) for i in range(8)]
    counted = count(spoiled(film(ways, 11), seed=1), LINE)
    assert head(counted) == (8, 0)


def test_two_that_meet_on_the_line_are_one_in_and_one_out(count) -> None:
    ways = [straight(290, -30, 80), straight(312, 630, -80)]
    assert head(count(film(ways, 9), LINE)) == (1, 1)


def test_two_boxes_on_one_animal_are_one_animal(count) -> None:
    frames = film([straight(300, -30, 80)], 9)
    twice = [
        Sight(
            f.frame, f.t, np.concatenate([f.xyxy, f.xyxy + np.array([2, 3, -2, -20])]), np.concatenate([f.score, f.score - 0.2]),
            np.concatenate([f.kind, f.kind]),
        )
        for f in frames
    ]  # fmt: skip
    assert head(count(twice, LINE)) == (1, 0)


def test_one_that_stands_still_behind_the_line_for_long_counts_once(count) -> None:
    """Its boxes tremble and it is lost again and again."""
    way = through((0, 300, 0), (5, 300, 350), (45, 305, 352))
    for since in range(8, 44, 4):
        way = hidden(way, since, since + 1.2)
    assert head(count(spoiled(film([way], 45), seed=3, jitter=3), LINE)) == (1, 0)


def test_a_false_box_that_stands_on_the_line_is_no_animal(count) -> None:
    frames = film([straight(100, -30, 80)], 9)
    false = np.array([[400.0, 270, 450, 330]])
    seen = [
        f if not 30 <= i < 36 else Sight(
            f.frame, f.t, np.concatenate([f.xyxy, false]), np.append(f.score, 0.45), np.append(f.kind, 0)
        )
        for i, f in enumerate(frames)
    ]  # fmt: skip
    assert head(count(seen, LINE)) == (1, 0)


def test_another_class_for_a_few_frames_does_not_make_a_second_animal(count) -> None:
    frames = film([straight(300, -30, 80)], 9, kind=17)
    mixed = [Sight(f.frame, f.t, f.xyxy, f.score, f.kind + (i % 4 == 0)) for i, f in enumerate(frames)]
    counted = count(mixed, LINE)
    assert head(counted) == (1, 0)
    assert counted.as_json()["by_class"] == {"17": {"in": 1, "out": 0}}


def test_an_animal_that_vanishes_before_the_line_is_named_with_time_and_place(count) -> None:
    lost = through((0, 300, 0), (3.5, 300, 270))
    counted = count(film([lost, straight(100, -30, 80), straight(500, -30, 80)], 14), LINE)
    assert head(counted) == (2, 0)
    assert counted.ambiguous == 1
    [doubt] = [one for one in counted.events if one.kind == "doubtful"]
    assert doubt.t == pytest.approx(3.5, abs=0.2)
    assert (doubt.x, doubt.y) == (pytest.approx(300, abs=5), pytest.approx(270, abs=10))
    assert "vanishes" in doubt.reason


def test_an_animal_on_the_line_as_the_recording_ends_is_doubtful(count) -> None:
    counted = count(film([through((0, 300, 0), (4, 300, 300), (6, 300, 300))], 6), LINE)
    assert head(counted) == (0, 0)
    assert counted.ambiguous == 1


def test_an_animal_lost_far_from_the_line_is_no_doubt(count) -> None:
    lost = through((0, 300, 0), (0.5, 300, 45), (2, 300, 110))
    counted = count(film([lost, straight(100, -30, 80), straight(500, -30, 80)], 12), LINE)
    assert counted.ambiguous == 0


def test_missing_frames_are_bridged(count) -> None:
    frames = [f for f in film([straight(300, -30, 60)], 12) if not 4.8 < f.t < 6.2]
    assert head(count(frames, LINE)) == (1, 0)


def test_no_frames_and_no_boxes_are_no_animals(count) -> None:
    assert head(count([], LINE)) == (0, 0)
    assert head(count([sight(n, n / 10, np.zeros((0, 4))) for n in range(50)], LINE)) == (0, 0)


def test_a_race_counts_who_comes_in_at_one_side_and_leaves_at_the_other(count) -> None:
    race = Race.parse("200,150,400,150,400,450,200,450")
    ways = [straight(300, -30, 80), straight(340, 630, -80, since=1), straight(500, -30, 80)]
    assert head(count(film(ways, 11), race)) == (1, 1)


def test_turning_round_in_a_race_is_nothing(count) -> None:
    race = Race.parse("200,150,400,150,400,450,200,450")
    back = through((0, 300, 0), (4, 300, 330), (8, 300, 0))
    assert head(count(film([back], 9), race)) == (0, 0)


def test_online_events_say_how_late_they_are() -> None:
    counted = count_online(film([straight(300, -30, 80)], 12), LINE)
    [crossing] = [one for one in counted.events if one.kind == "in"]
    assert 0 < (crossing.late_s or 0) < 4


def test_the_online_counter_keeps_no_more_than_it_needs() -> None:
    """A quarter of an hour of one animal that stays and others that pass."""
    from vision.gate.online import ROWS, OnlineGate

    gate, came = OnlineGate(LINE), 0
    for number in range(3 * 900):
        t = number / 3
        boxes = [[500, 100 + np.sin(t), 540, 180 + np.sin(t)]]
        if t % 60 < 12:
            y = 60 * (t % 60) - 30
            boxes.append([280, max(y - 40, 0), 320, min(max(y + 40, 5), 600)])
        came += sum(one.kind == "in" for one in gate.take(sight(number, t, np.array(boxes))))
    came += sum(one.kind == "in" for one in gate.close())
    assert came == 15
    assert gate.rows_held < 2 * ROWS
