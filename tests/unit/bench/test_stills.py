"""Other people's boxes are judged as ours are, and every slicer is shown the same herd."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.peers.vision.tile_look import chart, look, whereabouts
from bench.stills import peers, seams
from vision.detector import CLASSES
from vision.manifest import Manifest
from vision.truth import Truth, read_set

SIZE = 200


@pytest.fixture
def truths(tmp_path: Path) -> list[Truth]:
    """Two pictures of sheep: two head, one head."""
    for name, rows in {"a": ((0.3, 0.3), (0.7, 0.7)), "b": ((0.5, 0.5),)}.items():
        for kind in ("images", "labels"):
            (tmp_path / kind / "val").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "images" / "val" / f"{name}.jpg"), np.zeros((SIZE, SIZE, 3), np.uint8))
        lines = [f"{CLASSES.index('sheep')} {x} {y} 0.2 0.2\n" for x, y in rows]
        (tmp_path / "labels" / "val" / f"{name}.txt").write_text("".join(lines))
    return read_set(tmp_path, "val")


def way(manifest: Manifest | None) -> peers.StillPeer:
    return peers.StillPeer(peers._peer(peers.ULTRALYTICS, "weights", Path("none"), 640), manifest, None)


def row(x: float, y: float, score: float, kind: int) -> list[float]:
    return [(x - 0.1) * SIZE, (y - 0.1) * SIZE, (x + 0.1) * SIZE, (y + 0.1) * SIZE, score, kind]


def judged(way: peers.StillPeer, truths: list[Truth], *answers: list[list[float]]) -> dict[str, float]:
    return peers._figures(way, "set", truths, [{"boxes": boxes, "ms": 3.0} for boxes in answers])


def test_any_four_legged_animal_of_the_public_classes_is_taken_for_the_sets_species(truths: list[Truth]) -> None:
    dog, cow, person, car = 16, 19, 0, 2
    found = judged(
        way(None), truths,
        [row(0.3, 0.3, 0.9, dog), row(0.7, 0.7, 0.8, cow), row(0.2, 0.8, 0.9, person)], [row(0.5, 0.5, 0.9, car)],
    )  # fmt: skip
    assert (found["mae"], found["recall"], found["precision"]) == (0.5, pytest.approx(2 / 3, abs=1e-3), 1.0)


def test_with_our_weights_the_species_must_be_right_and_our_score_decides(truths: list[Truth]) -> None:
    sheep, pig = CLASSES.index("sheep"), CLASSES.index("pig")
    ours = way(Manifest("herd-0", "", 640))
    found = judged(
        ours, truths, [row(0.3, 0.3, 0.9, sheep), row(0.7, 0.7, 0.9, pig)], [row(0.5, 0.5, 0.2, sheep)]
    )  # fmt: skip
    assert ours.score("set") == 0.25
    assert (found["mae"], found["recall"]) == (0.5, pytest.approx(1 / 3, abs=1e-3))
    assert "coverage95" not in found


def test_guessing_the_mean_is_measured_like_everybody(truths: list[Truth]) -> None:
    found = peers.mean_guess(truths, truths)
    assert (found["guess"], found["mae"], found["rmse"], found["mre"]) == (1.5, 0.5, 0.5, 0.375)


def test_a_window_of_the_chart_tells_where_it_was_cut() -> None:
    picture = chart(2560, 1440)
    for left, top, wide, high in ((0, 0, 640, 640), (512, 307, 640, 640), (1921, 803, 639, 637), (7, 1, 20, 18)):
        assert whereabouts(picture[top : top + high, left : left + wide]) == (left, top, left + wide, top + high)


def test_the_same_window_finds_the_same_and_cut_boxes_end_at_its_edge() -> None:
    animals = [[100, 100, 180, 160], [600, 300, 700, 360], [900, 900, 960, 960]]
    window = (0, 0, 640, 640)
    rows = look(window, animals, 3)
    assert np.array_equal(rows, look(window, animals, 3))
    assert len(rows) in (1, 2)
    assert rows[:, :4].min() >= 0
    assert rows[:, :4].max() <= 640


def test_ours_counts_a_herd_with_room_between_nearly_exactly_in_tiles() -> None:
    rng = np.random.default_rng(1)
    animals = seams.herd(rng, 60, 0.05).tolist()
    task = {"width": seams.WIDTH, "height": seams.HEIGHT, "animals": animals, "seed": 1}
    counted, _ = seams._ours(task)
    assert abs(counted - 60) <= 1
