"""The window decides what is sent again, and when."""

from hypothesis import given
from hypothesis import strategies as st

from edge.window import APART_S, LONGEST_PATIENCE_S, PATIENCE_S, Window


def sent(*numbers: int, at_s: float = 0.0) -> Window:
    window = Window()
    for number in numbers:
        window.sent(number, 1000, at_s)
    return window


def test_nothing_is_overdue_before_its_time() -> None:
    assert sent(1, 2).overdue(PATIENCE_S - 0.1) == []


def test_what_was_not_receipted_in_time_is_overdue() -> None:
    assert sent(1, 2).overdue(PATIENCE_S) == [1, 2]


def test_patience_doubles_with_each_sending_up_to_a_limit() -> None:
    window, now_s = sent(1), 0.0
    waits = []
    for _ in range(6):
        begun_s = now_s
        while not window.overdue(now_s):
            now_s += 1
        waits.append(now_s - begun_s)
        window.sent(1, 1000, now_s)
    assert waits == [15, 30, 60, 120, 120, LONGEST_PATIENCE_S]


def test_a_new_connection_makes_patience_short_again() -> None:
    window = sent(1, 2)
    window.sent(2, 1000, 10.0)
    window.reconnected(11.0)
    assert window.overdue(10.0 + PATIENCE_S) == [1, 2]


def test_after_a_new_connection_the_oldest_alone_goes_again_soon() -> None:
    window = sent(4, 5, 6, at_s=10.0)
    window.reconnected(12.0)
    assert window.overdue(12.0) == []
    assert window.overdue(12.0 + APART_S) == [4]
    window.sent(4, 1000, 12.0 + APART_S)
    assert window.overdue(10.0 + PATIENCE_S - 0.1) == []
    assert window.overdue(10.0 + PATIENCE_S) == [5, 6]


def test_a_new_connection_puts_off_nothing_that_is_due_already() -> None:
    window = sent(1)
    window.reconnected(PATIENCE_S - 0.5)
    assert window.overdue(PATIENCE_S) == [1]


def test_a_new_connection_with_nothing_under_way_asks_about_nothing() -> None:
    window = Window()
    window.reconnected(5.0)
    assert window.overdue(100.0) == []


def test_missing_numbers_are_sent_again_but_not_several_times_a_second() -> None:
    window = sent(1, 2, 3)
    assert window.missing([1], 0.3) == []
    assert window.missing([1], APART_S) == [1]
    window.sent(1, 1000, APART_S)
    assert window.missing([1], APART_S + 0.5) == []


def test_a_number_that_is_not_under_way_is_not_asked_for() -> None:
    assert sent(5).missing([1, 9], 100) == []


def test_one_message_always_fits_however_large() -> None:
    window = Window(most_bytes=10)
    assert window.has_room()
    window.sent(1, 1000, 0)
    assert not window.has_room()


def test_after_a_restart_receipts_say_where_to_go_on() -> None:
    window = Window()
    window.receipted(41)
    assert window.newest == 41


@given(st.lists(st.tuples(st.sampled_from(["send", "receipt"]), st.integers(1, 30))))
def test_the_window_holds_what_was_sent_above_the_receipt(steps: list[tuple[str, int]]) -> None:
    window, sent_ones, committed = Window(), set(), 0
    for what, number in steps:
        if what == "receipt":
            window.receipted(number)
            committed = max(committed, number)
            sent_ones = {n for n in sent_ones if n > number}
        else:
            window.sent(number, 10, 0.0)
            sent_ones.add(number)
    assert set(window.overdue(1e9)) == sent_ones
    assert len(window) == len(sent_ones)
