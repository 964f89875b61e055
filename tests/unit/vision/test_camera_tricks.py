"""Tricks played on a camera are found, soon, and with evidence."""

import copy
from collections.abc import Callable
from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.unit.vision.camera_scenes import FPS, START, barn, first_s, jpeg, kinds, live, show
from vision.camera.finding import SENTENCES, Trick
from vision.camera.habits import Habits
from vision.camera.watch import CameraWatch
from vision.detector import Image
from vision.errors import VisionError

LEAD_S = 16


@pytest.fixture(scope="module")
def lead() -> list[Image]:
    return list(live(LEAD_S))


@pytest.fixture(scope="module")
def acquainted(lead: list[Image]) -> CameraWatch:
    watch = CameraWatch(Habits(memory=64))
    assert kinds(show(watch, lead)) == set()
    return watch


@pytest.fixture
def watch(acquainted: CameraWatch) -> CameraWatch:
    """A camera that was watched for sixteen seconds and gave no cause."""
    return copy.deepcopy(acquainted)


def rag(canvas: np.ndarray, _: int) -> np.ndarray:
    canvas[:, : canvas.shape[1] * 2 // 3] = (40, 60, 50)
    return canvas


def turned(pixels: float) -> Callable[[np.ndarray, int], np.ndarray]:
    turn = np.array([[1, 0, pixels], [0, 1, 0]], np.float32)
    return lambda canvas, _: cv2.warpAffine(canvas, turn, canvas.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (lambda canvas, _: canvas * 0.02, {Trick.DARK}),
        (lambda canvas, _: np.full_like(canvas, 90), {Trick.COVERED}),
        (rag, {Trick.PARTLY_COVERED}),
        (lambda canvas, _: cv2.GaussianBlur(canvas, (0, 0), 3), {Trick.DEFOCUSED}),
        (lambda canvas, _: cv2.blur(canvas, (1, 15)), {Trick.BLURRED, Trick.DEFOCUSED}),
        (turned(8), {Trick.MOVED}),
        (turned(20), {Trick.MOVED}),
        (lambda _, __: barn(seed=5), {Trick.TURNED_AWAY, Trick.MOVED}),
    ],
    ids=["dark", "covered", "rag", "defocus", "smear", "shift of 8 px", "shift of 20 px", "another place"],
)
def test_a_hindered_view_is_found_within_five_seconds(
    watch: CameraWatch, before: Callable[[np.ndarray, int], np.ndarray], found: set[Trick]
) -> None:
    shown = show(watch, live(6, seed=1, before=before), LEAD_S)
    assert first_s(shown, *found) <= 5
    assert kinds(shown) <= found


@pytest.mark.parametrize(
    "again",
    [
        lambda picture, _: picture,
        lambda picture, _: jpeg(picture, 50),
        lambda picture, rng: np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8),
    ],
    ids=["exact", "re-encoded", "with noise on top"],
)
def test_a_frozen_picture_is_found_within_five_seconds(
    watch: CameraWatch, lead: list[Image], again: Callable[[Image, np.random.Generator], Image]
) -> None:
    rng = np.random.default_rng(3)
    shown = show(watch, [again(lead[-1], rng) for _ in range(6 * FPS)], LEAD_S)
    assert first_s(shown, Trick.FROZEN) <= 5
    assert kinds(shown) == {Trick.FROZEN}


def cropped(picture: Image) -> Image:
    height, width = picture.shape[:2]
    turn = np.array([[1.01, 0, -0.005 * width], [0, 1.01, -0.005 * height]], np.float32)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height)), np.uint8)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda picture: picture,
        lambda picture: jpeg(picture, 60),
        lambda picture: jpeg(np.asarray(255 * (picture / 255.0) ** 0.8, np.uint8), 85),
        cropped,
    ],
    ids=["exact", "re-encoded", "gamma", "cropped by one percent"],
)
def test_a_replay_is_found_within_ten_seconds(
    watch: CameraWatch, lead: list[Image], disguise: Callable[[Image], Image]
) -> None:
    shown = show(watch, [disguise(picture) for picture in lead[12 : 12 + 10 * FPS]], LEAD_S)
    assert first_s(shown, Trick.REPLAYED) <= 10


