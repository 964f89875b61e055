"""Many cameras at once, and the `watch` verb."""

import json
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.vision.camera_scenes import FPS, START, live
from vision.__main__ import main
from vision.camera.finding import Trick
from vision.camera.habits import Habits
from vision.camera.watches import Watches


def test_cameras_are_judged_apart() -> None:
    watches = Watches(Habits(memory=16))
    black = np.zeros((360, 480, 3), np.uint8)
    for number, picture in enumerate(live(6)):
        at = START + timedelta(minutes=number)
        good, bad = watches.look("c-1", number, picture, at, at), watches.look("c-2", number, black, at, at)
    assert good == []
    assert bad[0].kind is Trick.DARK  # gravest first; black for minutes, it stands still as well


def test_cameras_that_were_silent_longest_are_forgotten() -> None:
    watches = Watches(Habits(memory=16), most=2)
    black = np.zeros((360, 480, 3), np.uint8)
    for number in range(4):
        at = START + timedelta(minutes=number)
        before = watches.look("a", number, black, at, at)
    assert before
    assert watches.look("a", 3, black, at, at) == before  # delivered again
    for name in ("b", "c"):
        watches.look(name, 1, black, at, at)
    assert watches.look("a", 4, black, at, at) == []  # a stranger again


def test_a_picture_too_small_to_judge_a_camera_by_raises_no_suspicion() -> None:
    assert Watches().look("c-1", 1, np.zeros((90, 160, 3), np.uint8), START, START) == []


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
