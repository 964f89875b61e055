"""Boxes: the one currency between detecting, counting and drawing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import boxes_of, rows_of_boxes
from vision.detector import Boxes
from vision.errors import VisionError


@given(rows_of_boxes, st.integers(0, 2**25))
def test_a_mask_chooses_the_same_rows_in_every_column(boxes: Boxes, bits: int) -> None:
    mask = np.array([bool(bits >> row & 1) for row in range(len(boxes))], np.bool_)
    chosen = boxes[mask]
    assert len(chosen) == mask.sum()
    assert np.array_equal(chosen.xyxy, boxes.xyxy[mask])
    assert np.array_equal(chosen.score, boxes.score[mask])
    assert np.array_equal(chosen.class_id, boxes.class_id[mask])


@given(rows_of_boxes)
def test_the_classes_add_up_to_all_boxes(boxes: Boxes) -> None:
    assert sum(boxes.by_class().values()) == len(boxes)
    assert sum(len(boxes.of_class(name)) for name in ("cattle", "sheep", "pig")) == len(boxes)


def test_a_slice_keeps_order() -> None:
    boxes = boxes_of([((0, 0, 1, 1), 0.9, 0), ((1, 1, 2, 2), 0.5, 1), ((2, 2, 3, 3), 0.1, 2)])
    assert boxes[1:].score.tolist() == pytest.approx([0.5, 0.1])
    assert len(boxes.at_least(0.5)) == 2


def test_columns_cannot_be_written_to() -> None:
    boxes = boxes_of([((0, 0, 1, 1), 0.9, 0)])
    with pytest.raises(ValueError, match="read-only"):
        boxes.xyxy[0, 0] = 5


def test_the_columns_a_caller_keeps_stay_the_callers() -> None:
    scores = np.array([0.5], np.float32)
    boxes = Boxes(np.zeros((1, 4), np.float32), scores, np.zeros(1, np.int64))
    scores[0] = 0.1
    assert boxes.score[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("xyxy", "score", "class_id", "complaint"),
    [
        ([[0, 0, 1, 1]], [0.5, 0.6], [0], "give one each"),
        ([[2, 0, 1, 1]], [0.5], [0], "left, top, right, bottom"),
        ([[0, 0, float("nan"), 1]], [0.5], [0], "finite"),
        ([[0, 0, 1, 1]], [1.5], [0], "between 0 and 1"),
        ([[0, 0, 1, 1]], [0.5], [4], "cattle, sheep, pig, person"),
    ],
)
def test_columns_that_make_no_sense_are_refused_with_the_reason(
    xyxy: list, score: list, class_id: list, complaint: str
) -> None:
    with pytest.raises(VisionError, match=complaint):
        Boxes(np.array(xyxy, np.float32), np.array(score), np.array(class_id))


def test_an_unknown_species_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(VisionError, match="cattle, sheep, pig"):
        Boxes.empty().of_class("yak")


def test_people_are_found_and_never_among_the_animals() -> None:
    boxes = boxes_of([((0, 0, 9, 9), 0.9, 0), ((5, 5, 9, 9), 0.8, 3), ((20, 0, 29, 9), 0.7, 2)])
    assert boxes.animals.by_class() == boxes.by_class() == {"cattle": 1, "pig": 1}
    assert boxes.people.xyxy.tolist() == [[5, 5, 9, 9]]
