"""Rendered pens: exact truth, same herd in every frame."""

from pathlib import Path

import numpy as np
import pytest

from firmware_sim.render_set import main, random_scene, scatter, yolo_lines
from firmware_sim.rendering import AnimalPose, Light, PenView, RenderedFrame, render_pen

VIEW = PenView("cattle", 20.0, 12.0, look_seed=4)


def rendered(animals: list[AnimalPose], light: Light = Light.DAY, seed: int = 0, view: PenView = VIEW) -> RenderedFrame:
    return render_pen(view, animals, light, np.random.default_rng(seed), width=480, height=270)


def apart(count: int) -> list[AnimalPose]:
    return [AnimalPose(f"cow-{i}", 3.0 + 4 * (i % 4), 2.5 + 3.5 * (i // 4), 0.3) for i in range(count)]


def test_the_same_seed_draws_the_same_picture() -> None:
    assert np.array_equal(rendered(apart(5)).image, rendered(apart(5)).image)


def test_another_seed_moves_noise_and_not_the_herd() -> None:
    first, second = rendered(apart(5), seed=1), rendered(apart(5), seed=2)
    assert not np.array_equal(first.image, second.image)
    difference = np.abs(first.image.astype(int) - second.image.astype(int))
    assert difference.mean() < 20


@pytest.mark.parametrize("light", list(Light))
@pytest.mark.parametrize("species", ["cattle", "sheep", "pig"])
def test_every_animal_that_stands_apart_has_a_box_and_shows_fully(species: str, light: Light) -> None:
    frame = rendered(apart(12), light, view=PenView(species, 20.0, 12.0, 4))
    assert {box.key for box in frame.boxes} == {f"cow-{i}" for i in range(12)}
    assert min(box.visible for box in frame.boxes) > 0.9


def test_the_picture_differs_from_the_empty_pen_just_inside_the_boxes() -> None:
    animals = apart(1)
    with_cow = rendered(animals, seed=5).image.astype(float)
    without = rendered([], seed=5).image.astype(float)
    (box,) = rendered(animals, seed=5).boxes
    inside = np.s_[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    far = np.s_[:60, :60]
    gap = np.abs(with_cow - without).mean(axis=2)
    assert gap[inside].mean() > 3 * gap[far].mean()


def test_a_nearer_animal_hides_the_one_behind() -> None:
    behind, before = AnimalPose("behind", 10.0, 6.2, 0.0), AnimalPose("before", 10.0, 5.7, 0.0)
    visible = {box.key: box.visible for box in rendered([before, behind]).boxes}
    assert visible["before"] > 0.95
    assert visible["behind"] < 0.75


def test_night_is_grey_and_darker_than_day() -> None:
    night, day = rendered(apart(6), Light.NIGHT).image, rendered(apart(6), Light.DAY).image
    assert np.array_equal(night[..., 0], night[..., 2])
    assert night.mean() < day.mean()


def test_a_coat_stays_with_its_key_when_the_herd_changes() -> None:
    full, reduced = rendered(apart(8), seed=3), rendered(apart(8)[:4], seed=3)
    box = next(box for box in full.boxes if box.key == "cow-0")
    middle = np.s_[int((box.y1 + box.y2) / 2) - 3 : int((box.y1 + box.y2) / 2) + 3, int((box.x1 + box.x2) / 2)]
    difference = full.image[middle].astype(float).mean() - reduced.image[middle].astype(float).mean()
    assert abs(difference) < 25


def test_lying_animals_are_drawn_lower() -> None:
    stands, lies = (rendered([AnimalPose("cow", 10, 6, 0.2, lying=lying)]).boxes[0] for lying in (False, True))
    assert lies.y2 - lies.y1 < stands.y2 - stands.y1


def test_two_animals_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="share a key"):
        rendered([AnimalPose("cow", 5, 5, 0), AnimalPose("cow", 9, 5, 0)])


@pytest.mark.parametrize(("species", "width"), [("yak", 10.0), ("cattle", 0.0)])
def test_a_pen_that_makes_no_sense_is_refused(species: str, width: float) -> None:
    with pytest.raises(ValueError):
        PenView(species, width, 10.0, 0)


def test_a_full_pen_of_seventy_head_stays_countable_by_eye() -> None:
    rng = np.random.default_rng(8)
    view = PenView("cattle", 32.0, 19.0, look_seed=6)
    frame = render_pen(view, scatter("cattle", 32.0, 19.0, 70, rng), Light.DAY, rng)
    assert len(frame.boxes) == 70
    assert sum(box.visible > 0.7 for box in frame.boxes) >= 68


def test_labels_lie_inside_the_picture() -> None:
    frame = random_scene("sheep", np.random.default_rng(2))
    rows = np.array([[float(value) for value in line.split()] for line in yolo_lines(frame, 1)])
    assert (rows[:, 0] == 1).all()
    assert (rows[:, 1:3] - rows[:, 3:5] / 2 >= -1e-5).all()
    assert (rows[:, 1:3] + rows[:, 3:5] / 2 <= 1 + 1e-5).all()


def test_the_command_writes_a_set_with_a_label_per_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "--count", "3", "--seed", "5", "--species", "sheep,pig"]) == 0
    names = {path.stem for path in (tmp_path / "images/train").iterdir()}
    assert len(names) == 3
    assert names == {path.stem for path in (tmp_path / "labels/train").iterdir()}
    assert "3 pictures" in capsys.readouterr().out


def test_looks_through_the_pilots_cameras_label_everyone_and_name_the_kind_of_scene(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "--count", "2", "--seed", "5", "--species", "pig", "--pilot"]) == 0
    labels = [path.read_text().splitlines() for path in (tmp_path / "labels/train").iterdir()]
    assert [len(lines) for lines in labels] == [50, 50]  # a pig pen of the pilot, however they lie
    assert {line.split(",")[1] for line in (tmp_path / "index.csv").read_text().splitlines()[1:]} == {"pig"}
