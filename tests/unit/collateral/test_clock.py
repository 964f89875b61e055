"""One clock for everybody, shifted and sped up alike."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.model.moment import NaiveTime, aware
from collateral.ops.clock import Clock, ClockError, parse


def test_event_time_runs_at_its_rate() -> None:
    wall = [100.0]
    clock = Clock(100.0, 1_000.0, 30.0, wall=lambda: wall[0])
    wall[0] = 110.0
    assert clock.now() == datetime.fromtimestamp(1_300.0, UTC)
    assert clock.wall_seconds(timedelta(minutes=1)) == 2.0


@given(st.floats(0, 2e9), st.floats(0, 2e9), st.floats(0.01, 1e4))
def test_a_clock_handed_to_another_program_is_the_same_clock(wall: float, event: float, rate: float) -> None:
    clock = Clock(wall, event, rate)
    assert parse(clock.setting()) == clock


@pytest.mark.parametrize("text", ["1,2", "a,b,c", "1,2,0", "1,2,-3"])
def test_a_setting_that_is_no_clock_says_how_one_looks(text: str) -> None:
    with pytest.raises(ClockError, match="wall_epoch_s,event_epoch_s,rate"):
        parse(text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTime):
        aware(datetime(2026, 1, 1))  # noqa: DTZ001
