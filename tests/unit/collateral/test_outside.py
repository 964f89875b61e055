"""Outside a fence: by more than noise explains, and quickly told."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.facts.geometry import metres_outside
from collateral.facts.outside import is_beyond, margin_m, newest_run
from collateral.model.place import Fence, Position
from collateral.model.reading import Fix
from tests.herds import NOW, at, fixes, pen

NOWHERE = Fix(measured_at=NOW, position=Position(0, 0))


@st.composite
def fences(draw: st.DrawFn) -> Fence:
    """A ring of up to nine corners around the middle, often not convex."""
    corners = draw(st.integers(3, 9))
    reach = [draw(st.floats(20, 400)) for _ in range(corners)]
    turn = draw(st.floats(0, math.tau))
    angles = [turn + math.tau * n / corners for n in range(corners)]
    return Fence(tuple(at(r * math.cos(a), r * math.sin(a)) for r, a in zip(reach, angles, strict=True)))


@given(fences(), st.floats(-600, 600), st.floats(-600, 600), st.one_of(st.none(), st.floats(0, 60)))
def test_the_quick_answer_is_that_of_geometry(fence: Fence, east: float, north: float, error: float | None) -> None:
    fix = Fix(measured_at=NOW, position=at(east, north), error_m=error)
    distance = metres_outside(fence, fix.position)
    if abs(distance - margin_m(error)) > 0.01:
        assert is_beyond(fence, fix) == (distance > margin_m(error))


@pytest.mark.parametrize(("error", "margin"), [(0.0, 30), (10.0, 45), (34.0, 81), (None, 80)])
def test_the_margin_goes_from_a_collars_to_an_ear_tags(error: float | None, margin: float) -> None:
    assert margin_m(error) == pytest.approx(margin)


def test_a_fix_at_null_island_neither_makes_a_run_nor_breaks_one() -> None:
    out = fixes((30, 30), (160, 30), (170, 30))
    with_nothing = (*out[:2], NOWHERE, out[2], NOWHERE)
    assert newest_run(pen().fence, with_nothing) == out[1:]
    assert newest_run(pen().fence, (NOWHERE, NOWHERE)) == ()


def test_one_fix_inside_ends_the_run() -> None:
    walked = fixes((160, 30), (30, 30), (160, 30), every=timedelta(hours=1))
    assert newest_run(pen().fence, walked) == walked[2:]
