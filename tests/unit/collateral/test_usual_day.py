"""An animal's usual day is its own median by hour, over days enough, whatever was not measured."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from collateral.facts.series import BASELINE_DAYS
from collateral.facts.usual import median, usual_day

values = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)),
    elements=st.just(np.float32(np.nan)) | st.floats(-100, 100, width=32),
)  # fmt: skip


@given(values)
def test_a_median_is_that_of_what_was_measured(found: np.ndarray) -> None:
    for row, middle in zip(found, median(found, least=1), strict=True):
        known = row[~np.isnan(row)]
        assert np.isnan(middle) if len(known) == 0 else np.isclose(middle, np.median(known))


def test_a_habit_needs_days_enough_at_that_hour() -> None:
    hours = np.arange(24 * BASELINE_DAYS) % 24
    history = np.broadcast_to(hours.astype(np.float32), (1, len(hours))).copy()
    history[0, 5] = np.nan
    usual, spread = usual_day(history, hours)
    assert np.isnan(usual[0, 5])
    assert [usual[0, hour] for hour in (0, 4, 6, 23)] == [0, 4, 6, 23]
    assert spread.tolist() == [0.0]


def test_a_habit_may_begin_at_any_hour_of_the_day() -> None:
    hours = (13 + np.arange(24 * 14)) % 24
    usual, _ = usual_day(np.broadcast_to(hours.astype(np.float32), (2, len(hours))), hours)
    assert usual.tolist() == [list(range(24))] * 2


def test_an_animal_that_was_never_heard_has_no_habit() -> None:
    usual, spread = usual_day(np.full((1, 24 * 14), np.nan, np.float32), np.arange(24 * 14) % 24)
    assert np.isnan(usual).all()
    assert np.isnan(spread).all()
