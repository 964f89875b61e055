"""One count from a window of frames."""

import numpy as np
import pytest

from vision.errors import VisionError
from vision.manifest import SceneTrust
from vision.still.consensus import FrameCount, agree, windows
from vision.still.duration import seconds_of

TRUST = SceneTrust(0.5, 1.0, 100)


def frames(counts: list[int | None], why: str = "dark") -> list[FrameCount]:
    return [FrameCount(i * 0.75, best, None if best is not None else why) for i, best in enumerate(counts)]


def test_a_window_is_never_a_sum_and_a_few_bad_frames_change_nothing() -> None:
    window = agree(frames([50] * 16 + [0, 0, 400, 90]), TRUST)
    assert window.count is not None
    assert (window.count.best, window.frames, window.seen, window.apart) == (50, 20, 20, 4)


def test_frames_that_repeat_one_another_narrow_nothing() -> None:
    window = agree(frames([100] * 20), TRUST)
    assert window.count is not None
    assert (window.count.low, window.count.high) == (90, 110)
    assert window.worth == 1


def test_frames_that_differ_narrow_the_interval_but_never_below_what_they_share() -> None:
    rng = np.random.default_rng(1)
    window = agree(frames([int(n) for n in rng.normal(100, 5, 40).round()]), TRUST)
    assert window.count is not None
    assert 13 <= window.count.high - window.count.low < 20  # alone 20; half of the variance stays whatever comes


@pytest.mark.parametrize(
    ("counts", "why"), [([None] * 20, "dark"), ([50, 50], "too_few_frames"), ([50] * 4 + [None] * 16, "dark")]
)
def test_a_window_in_which_too_few_frames_saw_anything_is_unknown(counts: list[int | None], why: str) -> None:
    window = agree(frames(counts), TRUST)
    assert (window.count, window.unknown_because) == (None, why)


@pytest.mark.parametrize("shared", [0.5, 0.7, 0.9, 1.0])
def test_the_interval_of_a_window_covers_whatever_part_of_the_error_its_frames_share(shared: float) -> None:
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(600):
        true = int(rng.integers(30, 200))
        deviation = true**0.5 / 1.96
        lasting = rng.normal(0, deviation * shared**0.5)
        changing = rng.normal(0, deviation * (1 - shared) ** 0.5, 20)
        window = agree(frames([max(0, round(true + lasting + c)) for c in changing]), TRUST)
        assert window.count is not None
        inside.append(window.count.low <= true <= window.count.high)
    assert 0.92 <= np.mean(inside) <= 0.995


def test_windows_follow_each_other_and_a_pause_gives_none() -> None:
    told = [FrameCount(at, 1) for at in (0, 5, 14.9, 15, 20, 100, 101)]
    assert [[frame.at_s for frame in held] for held in windows(told, 15)] == [[0, 5, 14.9], [15, 20], [100, 101]]


@pytest.mark.parametrize(("text", "seconds"), [("15s", 15), ("2m", 120), ("0.5h", 1800), ("7", 7)])
def test_lengths_of_time_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "soon", "-3s", "3d"])
def test_a_length_of_time_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(VisionError, match="15s"):
        seconds_of(text)
