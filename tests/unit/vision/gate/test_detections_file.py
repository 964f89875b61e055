"""Kept detections: what is read, what is left out and how it is told."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.errors import VisionError
from vision.gate.detections_file import DetectionsFile, line_of


def read(path: Path, *lines: str, rate: float | None = None) -> tuple[list, list[str], DetectionsFile]:
    path.write_text("\n".join(lines), encoding="utf-8")
    told: list[str] = []
    file = DetectionsFile(path, told.append, rate)
    return list(file), told, file


def frame(number: int, t: float | None, *boxes: list) -> str:
    return json.dumps({"frame": number, "boxes": boxes} | ({} if t is None else {"t": t}))


def test_what_is_written_is_read_again(tmp_path) -> None:
    sights, told, _ = read(tmp_path / "a", frame(3, 0.5, [1, 2, 30, 40, 0.5, 7], [1, 2, 30, 40, 0.25]))
    again, told_again, _ = read(tmp_path / "b", *(line_of(one) for one in sights))
    assert not told
    assert not told_again
    assert again[0].frame == 3
    assert again[0].t == 0.5
    assert again[0].xyxy.tolist() == [[1, 2, 30, 40], [1, 2, 30, 40]]
    assert again[0].kind.tolist() == [7, -1]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"frame": 1, "t": 0.1, "box', "no JSON"),
        ("[1, 2]", "no object"),
        ('{"frame": "x", "t": 0.1, "boxes": []}', "whole number"),
        ('{"frame": 1.5, "t": 0.1, "boxes": []}', "whole number"),
        ('{"frame": 1, "t": NaN, "boxes": []}', "not a number of seconds"),
        ('{"frame": 1, "t": "soon", "boxes": []}', "not a number of seconds"),
        ('{"frame": 1, "t": 0.1, "boxes": 3}', "no list"),
        ('{"frame": 0, "t": 0.1, "boxes": []}', "does not come after"),
        ('{"frame": 1, "t": 0.0, "boxes": []}', "does not come after"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path, line, word) -> None:
    sights, told, file = read(tmp_path / "a", frame(0, 0.0), line, frame(2, 0.2))
    assert [one.frame for one in sights] == [0, 2]
    assert file.skipped == 1
    [words] = told
    assert "line 2" in words
    assert word in words


@pytest.mark.parametrize(
    "box", [[1, 2, 3], [5, 5, 1, 9, 0.5], [1, 5, 9, 5, 0.5], [1, 2, 3, float("nan"), 0.5], [1, 2, 3, 4, 1.5], "box", [1, 2, 3, 4, 0.5, 0.5], [1, 2, 3, 1e300, 0.5]]
)  # fmt: skip
def test_a_bad_box_is_named_and_its_neighbours_stay(tmp_path, box) -> None:
    sights, told, file = read(tmp_path / "a", frame(0, 0.0, box, [1, 2, 30, 40, 0.5]))
    assert len(sights[0]) == 1
    assert (file.skipped, file.boxes_skipped) == (0, 1)
    assert "line 1, box 0" in told[0]


def test_missing_times_follow_the_frames_that_have_one(tmp_path) -> None:
    sights, _, _ = read(tmp_path / "a", frame(0, 0.0), frame(10, 1.0), frame(15, None), frame(20, 2.0))
    assert [one.t for one in sights] == [0.0, 1.0, 1.5, 2.0]


def test_a_file_without_times_goes_by_its_frame_numbers(tmp_path) -> None:
    sights, _, _ = read(tmp_path / "a", frame(5, None), frame(10, None), rate=10)
    assert [one.t for one in sights] == [0.5, 1.0]


def test_a_file_that_is_not_there_says_what_to_name(tmp_path) -> None:
    with pytest.raises(VisionError, match="name a file"):
        list(DetectionsFile(tmp_path / "none", print))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(),
            st.recursive(st.one_of(st.none(), st.floats(), st.text()), st.lists).map(
                lambda x: json.dumps({"frame": 0, "t": x, "boxes": [x]})
            ),
        ),
        max_size=5,
    )
)
def test_no_bytes_stop_the_reader(tmp_path_factory, lines) -> None:
    """Every line is a frame, is blank, or is told of."""
    path = tmp_path_factory.mktemp("fuzz") / "a"
    sights, told, file = read(path, *(line.replace("\n", " ").replace("\r", " ") for line in lines))
    assert len(sights) == file.frames
    assert len(told) == file.skipped + file.boxes_skipped
