"""Pictures into the network, boxes back onto the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import rows_of_boxes, sunny_pen
from vision.detector import Boxes
from vision.letterbox import STRIDE, Letterbox

sides = st.integers(16, 3000)
sizes = st.sampled_from([320, 640, 960])


@given(sides, sides, sizes, rows_of_boxes)
def test_a_box_comes_back_to_where_it_was(width: int, height: int, size: int, boxes: Boxes) -> None:
    letterbox = Letterbox.fit(width, height, size)
    assert np.allclose(letterbox.back(letterbox.forth(boxes.xyxy)), boxes.xyxy, atol=0.01 * max(1, 1 / letterbox.scale))


@given(sides, sides, sizes)
def test_the_input_fits_the_network_and_is_no_larger_than_asked(width: int, height: int, size: int) -> None:
    letterbox = Letterbox.fit(width, height, size)
    assert letterbox.width % STRIDE == 0
    assert letterbox.height % STRIDE == 0
    assert max(letterbox.width, letterbox.height) == size


@pytest.mark.parametrize(("square", "shape"), [(False, (1, 3, 192, 320)), (True, (1, 3, 320, 320))])
def test_a_wide_picture_is_padded_to_the_stride_or_to_a_square(square: bool, shape: tuple[int, ...]) -> None:
    image = sunny_pen(640, 360)
    tensor = Letterbox.fit(640, 360, 320, square=square).tensor(image)
    assert tensor.shape == shape
    assert 0 <= tensor.min() <= tensor.max() <= 1


def test_red_comes_first_in_the_tensor() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :, 2] = 255
    assert Letterbox.fit(64, 64, 64).tensor(red)[0, :, 32, 32].tolist() == [1, 0, 0]
