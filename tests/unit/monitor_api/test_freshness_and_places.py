"""How a device that should speak regularly stands, and whether an animal is where it belongs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collateral.model.place import Fence, Position
from collateral.store.devices import freshness
from collateral.store.whereabouts import Whereabouts

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PEN = Fence(tuple(Position(lat, lon) for lat, lon in ((43.0, 122.0), (43.01, 122.0), (43.01, 122.01), (43.0, 122.01))))
INSIDE, OUTSIDE = (43.005, 122.005, 5.0), (43.02, 122.005, 5.0)
METRE = 1 / 111_320


@pytest.mark.parametrize(
    ("age", "stands"),
    [
        (timedelta(0), "fresh"), (timedelta(hours=3), "fresh"), (timedelta(hours=3, seconds=1), "stale"),
        (timedelta(hours=24), "stale"), (timedelta(hours=24, seconds=1), "silent"), (None, "never"),
    ],
)  # fmt: skip
def test_an_hourly_device_is_fresh_for_three_hours_stale_for_a_day_and_then_silent(
    age: timedelta | None, stands: str
) -> None:
    assert freshness(NOW - age if age is not None else None, 3600, NOW) == stands


@pytest.mark.parametrize(
    ("fixes", "outside"),
    [
        ([INSIDE, INSIDE], False), ([OUTSIDE], False), ([OUTSIDE, INSIDE], False), ([INSIDE, OUTSIDE], False),
        ([OUTSIDE, OUTSIDE], True), ([OUTSIDE, OUTSIDE, INSIDE], True),
        ([(43.01 + 29 * METRE, 122.005, 0.0)] * 2, False), ([(43.01 + 31 * METRE, 122.005, 0.0)] * 2, True),
        ([(43.01 + 49 * METRE, 122.005, 20.0)] * 2, False),
    ],
)  # fmt: skip
def test_two_fixes_beyond_the_fence_its_buffer_and_their_error_are_outside(
    fixes: list[tuple[float, float, float]], outside: bool
) -> None:
    animal = Whereabouts(
        animal_id="a", identity="2", pen_id="p", interval_s=3600, last_seen_at=NOW, fixes=fixes
    )  # fmt: skip
    assert animal.is_outside(PEN) is outside
