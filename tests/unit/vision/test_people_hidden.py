"""Nobody can be recognised in what is kept, and nothing else is touched."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import Row, boxes_of
from vision.detector import Boxes, Image
from vision.evidence.people import LEAST_CELL, blur_people

PERSON, CATTLE = 3, 0
STANDS = (100.0, 40.0, 160.0, 200.0)


def detailed(width: int = 320, height: int = 240) -> Image:
    """Every pixel another colour: nothing is finer."""
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


def person(xyxy: tuple[float, float, float, float] = STANDS, score: float = 0.9) -> Boxes:
    return boxes_of([(xyxy, score, PERSON)])


def cattle(*xyxy: tuple[float, float, float, float]) -> Boxes:
    return boxes_of([(box, 0.9, CATTLE) for box in xyxy])


def fine_detail(image: Image) -> float:
    """Mean energy of what is finer than the smallest cell."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return float(np.square(grey - cv2.blur(grey, (3, 3))).mean())


def inside(image: Image, xyxy: tuple[float, float, float, float]) -> Image:
    x1, y1, x2, y2 = (int(side) for side in xyxy)
    return image[y1:y2, x1:x2]


def test_no_fine_detail_of_a_person_is_left() -> None:
    image = detailed()
    hidden, people = blur_people(image, person(), Boxes.empty())
    assert people == 1
    assert fine_detail(inside(hidden, STANDS)) < 0.01 * fine_detail(inside(image, STANDS))


def test_what_is_left_of_a_person_is_a_few_cells_of_one_colour() -> None:
    hidden, _ = blur_people(detailed(), person(), Boxes.empty())
    colours = np.unique(inside(hidden, STANDS).reshape(-1, 3), axis=0)
    assert len(colours) <= (60 * 1.3 / LEAST_CELL + 2) * (160 * 1.3 / LEAST_CELL + 2)


def test_hair_and_chin_beyond_the_box_are_hidden_too() -> None:
    image = detailed()
    hidden, _ = blur_people(image, person(), Boxes.empty())
    above = (100.0, 24.0, 160.0, 40.0)
    assert fine_detail(inside(hidden, above)) < 0.05 * fine_detail(inside(image, above))


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 220), st.integers(1, 90), st.integers(1, 90)), max_size=4)
)
def test_pixels_outside_the_grown_boxes_stay_as_they_are(sides: list[tuple[int, int, int, int]]) -> None:
    image = detailed()
    rows: list[Row] = [((float(x), float(y), float(x + w), float(y + h)), 0.5, PERSON) for x, y, w, h in sides]
    hidden, people = blur_people(image, boxes_of(rows), Boxes.empty())
    outside = np.ones(image.shape[:2], bool)
    for x, y, w, h in sides:
        across, down = round(w * 0.12) + 4, round(h * 0.12) + 4
        outside[max(0, y - down) : y + h + down, max(0, x - across) : x + w + across] = False
    assert people == len(sides)
    assert (hidden[outside] == image[outside]).all()


def test_the_given_picture_is_not_touched() -> None:
    image = detailed()
    blur_people(image, person(), Boxes.empty())
    assert (image == detailed()).all()


@pytest.mark.parametrize(("score", "people"), [(0.1, 1), (0.09, 0)])
def test_also_who_is_hardly_seen_is_hidden(score: float, people: int) -> None:
    assert blur_people(detailed(), person(score=score), Boxes.empty())[1] == people


def test_an_animal_before_a_persons_legs_stays_visible() -> None:
    image, legs = detailed(), (60.0, 150.0, 220.0, 210.0)
    hidden, _ = blur_people(image, person(), cattle(legs))
    assert (inside(hidden, legs) == inside(image, legs)).all()


def test_an_animal_before_a_head_does_not_save_the_face() -> None:
    image, head = detailed(), (90.0, 30.0, 170.0, 90.0)
    hidden, _ = blur_people(image, person(), cattle(head))
    face = (105.0, 45.0, 155.0, 85.0)
    assert fine_detail(inside(hidden, face)) < 0.05 * fine_detail(inside(image, face))


def test_a_person_seen_from_above_is_hidden_whole_whatever_stands_before_him() -> None:
    image, lying = detailed(), (100.0, 100.0, 200.0, 150.0)
    hidden, _ = blur_people(image, person(lying), cattle((150.0, 90.0, 260.0, 160.0)))
    assert fine_detail(inside(hidden, lying)) < 0.05 * fine_detail(inside(image, lying))


def test_a_person_who_was_taken_for_an_animal_is_hidden() -> None:
    image = detailed()
    hidden, _ = blur_people(image, person(), cattle((98.0, 42.0, 158.0, 198.0)))
    assert fine_detail(inside(hidden, STANDS)) < 0.01 * fine_detail(inside(image, STANDS))


def test_two_boxes_of_one_person_do_not_make_each_other_finer() -> None:
    image = detailed()
    twice = boxes_of([(STANDS, 0.9, PERSON), ((98.0, 38.0, 163.0, 204.0), 0.4, PERSON)])
    hidden, _ = blur_people(image, twice, Boxes.empty())
    assert fine_detail(inside(hidden, STANDS)) < 0.01 * fine_detail(inside(image, STANDS))
