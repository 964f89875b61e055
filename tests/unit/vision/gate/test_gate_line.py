"""Which way is in, and what no gate is."""

import numpy as np
import pytest

from vision.errors import VisionError
from vision.gate.line import Line, Race

SIZE = np.array([50.0])


def side(gate: Line | Race, x: float, y: float) -> int:
    return int(np.sign(gate.measure(np.array([[x, y]]), SIZE)[0]))


@pytest.mark.parametrize("ends", ["0,100,200,100", "200,100,0,100"])
def test_across_a_flat_line_in_is_down_whichever_end_comes_first(ends) -> None:
    assert side(Line.parse(ends), 100, 150) == 1
    assert Line.parse(ends).describe() == "in is down"


@pytest.mark.parametrize("ends", ["100,0,100,200", "100,200,100,0"])
def test_across_a_steep_line_in_is_right_whichever_end_comes_first(ends) -> None:
    assert side(Line.parse(ends), 150, 100) == 1
    assert Line.parse(ends).describe() == "in is right"


def test_left_and_right_are_those_of_one_who_walks_along_the_line() -> None:
    """Walking to the right in the picture, the left hand points up."""
    assert side(Line.parse("0,100,200,100", "left"), 100, 50) == 1
    assert side(Line.parse("0,100,200,100", "right"), 100, 150) == 1
    assert side(Line.parse("200,100,0,100", "left"), 100, 150) == 1


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "5,5,5,5", "0,0,nan,5", "0,0,inf,5"])
def test_what_is_no_line_is_refused_with_the_form_to_use(text) -> None:
    with pytest.raises(VisionError, match="x1,y1,x2,y2"):
        Line.parse(text)


@pytest.mark.parametrize("text", ["1,2,3,4", "0,0,10,0,0,50,10,50", "5,5,5,5,5,5,5,5", "0,0,9,0,9,0,0,nan"])
def test_what_is_no_race_is_refused_with_the_form_to_use(text) -> None:
    with pytest.raises(VisionError, match="entry side"):
        Race.parse(text)


def test_a_race_can_be_turned_round() -> None:
    corners = "0,0,100,0,100,90,0,90"
    assert side(Race.parse(corners), 50, 85) == 1
    assert side(Race.parse(corners, "left"), 50, 85) == -1
