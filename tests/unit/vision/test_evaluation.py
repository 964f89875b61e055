"""Figures against labelled pictures."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.vision.builders import boxes_of, herd, jpeg, sunny_pen
from vision.detector import Boxes
from vision.detectors.replay import ReplayDetector
from vision.errors import VisionError
from vision.evaluation import examine_set, figures
from vision.manifest import SceneTrust
from vision.matching import average_precision, hits
from vision.truth import Truth, find_sets, read_set

TRUST = SceneTrust(score=0.5, quantile=0.5, pictures=100)


def truth_of(boxes: Boxes) -> Truth:
    return Truth(Path("a.jpg"), boxes.xyxy / np.array([320, 180, 320, 180], np.float32), None, boxes.class_id)


def points_of(boxes: Boxes) -> Truth:
    return Truth(Path("a.jpg"), None, boxes.centres / np.array([320, 180], np.float32), boxes.class_id)


@pytest.mark.parametrize("truth", [truth_of(herd(6)), points_of(herd(6))])
def test_every_box_on_its_animal_is_a_hit(truth: Truth) -> None:
    assert hits(herd(6), truth, 320, 180).all()


@pytest.mark.parametrize("truth", [truth_of(herd(1)), points_of(herd(1))])
def test_a_second_box_on_the_same_animal_is_not_a_hit(truth: Truth) -> None:
    one = herd(1)
    twice = Boxes(np.repeat(one.xyxy, 2, axis=0), np.array([0.9, 0.8]), np.array([0, 0]))
    assert hits(twice, truth, 320, 180).tolist() == [True, False]


def test_a_sheep_is_not_a_found_cow() -> None:
    assert not hits(herd(3, kind=1), truth_of(herd(3)), 320, 180).any()


def test_a_box_far_larger_than_the_animal_is_not_a_hit() -> None:
    truth = truth_of(boxes_of([((100, 80, 120, 100), 1, 0)]))
    assert not hits(boxes_of([((60, 40, 160, 140), 0.9, 0)]), truth, 320, 180).any()


@pytest.mark.parametrize(
    ("scores", "found", "total", "expected"),
    [
        ([0.9, 0.8], [True, True], 2, 1.0),
        ([0.9, 0.8], [True, False], 2, 0.5),
        ([0.9, 0.8], [False, True], 1, 0.5),
        ([], [], 3, 0.0),
        ([0.5], [False], 0, None),
    ],
)
def test_average_precision_of_known_lists(
    scores: list[float], found: list[bool], total: int, expected: float | None
) -> None:
    got = average_precision([np.array(scores, np.float32)], [np.array(found, np.bool_)], total)
    assert got == expected if expected is None else got == pytest.approx(expected)


def written_set(folder: Path, labels: list[str], *, points: list[str] | None = None) -> Path:
    for kind in ("images", "labels") + (("points",) if points else ()):
        (folder / kind / "val").mkdir(parents=True)
    for index, label in enumerate(labels):
        (folder / "images/val" / f"{index}.jpg").write_bytes(jpeg(sunny_pen()))
        (folder / "labels/val" / f"{index}.txt").write_text(label)
    for index, text in enumerate(points or []):
        (folder / "points/val" / f"{index}.txt").write_text(text)
    return folder


def test_goats_and_horses_are_not_ours_to_count(tmp_path: Path) -> None:
    folder = written_set(tmp_path / "mixed", ["0 0.5 0.5 0.1 0.1\n3 0.2 0.2 0.1 0.1\n4 0.2 0.2 0.1 0.1\n"])
    assert [truth.count for truth in read_set(folder, "val")] == [1]


def test_where_points_exist_they_are_the_truth_and_not_the_boxes(tmp_path: Path) -> None:
    folder = written_set(tmp_path / "pasture", ["0 0.5 0.5 0.1 0.1\n"], points=["0.1 0.1\n0.5 0.5\n"])
    (truth,) = read_set(folder, "val")
    assert truth.count == 2
    assert truth.xyxy is None


def test_a_folder_of_sets_and_a_single_set_are_both_found(tmp_path: Path) -> None:
    folder = written_set(tmp_path / "one", [""])
    assert list(find_sets(tmp_path, "val")) == list(find_sets(folder, "val")) == ["one"]
    with pytest.raises(VisionError, match="no labelled pictures"):
        find_sets(tmp_path / "one" / "labels", "val")


def test_a_broken_label_file_is_named(tmp_path: Path) -> None:
    folder = written_set(tmp_path / "one", ["0 0.5 oops 0.1 0.1\n"])
    with pytest.raises(VisionError, match=r"0\.txt"):
        read_set(folder, "val")


def test_the_figures_of_a_set_counted_by_hand(tmp_path: Path) -> None:
    folder = written_set(tmp_path / "one", ["0 0.5 0.5 0.9 0.111\n", ""])
    wrong = boxes_of([((0, 0, 20, 20), 0.9, 0)])
    detector = ReplayDetector([boxes_of([((16, 80, 304, 100), 0.9, 0)]), wrong])
    figure = figures(examine_set(detector, read_set(folder, "val")), TRUST)
    assert (figure.images, figure.true, figure.counted) == (2, 1, 2)
    assert (figure.mae, figure.bias, figure.precision, figure.recall) == (0.5, 0.5, 0.5, 1.0)
    assert figure.rmse == pytest.approx(0.7071, abs=1e-4)
    assert figure.coverage95 == 1.0  # each picture is one off at most, and no interval is narrower than that
    assert figure.point_ap is None
