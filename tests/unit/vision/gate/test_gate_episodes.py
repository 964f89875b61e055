"""The generated episodes: the same seed gives the same, and the counter keeps to its goals on a few of them."""

import pytest

from bench.gate import sights_of
from bench.gate_episodes.episode import make
from vision.gate.counting import count_gate
from vision.gate.line import Line


def test_an_episode_is_the_same_each_time() -> None:
    first, second = make("slow-frames", 3), make("slow-frames", 3)
    assert first.frames == second.frames
    assert (first.positive, first.negative) == (second.positive, second.negative)
    assert make("slow-frames", 4).frames != first.frames


@pytest.mark.slow
@pytest.mark.parametrize("name", ["slow-frames", "occluded"])
def test_an_episode_without_a_flag_is_exact(name) -> None:
    episode = make(name, 1)
    counted = count_gate(sights_of(episode), Line(*episode.line))
    wrong = abs(counted.came_in - counted.went_out - episode.net)
    assert wrong <= 1
    assert wrong == 0 or counted.ambiguous
