"""The marks that stream detectors get: by windows, earliness and one threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.streams.kinds import draw
from bench.streams.marking import best, probation, windows_around, worth


def test_silence_is_worth_nothing_and_the_first_row_of_every_window_everything() -> None:
    windows = [windows_around([500, 800], 1000), []]
    nothing, perfect = [np.zeros(1000), np.zeros(400)], [np.zeros(1000), np.zeros(400)]
    for first, _ in windows[0]:
        perfect[0][first] = 1.0
    assert set(best(nothing, windows).values()) == {0.0}
    assert best(perfect, windows) == pytest.approx({"standard": 100.0, "low_fp": 100.0, "low_fn": 100.0})


def test_a_false_row_costs_its_profile_and_a_missed_window_too() -> None:
    windows = [windows_around([500, 800], 1000)]
    score = np.zeros(1000)
    score[windows[0][0][0]] = 1.0  # found at once
    score[300] = 1.0  # false, before any window: the whole price
    marks = best([score], windows)
    assert marks["standard"] == pytest.approx(100 * (2 - 0.11) / 4)
    assert marks["low_fp"] == pytest.approx(100 * (2 - 0.22) / 4)
    assert marks["low_fn"] == pytest.approx(100 * (3 - 0.11) / 6)


def test_rows_of_the_probation_are_not_judged() -> None:
    windows = [windows_around([500], 1000)]
    score = np.zeros(1000)
    score[windows[0][0][0]] = 1.0
    score[: probation(1000)] = 1.0
    assert best([score], windows)["standard"] == pytest.approx(100.0)
    assert probation(100_000) == 750


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_earlier_is_never_worth_less(a: float, b: float) -> None:
    early, late = worth(np.array([min(a, b), max(a, b)]))
    assert late <= early + 1e-12
    assert -1 <= late <= early <= 1


def test_draws_are_repeatable_and_seeds_differ() -> None:
    one, same, other = draw(3), draw(3), draw(4)
    assert len(one) == 58
    assert all(np.array_equal(a.value, b.value) and a.anomalies == b.anomalies for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.value, b.value) for a, b in zip(one, other, strict=True))
    assert all(np.isfinite(s.value).all() and (np.diff(s.at_s) > 0).all() for s in one)
    assert all(0 < row < len(s.value) for s in one for row in s.anomalies)
