"""Wide views: tiles, seams, and the closer look at small animals."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import seams as bench
from tests.unit.vision.builders import boxes_of, herd, sunny_pen
from vision.detector import Boxes, Image
from vision.errors import VisionError
from vision.still.seams import merge
from vision.still.tiles import Tile, lay_tiles
from vision.still.wide import TiledDetector, ZoomDetector, animals_are_small

sides = st.integers(40, 3000)


@given(sides, sides, st.integers(64, 1300), st.floats(0, 0.6))
def test_tiles_cover_the_picture_and_stay_in_it(width: int, height: int, side: int, overlap: float) -> None:
    tiles = lay_tiles(width, height, side, overlap)
    assert all(0 <= t.left < t.right <= width and 0 <= t.top < t.bottom <= height for t in tiles)
    for low, high, length in (("left", "right", width), ("top", "bottom", height)):
        spans = sorted({(getattr(t, low), getattr(t, high)) for t in tiles})
        assert (spans[0][0], spans[-1][1]) == (0, length)
        shared = [earlier[1] - later[0] for earlier, later in pairwise(spans)]
        assert all(pixels >= overlap * side - 1 for pixels in shared)


@pytest.mark.parametrize(("side", "overlap"), [(10, 0.2), (640, 0.95), (640, -0.1)])
def test_an_impossible_plan_of_tiles_says_what_is_possible(side: int, overlap: float) -> None:
    with pytest.raises(VisionError, match="32 px or more"):
        lay_tiles(1920, 1080, side, overlap)


LEFT, RIGHT = Tile(0, 0, 640, 640), Tile(512, 0, 1152, 640)


def test_a_half_at_the_seam_yields_to_its_whole_twin() -> None:
    whole = boxes_of([((600, 100, 700, 160), 0.6, 0)])
    half = boxes_of([((600, 100, 639, 160), 0.9, 0)])
    (only,) = merge([(LEFT, half), (RIGHT, whole)], 1152, 640).xyxy.tolist()
    assert only == [600, 100, 700, 160]


def test_an_animal_larger_than_the_overlap_is_put_together_from_its_halves() -> None:
    left = boxes_of([((400, 100, 640, 300), 0.9, 0)])
    right = boxes_of([((512, 100, 760, 300), 0.8, 0)])
    merged = merge([(LEFT, left), (RIGHT, right)], 1152, 640)
    assert merged.xyxy.tolist() == [[400, 100, 760, 300]]
    assert merged.score.tolist() == pytest.approx([0.9])


def test_two_animals_side_by_side_in_the_overlap_stay_two() -> None:
    pair = boxes_of([((530, 100, 570, 160), 0.9, 0), ((550, 100, 590, 160), 0.8, 0)])
    assert len(merge([(LEFT, pair), (RIGHT, pair)], 1152, 640)) == 2


def test_seams_cost_less_than_half_a_percent_where_suppression_costs_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "HERDS", (300,))
    errors = bench.measure(seeds=3, first_seed=50, per_tile=bench.RECALL)
    assert errors["seams"]["300"] <= 0.5
    assert errors["suppression"]["300"] >= 5


class Sketcher:
    """Finds bright rectangles exactly: a detector whose answer depends on what it is shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []

    @property
    def version(self) -> str:
        return "sketch"

    def detect(self, image: Image) -> Boxes:
        self.shown.append((image.shape[1], image.shape[0]))
        rows = np.flatnonzero(image[:, :, 0].max(axis=1) > 250)
        columns = np.flatnonzero(image[:, :, 0].max(axis=0) > 250)
        if not len(rows):
            return Boxes.empty()
        starts = np.flatnonzero(np.diff(columns, prepend=-9) > 1)
        ends = np.append(starts[1:] - 1, len(columns) - 1)
        spans = [(float(columns[a]), float(columns[b] + 1)) for a, b in zip(starts, ends, strict=True)]
        return boxes_of([((x1, float(rows[0]), x2, float(rows[-1] + 1)), 0.9, 0) for x1, x2 in spans])


def painted(width: int, spots: list[int], wide: int = 40) -> Image:
    image = np.zeros((200, width, 3), np.uint8)
    for x in spots:
        image[80:110, x : x + wide] = 255
    return image


def test_a_tiled_detector_counts_what_the_plain_one_counts() -> None:
    spots = [10, 190, 300, 420, 500, 700, 940]
    tiled = TiledDetector(Sketcher(), side=320)
    found = tiled.detect(painted(1000, spots))
    assert sorted(found.xyxy[:, 0].tolist()) == spots
    assert tiled.version == "sketch"


def test_small_animals_get_a_closer_look_and_large_ones_do_not() -> None:
    first, closer = Sketcher(), Sketcher()
    zoom = ZoomDetector(first, closer, size=400)
    assert len(zoom.detect(painted(1000, [10, 200, 400, 600]))) == 4  # 35 px of 1000 are 14 of 400
    assert len(closer.shown) == 1
    zoom.detect(painted(1000, [10, 300, 600], wide=280))
    assert len(closer.shown) == 1


def test_nothing_is_gained_by_enlarging_what_was_recorded_small() -> None:
    closer = Sketcher()
    ZoomDetector(Sketcher(), closer, size=1000).detect(painted(1000, [10, 60, 110, 160], wide=10))
    assert closer.shown == []


def test_two_boxes_do_not_make_a_herd_of_small_animals() -> None:
    assert not animals_are_small(herd(2), 0.1)
    assert animals_are_small(herd(30), 0.5)
    assert sunny_pen().shape == (180, 320, 3)
