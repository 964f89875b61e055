"""What looks like a trick and is none raises nothing."""

import copy
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from firmware_sim.rendering import AnimalPose, Light, PenView, render_pen
from tests.unit.vision.camera_scenes import barn, jpeg, kinds, live, show
from vision.camera.habits import Habits
from vision.camera.watch import CameraWatch
from vision.detector import Image

LEAD_S = 16


@pytest.fixture(scope="module")
def acquainted() -> CameraWatch:
    watch = CameraWatch(Habits(memory=64))
    show(watch, list(live(LEAD_S)))
    return watch


def infrared(canvas: np.ndarray, _: int) -> np.ndarray:
    grey = canvas @ np.array((0.1, 0.3, 0.6), np.float32) * 0.8
    return np.repeat(grey[..., None], 3, axis=2)


def lamp(canvas: np.ndarray, _: int) -> np.ndarray:
    x = np.linspace(0, 1, canvas.shape[1], dtype=np.float32)[None, :, None]
    return canvas * (1 + 0.7 * np.exp(-4 * x))


def rain(canvas: np.ndarray, number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    wet = canvas * 0.9 + 14
    for x, y in rng.integers(0, canvas.shape[1], (150, 2)):
        cv2.line(wet, (int(x), int(y)), (int(x) + 3, int(y) + 18), (190, 190, 190), 1)
    return wet


def swaying(canvas: np.ndarray, number: int) -> np.ndarray:
    turn = np.array([[1, 0, 1.5 * np.sin(number * 1.3)], [0, 1, 0]], np.float32)
    return cv2.warpAffine(canvas, turn, canvas.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


def muzzle(canvas: np.ndarray, number: int) -> np.ndarray:
    """Half the view full of a coat out of focus that shifts its weight."""
    coat = cv2.resize(cv2.GaussianBlur(barn(seed=9), (0, 0), 9), (canvas.shape[1], canvas.shape[0]))
    moved = np.roll(coat, int(12 * np.sin(number / 2.5)), axis=1)
    half = canvas.shape[1] // 2
    canvas[:, :half] = moved[:, :half]
    return canvas


@pytest.mark.parametrize(
    "before",
    [
        infrared,
        lamp,
        rain,
        swaying,
        muzzle,
        lambda canvas, _: canvas * 0.6,
        lambda canvas, _: canvas * 1.4,
        lambda canvas, number: canvas * (1 - 0.01 * number),
    ],
    ids=["nightfall", "lamp on", "rain", "wind", "animal in front", "darker", "brighter", "dusk"],
)
def test_weather_light_and_animals_raise_no_finding(
    acquainted: CameraWatch, before: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    assert kinds(show(copy.deepcopy(acquainted), live(9, seed=4, before=before), LEAD_S)) == set()


def test_a_quiet_night_without_a_moving_animal_is_not_frozen() -> None:
    """Nothing but the sensor's noise changes, for a minute."""
    rng, base = np.random.default_rng(1), barn() * 0.5
    night = (np.clip(base + rng.normal(0, 2, (*base.shape[:2], 1)), 0, 255).astype(np.uint8) for _ in range(240))
    assert kinds(show(CameraWatch(Habits(memory=64)), night)) == set()


def test_black_rims_without_any_noise_are_neither_frozen_nor_replayed() -> None:
    def fisheye(picture: Image) -> Image:
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.ellipse(mask, (240, 180), (210, 160), 0, 0, 360, 1, -1)
        return jpeg(picture * mask[..., None], 85)

    assert kinds(show(CameraWatch(Habits(memory=64)), [fisheye(picture) for picture in live(20)])) == set()


def test_a_picture_delivered_twice_is_not_frozen() -> None:
    watch = CameraWatch(Habits(memory=64))
    stills = list(live(5))
    show(watch, stills, every_s=300)
    for _ in range(5):
        assert kinds(show(watch, stills[-1:], 19 * 300, every_s=300)) == set()


def test_a_camera_held_by_hand_is_not_judged_by_its_view() -> None:
    watch = CameraWatch(Habits(fixed=False, memory=64))
    show(watch, live(6))
    assert kinds(show(watch, live(6, scene=barn(seed=5)), 6)) == set()


def test_a_rendered_herd_raises_nothing_through_a_day_and_a_night() -> None:
    """Stills of the pilot's simulator, five minutes apart."""
    rng, view = np.random.default_rng(1), PenView("cattle", 20, 12, 5)
    places = rng.uniform(1, 11, (8, 2))
    watch = CameraWatch(Habits(memory=64))
    stills = []
    for number in range(24):
        places = np.clip(places + rng.normal(0, 0.6, places.shape), 0.5, 11.5)
        light = Light.DAY if number < 9 else Light.DUSK if number < 12 else Light.NIGHT if number < 18 else Light.DAY
        poses = [AnimalPose(str(key), x, y, float(rng.uniform(0, 6))) for key, (x, y) in enumerate(places)]
        stills.append(jpeg(render_pen(view, poses, light, rng, width=480, height=270).image, 80))
    assert kinds(show(watch, stills, every_s=300)) == set()
