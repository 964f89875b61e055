"""Wrong passwords make the next attempt wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor_api import throttle
from monitor_api.throttle import Throttle, TooManyAttempts

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
KEY = ("officer", "10.0.0.7")


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def tried(times: int) -> Throttle:
    slowed = Throttle()
    for second in range(times):
        slowed.wrong(KEY, seconds(second))
    return slowed


def test_four_wrong_passwords_do_not_wait() -> None:
    tried(4).check(KEY, seconds(10))


def test_five_wrong_passwords_wait_until_the_first_is_a_minute_old() -> None:
    slowed = tried(5)
    with pytest.raises(TooManyAttempts) as waiting:
        slowed.check(KEY, seconds(10))
    assert waiting.value.again_at == seconds(60)
    slowed.check(KEY, waiting.value.again_at)


def test_another_address_and_another_login_do_not_wait() -> None:
    slowed = tried(5)
    slowed.check(("officer", "10.0.0.8"), seconds(10))
    slowed.check(("risk", "10.0.0.7"), seconds(10))


def test_the_right_password_forgets_the_wrong_ones() -> None:
    slowed = tried(4)
    slowed.right(KEY)
    slowed.wrong(KEY, seconds(5))
    slowed.check(KEY, seconds(6))


def test_who_varies_the_login_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 10)
    slowed = Throttle()
    for number in range(100):
        slowed.wrong((f"login-{number}", "10.0.0.7"), NOON)
    assert len(slowed._wrong) == 10
