"""One animal, one box."""

import numpy as np
import pytest
from hypothesis import given

from tests.unit.vision.builders import boxes_of, rows_of_boxes
from vision.detector import Boxes
from vision.suppression import overlap, suppress


@given(rows_of_boxes)
def test_what_stays_is_a_choice_of_what_was_there_best_first(boxes: Boxes) -> None:
    kept = suppress(boxes, 0.5)
    before = {tuple(row) for row in boxes.xyxy.tolist()}
    assert all(tuple(row) in before for row in kept.xyxy.tolist())
    assert (np.diff(kept.score) <= 0).all()


@given(rows_of_boxes)
def test_no_two_boxes_of_one_class_that_stay_overlap_more_than_allowed(boxes: Boxes) -> None:
    kept = suppress(boxes, 0.5)
    beats = overlap(kept.xyxy, kept.xyxy) > 0.5
    same = kept.class_id[:, None] == kept.class_id[None]
    assert not (beats & same & ~np.eye(len(kept), dtype=np.bool_)).any()


@given(rows_of_boxes)
def test_suppressing_twice_changes_nothing(boxes: Boxes) -> None:
    once = suppress(boxes, 0.5)
    assert np.array_equal(suppress(once, 0.5).xyxy, once.xyxy)


@given(rows_of_boxes)
def test_the_best_box_always_stays(boxes: Boxes) -> None:
    kept = suppress(boxes, 0.5)
    assert len(kept) == 0 if len(boxes) == 0 else kept.score[0] == boxes.score.max()


@given(rows_of_boxes)
def test_overlap_is_symmetric_and_a_share(boxes: Boxes) -> None:
    matrix = overlap(boxes.xyxy, boxes.xyxy)
    assert np.allclose(matrix, matrix.T, atol=1e-5)
    assert ((matrix >= 0) & (matrix <= 1 + 1e-5)).all()


@pytest.mark.parametrize(
    ("second", "kind", "left"),
    [
        ((1, 0, 11, 10), 0, 1),  # the same cow again
        ((8, 0, 18, 10), 0, 2),  # her neighbour
        ((0, 0, 10, 10), 1, 1),  # one animal taken for cow and sheep
        ((3, 0, 13, 10), 1, 2),  # a sheep half hidden by the cow
        ((2, 2, 6, 6), 0, 2),  # a calf before her
        ((7, 2, 11, 6), 0, 2),  # a calf beside her
    ],
)
def test_neighbours_stay_and_repeats_go(second: tuple[float, float, float, float], kind: int, left: int) -> None:
    assert len(suppress(boxes_of([((0, 0, 10, 10), 0.9, 0), (second, 0.8, kind)]), 0.5)) == left
