"""Reading pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import jpeg, sunny_pen
from vision.picture import UnreadablePicture, decode_picture, find_pictures, read_picture

WHOLE = jpeg(sunny_pen())
PNG = cv2.imencode(".png", sunny_pen())[1].tobytes()


@pytest.mark.parametrize("data", [WHOLE, PNG])
def test_a_whole_picture_is_read_in_full_size(data: bytes) -> None:
    assert decode_picture(data).image.shape == (180, 320, 3)


@given(st.integers(1, len(WHOLE) - 1))
def test_a_jpeg_cut_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(UnreadablePicture):
        decode_picture(WHOLE[:length])


@pytest.mark.parametrize(
    ("data", "complaint"), [(b"", "empty"), (b"hello", "not a picture"), (PNG[: len(PNG) // 2], "cut off")]
)
def test_what_is_no_picture_says_what_is_wrong(data: bytes, complaint: str) -> None:
    with pytest.raises(UnreadablePicture, match=complaint):
        decode_picture(data)


def test_a_missing_file_is_an_unreadable_picture(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match="cannot be read"):
        read_picture(tmp_path / "gone.jpg")


def test_a_grey_picture_becomes_three_channels() -> None:
    grey = cv2.imencode(".jpg", np.full((20, 30), 90, np.uint8))[1].tobytes()
    assert decode_picture(grey).image.shape == (20, 30, 3)


def test_folders_are_searched_and_named_files_kept_whatever_their_ending(tmp_path: Path) -> None:
    (tmp_path / "pen" / "north").mkdir(parents=True)
    for name in ("b.jpg", "a.PNG", "notes.txt", "north/c.jpeg"):
        (tmp_path / "pen" / name).write_bytes(WHOLE)
    found = find_pictures([tmp_path / "pen", tmp_path / "odd.bin"])
    assert [path.name for path in found] == ["a.PNG", "b.jpg", "c.jpeg", "odd.bin"]
