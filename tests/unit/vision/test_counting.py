"""Head counts of one picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import boxes_of, herd, sunny_pen
from vision.counting import UNCALIBRATED_QUANTILE, count_picture, head_range
from vision.detector import Boxes
from vision.detectors.replay import ReplayDetector
from vision.manifest import SceneTrust
from vision.region import Region

TRUST = SceneTrust(score=0.5, quantile=0.5, pictures=100)
LEFT_HALF = Region(((0, 0), (0.5, 0), (0.5, 1), (0, 1)))


def seeing(boxes: Boxes) -> ReplayDetector:
    return ReplayDetector([boxes], version="herd-test")


def test_every_sure_animal_counts_once() -> None:
    counted = count_picture(sunny_pen(), seeing(herd(16)), trust=TRUST)
    assert counted.count is not None
    assert (counted.count.low, counted.count.best, counted.count.high) == (14, 16, 18)
    assert counted.unknown_because is None
    assert counted.model_version == "herd-test"


def test_a_box_below_the_calibrated_score_does_not_count() -> None:
    counted = count_picture(sunny_pen(), seeing(herd(5, score=0.4)), trust=TRUST)
    assert counted.count is not None
    assert counted.count.best == 0


def test_a_good_picture_without_animals_counts_zero_not_unknown() -> None:
    counted = count_picture(sunny_pen(), seeing(Boxes.empty()), trust=TRUST)
    assert counted.count is not None
    assert (counted.count.low, counted.count.best) == (0, 0)


@pytest.mark.parametrize(("brightness", "because"), [(0, "dark"), (6, "dark"), (120, "covered"), (250, "covered")])
def test_a_dark_or_covered_picture_counts_unknown_and_never_zero(brightness: int, because: str) -> None:
    noise = np.random.default_rng(0).normal(brightness, 5, (180, 320, 3))
    counted = count_picture(np.clip(noise, 0, 255).astype(np.uint8), seeing(herd(9)), trust=TRUST)
    assert counted.count is None
    assert counted.unknown_because == because
    assert len(counted.boxes) == 0


def test_light_falling_on_a_cloth_is_still_covered() -> None:
    ramp = np.linspace(40, 140, 320)[None, :, None] + np.random.default_rng(0).normal(0, 4, (180, 320, 3))
    counted = count_picture(np.clip(ramp, 0, 255).astype(np.uint8), seeing(herd(9)), trust=TRUST)
    assert counted.unknown_because == "covered"


def test_only_the_species_asked_for_counts() -> None:
    mixed = boxes_of([((0, 0, 10, 10), 0.9, 0), ((50, 0, 60, 10), 0.9, 1), ((90, 0, 99, 10), 0.9, 1)])
    counted = count_picture(sunny_pen(), seeing(mixed), species="sheep", trust=TRUST)
    assert counted.count is not None
    assert counted.count.best == 2


def test_only_what_stands_in_the_region_counts() -> None:
    counted = count_picture(sunny_pen(), seeing(herd(10)), region=LEFT_HALF, trust=TRUST)
    assert counted.count is not None
    assert counted.count.best == 5


def test_a_model_that_nobody_measured_gives_a_wide_interval() -> None:
    counted = count_picture(sunny_pen(), seeing(herd(16)))
    assert counted.count is not None
    assert counted.count.high - counted.count.best == UNCALIBRATED_QUANTILE * 4


@given(st.integers(0, 500), st.floats(0, 5))
def test_an_interval_holds_its_best_figure_and_starts_at_zero_or_above(best: int, quantile: float) -> None:
    interval = head_range(best, SceneTrust(0.5, quantile, 50))
    assert 0 <= interval.low <= interval.best == best <= interval.high
