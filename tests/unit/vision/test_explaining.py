"""Annotated pictures, contact sheets and plots: what stands on them, and that nothing runs over its edge."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from collateral.contract.evidence import Zone
from collateral.evidence.course import Moment
from tests.unit.vision.builders import boxes_of, herd, jpeg, sunny_pen
from vision.__main__ import main
from vision.commands.plot import read_moments
from vision.contact_sheet import PAPER, Tile, contact_sheet, total
from vision.count_plot import HEIGHT, RIGHT, UNKNOWN, WIDTH, plot_counts
from vision.counting import HeadRange, PictureCount
from vision.detector import Boxes, Image
from vision.drawing import COLOURS, View, draw_count
from vision.errors import VisionError
from vision.lettering import cut, wide

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAWN = datetime(2026, 6, 1, 6, tzinfo=UTC)


def five(boxes: Boxes | None = None) -> PictureCount:
    return PictureCount(HeadRange(4, 5, 6), None, herd(5) if boxes is None else boxes, "herd-test", 12.0)


def dark() -> PictureCount:
    return PictureCount.unknown("dark", "herd-test")


def amount(image: Image, colour: tuple[int, int, int]) -> int:
    return int((image == np.array(colour, np.uint8)).all(axis=2).sum())


def test_the_foot_stands_below_and_pixels_keep_their_places() -> None:
    image = sunny_pen(640, 360)
    drawn = draw_count(image, five(Boxes.empty()))
    assert drawn.shape[0] > 360
    assert (drawn[:360] == image).all()


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_each_species_has_its_colour(kind: int) -> None:
    box = boxes_of([((100, 100, 220, 200), 0.9, kind)])
    drawn = draw_count(np.zeros((360, 640, 3), np.uint8), five(box))
    assert amount(drawn[:360], COLOURS[("cattle", "sheep", "pig")[kind]]) > 300


def test_an_unsure_box_is_drawn_with_less_than_a_sure_one() -> None:
    box, black = boxes_of([((100, 100, 220, 200), 0.3, 0)]), np.zeros((360, 640, 3), np.uint8)
    sure = amount(draw_count(black, five(box))[:360], COLOURS["cattle"])
    unsure = amount(draw_count(black, five(Boxes.empty()), View(unsure=box))[:360], COLOURS["cattle"])
    assert 50 < unsure < 0.8 * sure


def test_around_the_region_it_is_darker_and_a_zone_left_out_is_hatched() -> None:
    image = np.full((360, 640, 3), 120, np.uint8)
    left = Zone(corners=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
    corner = Zone(corners=((0, 0), (0.2, 0), (0.2, 0.4), (0, 0.4)), counts=False)
    drawn = draw_count(image, five(Boxes.empty()), View(zones=(left, corner)))
    assert (drawn[200, 600] < 120).all()
    assert (drawn[300, 200] == 120).all()
    assert len(np.unique(drawn[10:130, 10:110].reshape(-1, 3), axis=0)) > 2


@pytest.mark.parametrize("width", [160, 300, 640, 2560])
@pytest.mark.parametrize("count", [five(), dark(), PictureCount.unknown("x" * 200, "herd-test")])
def test_a_foot_is_written_at_any_size_and_keeps_off_the_edges(width: int, count: PictureCount) -> None:
    height = width * 9 // 16
    drawn = draw_count(np.zeros((height, width, 3), np.uint8), count, View(details="cam-1 · 2026-06-01 " * 9))
    foot = drawn[height:]
    bright = (foot > 110).all(axis=2)
    assert bright.any()
    assert not bright[:, -2:].any()
    assert not bright[:, :2].any()


def test_words_are_cut_where_there_is_no_room() -> None:
    assert cut("a few words", 16, 1000) == "a few words"
    shortened = cut("a few words that go on and on", 16, 100)
    assert shortened.endswith("…")
    assert wide(shortened, 16) <= 100
    assert cut("word", 16, 0) == ""


def test_a_total_adds_lows_and_highs_and_leaves_the_unknown_out() -> None:
    known = [Tile("a", None, HeadRange(4, 5, 7)), Tile("b", None, HeadRange(9, 10, 12))]
    summed = total([*known, Tile("c", None, None, "dark")])
    assert (summed.count, summed.known, summed.unknown) == (HeadRange(13, 15, 19), 2, 1)
    assert total([Tile("c", None, None, "dark")]).count is None


@pytest.mark.parametrize("pictures", [1, 2, 5, 26])
def test_a_sheet_has_a_place_for_every_picture_and_clear_edges(pictures: int) -> None:
    white = np.full((90, 160, 3), 77, np.uint8)
    tiles = [Tile("name" * 30, white, HeadRange(1, 2, 3)) for _ in range(pictures - 1)] + [
        Tile("x", None, None, "dark")
    ]
    sheet = contact_sheet(tiles, "a very long title " * 20, "2026-06-01 08:00 UTC+8 · herd-1 5bc129c1")
    assert (sheet[:, -20:] == PAPER).all()
    assert (sheet[-20:] == PAPER).all()
    assert (amount(sheet, (77, 77, 77)) > 0) == (pictures > 1)


def test_a_sheet_is_written_from_a_folder_and_broken_pictures_are_on_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(jpeg(sunny_pen()))
    (tmp_path / "in" / "b.jpg").write_bytes(jpeg(sunny_pen())[:500])
    out = tmp_path / "out" / "sheet.png"
    assert main(["sheet", str(tmp_path / "in"), "--out", str(out), "--threads", "1"]) == 0
    assert cv2.imread(str(out)) is not None
    assert "1 counted, 1 unknown" in capsys.readouterr().err
    assert main(["sheet", str(tmp_path / "in"), "--out", str(tmp_path / "sheet.doc"), "--threads", "1"]) == 2
    assert main(["sheet", str(tmp_path / "in"), "--out", str(out), "--zone", "Nowhere/Else"]) == 2


def course() -> list[Moment]:
    known = [Moment(DAWN + timedelta(minutes=10 * n), 95, 100, 105) for n in range(60) if not 20 <= n < 40]
    return [*known, *(Moment(DAWN + timedelta(minutes=10 * n), None, None, None, "dark") for n in range(20, 40))]


def test_a_plot_shades_what_is_unknown_and_keeps_the_line_out_of_it() -> None:
    chart = plot_counts(course(), SHANGHAI, book=110)
    middle = chart[:, (84 + WIDTH - RIGHT) // 2]
    assert (middle == UNKNOWN).all(axis=1).sum() > 0.7 * (HEIGHT - 92 - 76)
    assert amount(plot_counts([m for m in course() if m.best], SHANGHAI)[90:480], UNKNOWN) > 0
    assert amount(plot_counts(course()[:20], SHANGHAI)[90:480], UNKNOWN) == 0


def test_a_plot_of_nothing_but_unknown_or_one_count_is_still_a_plot() -> None:
    for moments in ([Moment(DAWN, None, None, None, "dark")], [Moment(DAWN, 4, 5, 6)]):
        chart = plot_counts(moments, SHANGHAI, title="t" * 300)
        assert (chart[:, -6:] == chart[0, 0]).all()
    with pytest.raises(VisionError, match="no counts"):
        plot_counts([], SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        '[{"at": "2026-06-01T08:00:00Z", "low": 4, "best": 5, "high": 6}, {"at": "2026-06-01T09:00:00Z", "best": null, "unknown_because": "dark"}]',
        '{"captured_at": "2026-06-01T08:00:00Z", "count": {"low": 4, "best": 5, "high": 6}}\n{"captured_at": "2026-06-01T09:00:00Z", "count": null, "unknown_because": "dark"}',
        '{"camera_id": "c", "points": [{"at": "2026-06-01T08:00:00Z", "low": 4, "best": 5, "high": 6}, {"at": "2026-06-01T09:00:00Z", "low": null, "best": null, "high": null, "unknown_because": "dark"}]}',
    ],
)
def test_counts_are_read_as_they_are_written_anywhere(text: str, tmp_path: Path) -> None:
    file = tmp_path / "counts.json"
    file.write_text(text)
    assert [(m.best, m.why) for m in read_moments(file)] == [(5, ""), (None, "dark")]


@pytest.mark.parametrize(
    "text", ["", "no json", "[3]", '[{"at": "2026-06-01T08:00:00", "low": 1, "best": 1, "high": 1}]', '[{"best": 3}]']
)
def test_a_file_that_holds_no_counts_is_refused_with_what_is_wanted(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "counts.json"
    file.write_text(text)
    assert main(["plot", str(file), "--out", str(tmp_path / "plot.png")]) == 2
    assert "want one object per count" in capsys.readouterr().err or not text


def test_a_plot_is_written_from_a_file(tmp_path: Path) -> None:
    rows = [
        {"at": m.at.isoformat(), "low": m.low, "best": m.best, "high": m.high, "unknown_because": m.why}
        for m in course()
    ]
    (tmp_path / "counts.json").write_text(json.dumps(rows))
    out = tmp_path / "plot.png"
    assert main(["plot", str(tmp_path / "counts.json"), "--out", str(out), "--book", "110"]) == 0
    assert cv2.imread(str(out)).shape == (HEIGHT, WIDTH, 3)
