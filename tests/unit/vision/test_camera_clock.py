"""Pictures' own times against the times they came, and against one another."""

from datetime import UTC, datetime, timedelta

from vision.camera.clocks import ClockCheck

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_picture_from_the_future_has_a_wrong_clock() -> None:
    found = ClockCheck().look(at(3600), arrived=at(0))
    assert found is not None
    assert found.measured == 3600


def test_a_few_seconds_between_two_clocks_are_nothing() -> None:
    assert ClockCheck().look(at(8), arrived=at(0)) is None


def test_time_that_runs_backwards_is_found_once_per_step() -> None:
    check = ClockCheck()
    assert check.look(at(100), None) is None
    found = check.look(at(40), None)
    assert found is not None
    assert found.measured == 60
    assert check.look(at(41), None) is None


def test_a_clock_set_right_by_a_second_is_nothing() -> None:
    check = ClockCheck()
    check.look(at(100), None)
    assert check.look(at(99), None) is None


def test_a_backlog_that_is_sent_after_an_outage_is_late_but_not_wrong() -> None:
    check = ClockCheck()
    told = [check.look(at(minute * 60), arrived=at(7200 + minute * 2)) for minute in range(60)]
    assert told == [None] * 60


def test_a_clock_that_is_always_an_hour_behind_is_found() -> None:
    check = ClockCheck()
    told = [check.look(at(minute * 60), arrived=at(3600 + minute * 60)) for minute in range(6)]
    assert told[-1] is not None
    assert told[-1].measured == 3600
