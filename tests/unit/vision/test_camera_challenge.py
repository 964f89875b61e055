"""A recording does not know what is asked of the camera now."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.camera_scenes import barn, live
from vision.camera.challenge import answers_blinks, answers_nudge, blink_pattern


@given(st.integers(0, 2**32 - 1), st.floats(1.5, 40), st.floats(-3, 3))
def test_a_lamp_that_blinks_as_asked_is_recognised_through_noise_and_drift(
    seed: int, depth: float, drift: float
) -> None:
    rng = np.random.default_rng(seed)
    pattern = blink_pattern(rng)
    seen = [80 + depth * bit + drift * step + 0.2 * rng.normal() for step, bit in enumerate(pattern)]
    assert answers_blinks(pattern, seen).given


def test_a_recording_of_another_pattern_answers_once_in_hundreds() -> None:
    rng = np.random.default_rng(5)
    passed = 0
    for _ in range(2000):
        asked, recorded = blink_pattern(rng), blink_pattern(rng)
        passed += answers_blinks(asked, [90 + 20 * bit + rng.normal() for bit in recorded]).given
    assert passed < 20


def test_a_picture_that_does_not_change_is_no_answer() -> None:
    assert not answers_blinks(blink_pattern(np.random.default_rng(1)), [90.0] * 16).given


def test_patterns_differ_and_are_on_for_half_of_the_time() -> None:
    rng = np.random.default_rng(2)
    patterns = {blink_pattern(rng) for _ in range(50)}
    assert len(patterns) > 45
    assert all(sum(pattern) == 8 for pattern in patterns)


def test_too_short_or_unequal_patterns_are_refused() -> None:
    with pytest.raises(ValueError, match="even number"):
        blink_pattern(np.random.default_rng(1), 7)
    with pytest.raises(ValueError, match="one value a bit"):
        answers_blinks([True, False] * 8, [1.0] * 15)


def test_a_nudge_of_the_camera_shows_and_a_recording_does_not_move() -> None:
    first, second = live(0.5)
    nudged = next(live(0.25, scene=np.roll(barn(), 12, axis=1), seed=3))
    assert answers_nudge(first, nudged, 12).given
    assert not answers_nudge(first, second, 12).given
    assert not answers_nudge(first, nudged, 60).given
