"""Many cameras, one word for an unknown count, and the `watch` verb."""

import json
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.vision.camera_scenes import FPS, START, live
from vision.__main__ import main
from vision.camera.habits import Habits
from vision.camera.watches import CameraWatches, why_unknown


def test_cameras_are_judged_apart_and_the_gravest_finding_names_the_unknown_count() -> None:
    watches = CameraWatches(Habits(memory=16))
    black = np.zeros((360, 480, 3), np.uint8)
    for number, picture in enumerate(live(6)):
        at = START + timedelta(minutes=number)
        good, bad = watches.look("c-1", picture, at), watches.look("c-2", black, at)
    assert why_unknown(good) is None
    assert why_unknown(bad) == "dark"


def test_cameras_that_were_silent_longest_are_forgotten() -> None:
    watches = CameraWatches(Habits(memory=16), most=2)
    picture = next(live(1))
    for name in ("a", "b", "a", "c"):
        watches.look(name, picture, START)
    assert list(watches.watches) == ["a", "c"]


@pytest.fixture
def frozen_after_ten_seconds(tmp_path: Path) -> Path:
    pictures = list(live(10))
    for number, picture in enumerate([*pictures, *[pictures[-1]] * (6 * FPS)]):
        cv2.imwrite(str(tmp_path / f"{number:04}.png"), picture)
    return tmp_path


def test_watch_prints_what_it_found_in_a_folder_of_pictures(
    frozen_after_ten_seconds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["watch", "--video", str(frozen_after_ten_seconds), "--fps", str(FPS), "--json"])
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 1
    assert document["pictures"] == 64
    (finding,) = document["findings"]
    assert finding["kind"] == "frozen"
    assert 10 <= finding["from_s"] <= 15
    assert "stands still" in finding["sentence"]
    assert finding["until_s"] == pytest.approx(15.75)


def test_watch_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--video", str(tmp_path / "none.mp4"), "--json"]) == 2
    assert "none.mp4" in capsys.readouterr().err
