"""Video files and folders of frames."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from tests.unit.vision.builders import jpeg
from tests.unit.vision.films import CODECS, cut, exif_jpeg, index_first, moving_square, write_film
from vision.errors import VisionError
from vision.video import open_frames

FILMS = pytest.mark.parametrize("ending", CODECS)


@FILMS
def test_a_film_gives_every_frame_with_its_number_and_time(tmp_path: Path, ending: str) -> None:
    with open_frames(write_film(tmp_path / f"gate{ending}")) as frames:
        seen = list(frames)
    assert [frame.index for frame in seen] == list(range(50))
    assert [frame.at_s for frame in seen] == pytest.approx([i / 10 for i in range(50)])
    assert np.abs(seen[20].image.astype(int) - moving_square(20)).mean() < 20
    assert frames.report.ended == "whole"
    assert (frames.report.read, frames.report.promised, frames.report.faults) == (50, 50, ())


@pytest.mark.parametrize("ending", [".avi", ".mkv"])
def test_a_film_that_ends_midway_gives_what_it_has_and_says_so(tmp_path: Path, ending: str) -> None:
    frames = open_frames(cut(write_film(tmp_path / f"gate{ending}"), 0.6))
    seen = list(frames)
    assert 20 < len(seen) < 40
    assert frames.report.ended == "cut off"
    assert frames.report.promised == 50
    assert "bytes it promises" in frames.report.faults[0]


def test_an_mp4_with_its_index_first_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    index_first(write_film(tmp_path / "gate.mp4"))
    assert len(list(open_frames(tmp_path / "gate.mp4"))) == 50
    frames = open_frames(cut(tmp_path / "gate.mp4", 0.6))
    assert 10 < len(list(frames)) < 40
    assert frames.report.ended == "cut off"


def test_an_mp4_without_its_index_says_that_it_was_cut_off_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match=r"cut off, \d+ of the bytes.*Fetch it again"):
        open_frames(cut(write_film(tmp_path / "gate.mp4"), 0.6))


def test_a_film_whose_one_missing_frame_shows_only_in_its_length_is_cut_off(tmp_path: Path) -> None:
    frames = open_frames(cut(write_film(tmp_path / "gate.mkv"), 0.995))
    list(frames)
    assert frames.report.ended == "cut off"


def test_broken_frames_inside_a_film_are_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write_film(tmp_path / "gate.avi")
    data = bytearray(path.read_bytes())
    starts = [at for at in range(len(data)) if data[at : at + 3] == b"\xff\xd8\xff"]
    for start in starts[10:20]:
        data[start : start + 600] = bytes(600)
    path.write_bytes(data)
    frames = open_frames(path)
    seen = list(frames)
    assert len(seen) == 40
    assert (frames.report.read, frames.report.broken, frames.report.ended) == (40, 10, "whole")
    assert seen[10].at_s == pytest.approx(2.0), "time goes on over the hole"


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("gate.mp4", b"", "empty"),
        ("gate.mp4", b"hello " * 200, "cannot be opened as a video"),
        ("gate.mkv", np.random.default_rng(0).bytes(5000), "cannot be opened as a video"),
        ("notes.txt", b"hello " * 200, "no video by its name"),
    ],
)
def test_what_is_no_film_says_so(tmp_path: Path, name: str, data: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(VisionError, match=complaint):
        open_frames(tmp_path / name)


def test_what_is_not_there_says_what_can_be_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match=r"No such file.*name a video file, a folder"):
        open_frames(tmp_path / "gone.mp4")


@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf")])
def test_a_pace_must_be_a_number_above_zero(tmp_path: Path, number: float) -> None:
    with pytest.raises(VisionError, match="above 0"):
        open_frames(tmp_path, fps=number)
    with pytest.raises(VisionError, match="above 0"):
        open_frames(tmp_path, every_s=number)


def test_one_frame_in_so_many_seconds_passes_over_the_rest(tmp_path: Path) -> None:
    frames = open_frames(write_film(tmp_path / "gate.avi"), every_s=0.5)
    assert [frame.index for frame in frames] == list(range(0, 50, 5))
    assert (frames.report.read, frames.report.passed_over) == (10, 40)


def test_a_given_pace_overrules_the_films_own(tmp_path: Path) -> None:
    assert [frame.at_s for frame in open_frames(write_film(tmp_path / "gate.avi", 5), fps=2)] == [0, 0.5, 1, 1.5, 2]


def test_a_films_name_may_tell_when_it_was_taken(tmp_path: Path) -> None:
    path = write_film(tmp_path / "gate_20260501_102030.avi", 3)
    moments = [frame.taken_at for frame in open_frames(path, zone=timezone(timedelta(hours=8)))]
    start = datetime(2026, 5, 1, 2, 20, 30, tzinfo=UTC)
    assert moments == [start, start + timedelta(seconds=0.1), start + timedelta(seconds=0.2)]


def test_leaving_early_ends_as_stopped(tmp_path: Path) -> None:
    with open_frames(write_film(tmp_path / "gate.avi")) as frames:
        next(frames)
    assert (frames.report.read, frames.report.ended) == (1, "stopped")
    assert list(frames) == []


def fill(folder: Path, names: list[str]) -> Path:
    for row, name in enumerate(names):
        (folder / name).write_bytes(jpeg(moving_square(row)))
    return folder


def test_a_folder_is_read_in_natural_order_at_the_pace_given(tmp_path: Path) -> None:
    fill(tmp_path, ["f1.jpg", "f2.jpg", "f10.jpg", "f9.jpg"])
    frames = open_frames(str(tmp_path), fps=4)
    seen = list(frames)
    assert [frame.at_s for frame in seen] == [0, 0.25, 0.5, 0.75]
    last = seen[3].image.astype(int)
    assert np.abs(last - moving_square(2)).mean() < np.abs(last - moving_square(3)).mean(), "f10 comes after f9"
    assert frames.report.ended == "whole"


def test_a_broken_frame_in_a_folder_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    fill(tmp_path, ["f1.jpg", "f2.jpg", "f3.jpg", "f4.jpg"])
    cut(tmp_path / "f2.jpg", 0.5)
    (tmp_path / "f3.jpg").write_bytes(b"")
    frames = open_frames(tmp_path, fps=1)
    assert [(frame.index, frame.at_s) for frame in frames] == [(0, 0), (3, 3)]
    assert (frames.report.read, frames.report.broken) == (2, 2)
    assert frames.report.faults[0].startswith("f2.jpg: the picture is cut off")
    assert frames.report.faults[1].startswith("f3.jpg: the file is empty")


def test_a_folder_without_a_pace_goes_by_the_moments_in_its_names(tmp_path: Path) -> None:
    fill(tmp_path, ["b_20260501-102030.jpg", "a_20260501-102035.jpg"])
    seen = list(open_frames(tmp_path))
    assert [frame.at_s for frame in seen] == [0, 5]
    assert seen[0].taken_at == datetime(2026, 5, 1, 10, 20, 30, tzinfo=UTC)


def test_frames_of_the_same_second_share_it_evenly(tmp_path: Path) -> None:
    fill(tmp_path, [f"2026-05-01T10-20-{second}_{row}.jpg" for second in (30, 31) for row in "ab"])
    assert [frame.at_s for frame in open_frames(tmp_path)] == [0, 0.5, 1, 1.5]


def test_exif_tells_the_moment_and_its_offset(tmp_path: Path) -> None:
    picture = jpeg(moving_square(0))
    (tmp_path / "a.jpg").write_bytes(exif_jpeg(picture, "2026:05:01 10:20:30", "+08:00"))
    (tmp_path / "b.jpg").write_bytes(exif_jpeg(picture, "2026:05:01 10:20:32", "+08:00"))
    (tmp_path / "c.jpg").write_bytes(exif_jpeg(picture, "2026:05:01 02:20:33"))
    seen = list(open_frames(tmp_path))
    assert [frame.at_s for frame in seen] == [0, 2, 3]
    assert seen[0].taken_at == datetime(2026, 5, 1, 2, 20, 30, tzinfo=UTC)


def test_a_folder_that_tells_no_time_asks_for_a_pace(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="say how many a second"):
        open_frames(fill(tmp_path, ["f1.jpg", "20269999_999999.jpg"]))


def test_a_folder_without_pictures_says_so(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="holds no pictures"):
        open_frames(tmp_path)