def test_a_loop_of_four_seconds_is_found(watch: CameraWatch, lead: list[Image]) -> None:
    assert first_s(show(watch, lead[-16:] * 3, LEAD_S), Trick.REPLAYED) <= 10


def test_a_still_that_is_sent_again_the_next_minute_is_found() -> None:
    watch = CameraWatch(Habits(memory=64))
    stills = list(live(6))
    assert kinds(show(watch, stills, every_s=60)) == set()
    assert first_s(show(watch, [stills[-1]] * 3, 24 * 60, every_s=60), Trick.FROZEN) <= 120


def test_stills_of_an_hour_ago_are_found_at_the_second_one() -> None:
    watch = CameraWatch(Habits(memory=64))
    stills = [jpeg(picture, 85) for picture in live(10)]
    assert kinds(show(watch, stills, every_s=300)) == set()
    shown = show(watch, [jpeg(picture, 60) for picture in stills[4:8]], 40 * 300, every_s=300)
    assert first_s(shown, Trick.REPLAYED) <= 300


def test_a_finding_says_since_when_what_was_measured_and_what_to_do(watch: CameraWatch) -> None:
    shown = show(watch, live(5, seed=1, before=turned(20)), LEAD_S)
    finding = shown[-1][1][0]
    assert (finding.since - START).total_seconds() <= LEAD_S + 1
    assert finding.evidence.measured == pytest.approx(20, abs=1.5)
    assert finding.evidence.threshold < finding.evidence.measured
    assert "20 pixels" in finding.sentence()
    assert "像素" in finding.sentence("zh")


def test_a_finding_ends_some_time_after_its_cause(watch: CameraWatch) -> None:
    show(watch, live(5, seed=1, before=lambda canvas, _: canvas * 0.02), LEAD_S)
    shown = show(watch, live(20, seed=2), LEAD_S + 5)
    assert {finding.kind for finding in shown[0][1]} == {Trick.DARK}
    assert shown[-1][1] == []


def test_every_trick_has_a_sentence_in_both_languages() -> None:
    assert all(set(catalogue) == set(Trick) for catalogue in SENTENCES.values())


def test_a_picture_too_small_to_judge_says_so(watch: CameraWatch) -> None:
    with pytest.raises(VisionError, match="say nothing about a camera"):
        watch.look(np.zeros((40, 40, 3), np.uint8), START + timedelta(hours=1))


def test_more_than_a_few_pictures_of_an_earlier_time_are_a_wrong_clock(watch: CameraWatch, lead: list[Image]) -> None:
    """A broker repeats what a counter had in hand; somebody who plays a minute again repeats more."""
    shown = show(watch, lead[:40])
    assert kinds(shown[:20]) == set()
    assert Trick.WRONG_CLOCK in kinds(shown)


def test_a_view_that_was_changed_on_purpose_is_learnt_afresh(watch: CameraWatch) -> None:
    assert Trick.MOVED in kinds(show(watch, live(5, seed=1, before=turned(20)), LEAD_S))
    watch.accept_view()
    assert kinds(show(watch, live(6, seed=2, before=turned(20)), LEAD_S + 5)) == set()


def test_memory_stays_bounded_whatever_the_camera_sends() -> None:
    watch = CameraWatch(Habits(memory=16))
    for size in range(130, 150):
        show(watch, live(1, scene=barn(width=size * 2, height=size)), size * 60.0)
    assert len(watch.view.views) <= 4
    assert watch.replay.memory.prints.shape == (16, 128)
    assert len(watch.replay.hits) <= 64
