"""The cheapest assignment, against trying everything."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.gate.assignment import assign


def cheapest(cost: np.ndarray, alone: float) -> float:
    """Try every way to give rows to columns or to nobody."""
    rows, columns = cost.shape
    places = [*range(columns), *[None] * rows]
    return min(
        sum(alone if to is None else cost[row, to] for row, to in enumerate(chosen))
        for chosen in set(permutations(places, rows))
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_no_other_assignment_is_cheaper(rows, columns, data) -> None:
    values = st.one_of(st.floats(0, 10), st.just(float("inf")))
    flat = data.draw(st.lists(values, min_size=rows * columns, max_size=rows * columns))
    cost = np.array(flat).reshape(rows, columns)
    pairs = assign(cost, 5.0)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    total = sum(cost[row, column] for row, column in pairs) + 5.0 * (rows - len(pairs))
    assert total == pytest.approx(cheapest(cost, 5.0))


def test_nobody_to_choose_from_is_no_pair() -> None:
    assert assign(np.zeros((0, 3)), 1.0) == []
    assert assign(np.zeros((3, 0)), 1.0) == []
    assert assign(np.full((2, 2), np.inf), 1.0) == []
