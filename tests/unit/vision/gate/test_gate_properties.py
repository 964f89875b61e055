"""What must hold for any animals whatever."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.vision.gate.walks import film, spoiled, straight, through
from vision.gate.counting import count_gate
from vision.gate.line import Line
from vision.gate.sight import Sight

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINE = Line(0, 300, 600, 300)


@st.composite
def herds(draw: st.DrawFn):
    """Up to five animals in lanes of their own; each walks through, back, or stays on its side."""
    ways = []
    for lane in range(draw(st.integers(1, 5))):
        x, since = 70.0 + 115 * lane, draw(st.floats(0, 3))
        top = draw(st.booleans())
        start, far = (0.0, 600.0) if top else (600.0, 0.0)
        turn = start + (far - start) * draw(st.sampled_from([0.2, 0.35, 0.75, 1.0]))
        back = far if turn == far else start
        ways.append(through((since, x, start), (since + 5, x, turn), (since + 10, x, back)))
    return ways


def net(frames: list[Sight], line: Line = LINE) -> tuple[int, int]:
    counted = count_gate(frames, line)
    return counted.came_in, counted.went_out


def mirrored(frames: list[Sight]) -> list[Sight]:
    flip = np.array([1, -1, 1, -1])
    return [
        Sight(f.frame, f.t, (f.xyxy * flip + np.array([0, 600, 0, 600]))[:, [0, 3, 2, 1]], f.score, f.kind)
        for f in frames
    ]


def backwards(frames: list[Sight]) -> list[Sight]:
    last = frames[-1]
    return [Sight(last.frame - f.frame, last.t - f.t, f.xyxy, f.score, f.kind) for f in reversed(frames)]


@FEW
@given(herds(), st.integers(0, 99))
def test_a_mirror_across_the_line_swaps_in_and_out(ways, seed) -> None:
    frames = spoiled(film(ways, 14, rate=10), seed)
    came, went = net(frames)
    assert net(mirrored(frames)) == (went, came)


@FEW
@given(herds(), st.integers(0, 99))
def test_the_film_backwards_has_the_opposite_net(ways, seed) -> None:
    frames = spoiled(film(ways, 14, rate=10), seed)
    came, went = net(frames)
    came_back, went_back = net(backwards(frames))
    assert came_back - went_back == went - came


@FEW
@given(herds())
def test_the_other_side_of_the_line_swaps_in_and_out(ways) -> None:
    frames = film(ways, 14, rate=10)
    came, went = net(frames, Line(0, 300, 600, 300, "right"))
    assert net(frames, Line(0, 300, 600, 300, "left")) == (went, came)
    assert net(frames, Line(600, 300, 0, 300, "right")) == (went, came)


@FEW
@given(st.lists(st.tuples(st.floats(0, 14), st.floats(20, 580), st.floats(20, 285)), min_size=2, max_size=8))
def test_an_animal_that_never_reaches_both_zones_never_counts(points) -> None:
    way = through(*sorted((t + 0.01 * i, x, y) for i, (t, x, y) in enumerate(points)))
    assert net(film([way], 15, rate=10)) == (0, 0)


@FEW
@given(herds(), st.integers(0, 99))
def test_a_far_animal_changes_nothing(ways, seed) -> None:
    frames = spoiled(film(ways, 14, rate=10), seed)
    far = np.array([[5000.0, 20, 5040, 100]])
    more = [
        Sight(f.frame, f.t, np.concatenate([f.xyxy, far]), np.append(f.score, 0.9), np.append(f.kind, 0))
        for f in frames
    ]
    assert net(more) == net(frames)


@FEW
@given(herds(), st.sampled_from([5.0, 8.0, 12.5, 25.0, 30.0]))
def test_the_frame_rate_does_not_change_the_count_of_slow_animals(ways, rate) -> None:
    assert net(film(ways, 14, rate=rate)) == net(film(ways, 14, rate=15))


@FEW
@given(st.integers(1, 6), st.floats(0.4, 1.6))
def test_a_column_of_animals_counts_each(many, headway_s) -> None:
    """One behind the other, a length and more apart."""
    ways = [straight(300 + 5 * (i % 2), -30, 90, since=i * (1 + headway_s)) for i in range(many)]
    assert net(film(ways, 9 + 2.6 * many)) == (many, 0)
