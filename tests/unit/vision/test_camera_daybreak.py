"""A pilot camera over a crowded pen, from the night into the day and into the night again, as the counter gets it.

Its view by day is known from three pictures of earlier days alone when the day breaks; the herd that lay all night
gets up and fills the pen anew. None of that is a turned focus; a turned focus still is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from firmware_sim import pilot, scenario
from firmware_sim.camera import RenderedLens
from firmware_sim.enrol import enrol
from firmware_sim.world import World
from tests.unit.vision.camera_scenes import jpeg
from vision.camera.finding import Trick
from vision.camera.watches import Watches
from vision.detector import Image
from vision.picture import decode_picture

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 24, tzinfo=ZONE)
CAMERA = "cam-05"  # cattle, 66 head
EVERY, TRAVELS = timedelta(minutes=5), timedelta(seconds=20)
NIGHT, AWAKE, NOON_NEARS = timedelta(hours=5, minutes=30), timedelta(hours=6), timedelta(hours=8)
DUSK, DARK_AGAIN = timedelta(hours=17), timedelta(hours=18, minutes=20)
Picture = tuple[datetime, Image]


def moments() -> Iterator[datetime]:
    """Three mornings before, as the demo's history has them, then the hours about each twilight."""
    yield from (MIDNIGHT + timedelta(days=-day, hours=10) for day in (3, 2, 1))
    for begin, end in ((NIGHT, NOON_NEARS), (DUSK, DARK_AGAIN)):
        at = begin
        while at < end:
            yield MIDNIGHT + at
            at += EVERY


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    live = MIDNIGHT.astimezone(UTC)
    enrolment = enrol(pilot.read(), 7, live, "x")
    world = World(enrolment, 7, live, live, scenario.read("quiet_night"))
    lens = RenderedLens(world)
    (camera,) = (each for each in enrolment.cameras if each.camera_id == CAMERA)
    pen = world.herd.pen_named(camera.pen_id)
    return [(at, decode_picture(lens.shoot(camera, pen, int(at.timestamp())).jpeg).image) for at in moments()]


def shown(watches: Watches, pictures: list[Picture]) -> list[set[Trick]]:
    """What was found with each."""
    return [
        {found.kind for found in watches.look(CAMERA, int(at.timestamp()), image, at, at + TRAVELS)}
        for at, image in pictures
    ]


def until(pictures: list[Picture], end: timedelta) -> list[Picture]:
    return [(at, image) for at, image in pictures if at < MIDNIGHT + end]


def since(pictures: list[Picture], begin: timedelta) -> list[Picture]:
    return [(at, image) for at, image in pictures if at >= MIDNIGHT + begin]


def test_a_day_that_breaks_and_a_night_that_falls_blind_no_camera(pictures: list[Picture]) -> None:
    found = shown(Watches(), pictures)
    assert [at for (at, _), kinds in zip(pictures, found, strict=True) if kinds] == []


def defocused(image: Image, rng: np.random.Generator) -> Image:
    """By three pixels, before the sensor's noise."""
    soft = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 3)
    return jpeg(np.clip(soft + rng.normal(0, 4, (*image.shape[:2], 1)), 0, 255).astype(np.uint8), 80)


def hung_over(image: Image, rng: np.random.Generator) -> Image:
    """By a cloth."""
    light = np.linspace(70, 110, image.shape[1])[None, :, None] * np.ones((image.shape[0], 1, 3))
    return jpeg(np.clip(light + rng.normal(0, 4, light.shape), 0, 255).astype(np.uint8), 80)


def turned(image: Image, _: np.random.Generator) -> Image:
    """By twelve pixels."""
    turn = np.array([[1, 0, 12], [0, 1, 0]], np.float32)
    return jpeg(np.asarray(cv2.warpAffine(image, turn, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT)), 80)


@pytest.mark.parametrize(
    "begins",
    [AWAKE, timedelta(hours=6, minutes=35), NOON_NEARS - 3 * EVERY, DUSK + 3 * EVERY],
    ids=["at night", "as the day breaks", "in the morning", "at dusk"],
)
@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (defocused, {Trick.DEFOCUSED}),
        (hung_over, {Trick.COVERED, Trick.PARTLY_COVERED}),
        (turned, {Trick.MOVED, Trick.TURNED_AWAY}),
    ],
)
def test_a_camera_that_is_hindered_is_found_by_the_third_picture_at_any_hour(
    pictures: list[Picture], begins: timedelta,
    spoil: Callable[[Image, np.random.Generator], Image], kinds: set[Trick],
) -> None:  # fmt: skip
    watches, rng = Watches(), np.random.default_rng(2)
    assert not any(shown(watches, until(pictures, begins)))
    spoilt = [(at, spoil(image, rng)) for at, image in since(pictures, begins)[:3]]
    assert any(found & kinds for found in shown(watches, spoilt))


def test_a_focus_that_is_set_right_is_believed_again(pictures: list[Picture]) -> None:
    watches, rng = Watches(), np.random.default_rng(2)
    shown(watches, until(pictures, AWAKE))
    later = since(pictures, AWAKE)
    found = shown(watches, [(at, defocused(image, rng)) for at, image in later[:2]] + later[2:6])
    assert found[1] == {Trick.DEFOCUSED}
    assert found[-1] == set()
