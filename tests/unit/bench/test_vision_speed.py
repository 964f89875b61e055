"""How the speed of a count is judged."""

import pytest

from bench.vision import STAGES, Stages


def stages(**times: list[float]) -> Stages:
    return Stages({}, times, {name: [1.0] * 3 for name in STAGES})


def test_ratios_are_medians_of_pairs_so_that_a_busy_moment_slows_both() -> None:
    found = stages(bare=[50, 500, 50], frame=[55, 550, 300], jpeg=[60, 600, 60], checks=[75, 750, 75]).figures()
    assert found["frame_over_bare"] == pytest.approx(1.1)
    assert found["jpeg_over_bare"] == pytest.approx(1.2)
    assert found["checks_over_bare"] == pytest.approx(1.5)
    assert found["bare_ms"] == 50


def test_each_step_takes_its_turn_and_its_time_is_kept() -> None:
    order: list[str] = []
    steps = {name: (lambda picture, name=name: order.append(f"{name}{picture}")) for name in STAGES}
    one = Stages(steps, {name: [] for name in STAGES}, {name: [] for name in STAGES})
    one.turn(0)
    one.turn(1)
    assert order == [f"{name}{picture}" for picture in (0, 1) for name in STAGES]
    assert all(len(times) == 2 for times in one.wall.values())
