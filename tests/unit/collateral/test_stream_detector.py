"""The stream detector: what it finds, what it must not mind, and that it never looks ahead."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.anomaly.stream.detector import StreamDetector, scores
from collateral.anomaly.stream.herd_stream import herd_streams, hourly_scores
from collateral.anomaly.stream.season import Season
from collateral.anomaly.stream.tail import LOUDEST, Tail
from collateral.facts.series import silent_series

anything = st.floats(allow_nan=True, allow_infinity=True)
moments = st.one_of(st.floats(-1e12, 1e12), st.just(float("nan")))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def days(number: int, seed: int = 1, step_s: float = 900.0) -> list[tuple[float, float]]:
    """A noisy daily curve: 10, swinging by 3, with a deviation of 0.5."""
    rng = random.Random(seed)
    rows = int(number * 86_400 / step_s)
    return [(i * step_s, 10 + 3 * math.sin(i * step_s / 86_400 * math.tau) + rng.gauss(0, 0.5)) for i in range(rows)]


def told(rows: list[tuple[float, float]]) -> list[float]:
    return list(scores(rows))


@given(st.lists(st.tuples(moments, anything), max_size=120))
def test_any_rows_at_any_moments_have_each_one_score_from_0_to_1(rows: list[tuple[float, float]]) -> None:
    found = told(rows)
    assert len(found) == len(rows)
    assert all(0.0 <= score < 1.0 for score in found)
    assert all(score == 0.0 for score, (_, value) in zip(found, rows, strict=True) if not math.isfinite(value))


@given(st.lists(st.tuples(moments, anything), max_size=80), st.lists(st.tuples(moments, anything), max_size=10))
def test_what_comes_later_changes_no_score(rows: list[tuple[float, float]], later: list[tuple[float, float]]) -> None:
    assert told(rows + later)[: len(rows)] == told(rows)


def test_a_value_that_is_no_number_teaches_nothing() -> None:
    rows = days(5)
    holed = [r for row in rows for r in (row, (row[0], math.nan))]
    assert [s for s, (_, v) in zip(told(holed), holed, strict=True) if math.isfinite(v)] == told(rows)


def test_a_spike_is_the_highest_score_of_its_stream() -> None:
    rows = days(20)
    rows[1500] = (rows[1500][0], 20.0)
    found = told(rows)
    assert max(range(len(found)), key=found.__getitem__) == 1500
    assert found[1500] > 0.6


def test_what_is_usual_at_noon_is_unusual_at_midnight() -> None:
    rows = days(20)
    at = 15 * 96 + 72  # 18:00, when it is usually 7
    spoilt = rows.copy()
    spoilt[at : at + 8] = [(t, v + 5) for t, v in rows[at : at + 8]]  # 12: every morning sees as much
    assert max(told(spoilt)[at : at + 8]) > 0.5
    assert max(told(rows)[at : at + 8]) < 0.3


@pytest.mark.parametrize("change", ["shift", "unrest", "stillness"])
def test_shifts_unrest_and_stillness_are_found_within_a_few_hours(change: str) -> None:
    rows, rng = days(20), random.Random(2)
    for at in range(1500, 1596):
        t, v = rows[at]
        rows[at] = (t, {"shift": v + 2.0, "unrest": v + rng.gauss(0, 2.0), "stillness": 10.0}[change])
    found = told(rows)
    assert max(found[1500:1540]) > 0.5
    assert max(found[1500:1540]) > max(found[300:1500])


def test_a_day_of_trouble_is_said_a_few_times_not_every_row() -> None:
    rows = days(20)
    rows[1500:1596] = [(t, v + 6) for t, v in rows[1500:1596]]
    assert sum(score > 0.3 for score in told(rows)[1500:1596]) <= 12


def test_one_wild_value_does_not_deafen() -> None:
    rows = days(30)
    rows[1000] = (rows[1000][0], 1e12)
    rows[2500] = (rows[2500][0], 25.0)
    assert told(rows)[2500] > 0.5


def test_quiet_streams_stay_quiet() -> None:
    found = [score for seed in range(6) for score in told(days(30, seed))]
    assert sum(score > 0.5 for score in found) <= 6
    assert np.mean(np.array(found) > 0.8) == 0


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e9])
def test_a_constant_stream_says_nothing_until_it_stirs(value: float) -> None:
    rows = [(300.0 * i, value) for i in range(4000)]
    assert max(told(rows)) == 0.0
    stirred = told([*rows, (300.0 * 4000, value + 5.0), (300.0 * 4001, value + 5.0)])
    assert max(stirred[-2:]) > 0.5


def test_a_square_wave_is_learnt() -> None:
    rows = [(300.0 * i, 80.0 if i % 288 > 144 else 20.0) for i in range(288 * 14)]
    assert max(told(rows)[288:]) < 0.3


def test_memory_does_not_grow_with_the_stream() -> None:
    def size(detector: StreamDetector) -> int:
        return sum(len(v) for season in detector._seasons for v in season._visits) + len(detector._short._values)

    detector = StreamDetector()
    for at, value in days(60):
        detector.push(at, value)
    full = size(detector)
    for at, value in days(60):
        detector.push(at + 60 * 86_400, value)
    assert size(detector) == full <= 48 * 14 + 168 * 6 + 16


@given(st.lists(st.floats(0, 1e6), max_size=200))
def test_a_tail_is_bounded_and_louder_for_the_larger(magnitudes: list[float]) -> None:
    tail = Tail()
    assert all(0.0 <= tail.surprise(m) <= LOUDEST for m in magnitudes)
    larger = [tail._told(m) for m in (0.0, 1.0, 10.0, 1e3, 1e7)]
    assert all(a <= b + 1e-9 for a, b in pairwise(larger))


def test_an_exponential_law_is_calibrated() -> None:
    rng, tail = random.Random(4), Tail()
    for _ in range(20_000):
        tail.surprise(rng.expovariate(0.2))
    assert tail._told(5.0 * math.log(1000)) == pytest.approx(math.log(1000), rel=0.25)


def test_a_season_is_the_median_of_visits_with_soft_edges_and_unknown_before_them() -> None:
    season = Season(86_400, 24, 3)
    for day, value in enumerate((1.0, 2.0, 9.0, 5.0)):
        noon = day * 86_400.0 + 43_200
        assert (season.expect(noon, 3.0) is None) == (day == 0)
        season.learn(noon, value)
        season.learn(noon + 3600, 7.0)
        season.learn(noon + 7200, 0.0)
    noon = 4 * 86_400.0 + 43_200
    assert season.expect(noon, 1.0) == 5.0  # the middle of 2, 9, 5
    assert season.expect(noon, 6.0) == 6.0  # on the way to the next hour's 7
    assert season.expect(noon, 8.0) == 7.0
    assert season.expect(noon - 3600, 8.0) is None


def test_a_herds_streams_are_medians_of_eight_or_more_and_heads_heard() -> None:
    few, many = silent_series(5, NOON), silent_series(12, NOON)
    few.activity.values[:, -1] = 40
    many.activity.values[:, -1] = np.arange(12)
    assert np.isnan(herd_streams(few).activity).all()
    assert herd_streams(many).activity[-1] == 5.5
    assert herd_streams(many).tags_heard[-2:].tolist() == [0, 12]


def test_a_herd_that_falls_silent_in_an_hour_is_unusual_in_that_hour() -> None:
    rng = np.random.default_rng(5)
    heard = 500 - rng.integers(0, 6, 24 * 30).astype(float)
    heard[-1] = 310
    found = hourly_scores(NOON, heard)
    assert found[-1] > 0.5
    assert found[-1] == found.max()
