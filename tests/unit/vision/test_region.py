"""Regions of interest."""

import numpy as np
import pytest

from vision.errors import VisionError
from vision.region import Region

# an L: the notch at the upper right belongs to the neighbours
PEN = Region.parse("0,0 0.5,0 0.5,0.5 1,0.5 1,1 0,1")


@pytest.mark.parametrize(
    ("point", "inside"),
    [((0.2, 0.2), True), ((0.8, 0.8), True), ((0.8, 0.2), False), ((0.2, 0.9), True), ((0.51, 0.49), False)],
)
def test_a_point_is_inside_an_l_shaped_pen_or_not(point: tuple[float, float], inside: bool) -> None:
    assert PEN.contains(np.array([point]))[0] == inside


@pytest.mark.parametrize("text", ["0,0 1,1", "0,0 1,0 a,b", "0,0 1,0 2,2", "", "0 0 1 1"])
def test_a_region_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(VisionError, match="write corners as shares"):
        Region.parse(text)


def test_semicolons_part_corners_as_well() -> None:
    assert Region.parse("0,0;1,0;1,1") == Region(((0, 0), (1, 0), (1, 1)))
