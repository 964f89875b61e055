"""Gate films: truth that follows from the ways the animals walk, and boxes that lie where the animals are."""

import json
from pathlib import Path

import numpy as np
import pytest

from firmware_sim.gate_film import SIZE, film, main, own_crossings, write
from firmware_sim.gate_scenario import SCENARIOS
from firmware_sim.gate_view import ANGLES
from firmware_sim.gate_walk import Crossings, Walk, collide, crossings, outward
from firmware_sim.rendering import Light


def walk(*places: float, lane: float = 0.0, pace_s: float = 1.0) -> Walk:
    return Walk("one", lane, tuple((pace_s * number, place) for number, place in enumerate(places)))


@pytest.mark.parametrize(
    ("places", "come", "gone"),
    [
        ((-3, 3), 1, 0),
        ((3, -3), 0, 1),
        ((-3, 0.4, -3), 0, 0),  # the nose is over, the animal is not
        ((-3, 0.3, -0.3, 0.2, -0.1, 3), 1, 0),  # dithering is nothing
        ((-3, 1.5, -3), 1, 1),
        ((-3, 1.5, -1.5, 3), 2, 1),
        ((-3, -1, -3), 0, 0),
    ],
)
def test_an_animal_has_crossed_when_it_stood_clear_of_the_line_on_either_side(
    places: tuple[float, ...], come: int, gone: int
) -> None:
    assert own_crossings(walk(*places)) == Crossings(come, gone)


def test_the_same_way_from_the_other_side_changes_in_and_out() -> None:
    there = walk(-3, 1.5, -3, 3)
    back = Walk("one", 0.0, outward(there.knots))
    assert own_crossings(back) == Crossings(own_crossings(there).gone, own_crossings(there).come)


def test_animals_in_one_lane_collide_and_in_two_they_pass() -> None:
    coming, going = walk(-3, 3), walk(3, -3)
    assert collide(coming, going, 0.8)
    assert not collide(coming, walk(3, -3, lane=1.0), 0.8)
    assert not collide(coming, coming.later(5.0), 0.8)  # one is gone before the other comes


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_truth_of_a_film_is_what_its_animals_do_step_by_step(scenario: str) -> None:
    for seed in range(3):
        made = film(scenario, seed, 15)
        stepwise = [crossings(w.past(np.arange(w.knots[0][0], w.ends_s() + 0.05, 0.05)).tolist()) for w in made.walks]
        assert made.walks, "a film shows somebody"
        assert sum(stepwise, Crossings(0, 0)) == made.truth
        assert all(w.ends_s() < made.seconds for w in made.walks)


@pytest.mark.parametrize("angle", ANGLES)
def test_the_boxes_of_a_film_cross_its_line_as_often_as_the_truth_says(angle: str) -> None:
    """By the boxes alone, as a perfect counter would: inward is right of a steep line or below a flat one."""
    made = film("pairs", 2, 12, "sheep", angle, Light.DAY)
    x1, y1, x2, y2 = made.view.line
    across = 1 if abs(x2 - x1) > abs(y2 - y1) else 0
    sides: dict[str, list[float]] = {}
    for frame in made.drawn(every=2):
        for box in frame.boxes:
            middle = ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)[across]
            size = max(box.x2 - box.x1, box.y2 - box.y1)
            sides.setdefault(box.key, []).append((middle - (x1, y1)[across]) / size)
    seen = sum((crossings(places) for places in sides.values()), Crossings(0, 0))
    assert made.truth.come > 3
    assert seen == made.truth


def test_the_same_seed_makes_the_same_film_and_another_one_another() -> None:
    first, again, other = (film("crush", seed, 12) for seed in (5, 5, 6))
    frames = [list(made.drawn(every=6)) for made in (first, again)]
    assert any(frame.boxes for frame in frames[0])
    assert first.walks == again.walks
    assert other.walks != first.walks
    assert all(np.array_equal(a.image, b.image) and a.boxes == b.boxes for a, b in zip(*frames, strict=True))


def test_animals_hide_one_another_more_from_level_to_level() -> None:
    def least_visible(scenario: str) -> float:
        made = film(scenario, 1, 10, "cattle", "side", Light.DAY)
        boxes = [box for frame in made.drawn(every=6) for box in frame.boxes]
        return float(np.quantile([box.visible for box in boxes if box.x1 > 0 and box.x2 < SIZE[0]], 0.1))

    free, pairs, heavy = (least_visible(name) for name in ("free", "pairs", "heavy"))
    assert free > 0.9
    assert heavy < pairs < free


def test_a_film_and_its_truth_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "--scenario", "running", "--seed", "3", "--seconds", "6"]) == 0
    truth = json.loads((tmp_path / "running-3.json").read_text())
    assert f"in {truth['in']}, out {truth['out']}" in capsys.readouterr().out
    assert (tmp_path / "running-3.mp4").stat().st_size > 10_000
    assert len(truth["frames"]) == 6 * truth["fps"] == 30
    assert truth["net"] == truth["in"] - truth["out"] == sum(a["in"] - a["out"] for a in truth["animals"])
    named = {box[4] for frame in truth["frames"] for box in frame["boxes"]}
    assert named <= {animal["id"] for animal in truth["animals"]}


def test_an_unknown_scenario_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="free, dither"):
        film("stampede", 1, 5)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    assert main(["--out", str(tmp_path / "taken"), "--seconds", "1"]) == 2
    assert "gate_film:" in capsys.readouterr().err


def test_what_is_written_is_what_was_drawn(tmp_path: Path) -> None:
    made = film("post", 2, 1.5)
    truth = write(made, tmp_path)
    drawn = [[[b.x1, b.y1, b.x2, b.y2] for b in frame.boxes] for frame in made.drawn()]
    assert [[box[:4] for box in frame["boxes"]] for frame in truth["frames"]] == drawn
