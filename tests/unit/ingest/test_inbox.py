"""The inbox is bounded, in order, and knows a repetition."""

import threading

from ingest.inbox import EACH_BYTES, Inbox
from tests.unit.ingest.made import NOON, FakeDelivery, acknowledge, delivery


def inbox(most_bytes: int = 10**6, most: int = 100) -> Inbox:
    return Inbox(lambda: NOON, acknowledge, most_bytes=most_bytes, most=most)


def test_what_was_put_is_acknowledged_in_that_order_and_only_when_finished() -> None:
    box, log = inbox(), list[int]()
    for number in (1, 2, 3):
        box.put(delivery(number, log=log))
    arrivals = box.take(0)
    assert (log, box.depth) == ([], 3)
    box.finish(arrivals)
    assert (log, box.depth) == ([1, 2, 3], 0)


def test_a_repetition_on_the_same_connection_is_dropped_until_the_first_is_finished() -> None:
    box = inbox()
    box.put(delivery(1))
    arrivals = box.take(0)
    box.put(delivery(1))
    assert box.take(0) == []
    box.finish(arrivals)
    box.put(delivery(1))
    assert len(box.take(0)) == 1


def test_the_same_packet_number_on_a_new_connection_is_another_message() -> None:
    box = inbox()
    box.put(FakeDelivery("a", b"", mid=1, epoch=1))
    box.put(FakeDelivery("b", b"", mid=1, epoch=2))
    assert len(box.take(0)) == 2


def test_messages_without_a_packet_number_are_never_taken_for_repetitions() -> None:
    box = inbox()
    for _ in range(3):
        box.put(FakeDelivery("a", b"", mid=0, qos=0))
    box.finish(box.take(0))
    assert box.depth == 0


def test_put_waits_for_room_and_goes_on_when_there_is_some() -> None:
    box = inbox(most=2)
    box.put(delivery(1))
    box.put(delivery(2))
    third = threading.Thread(target=box.put, args=(delivery(3),))
    third.start()
    third.join(0.05)
    assert third.is_alive()
    box.finish(box.take(0))
    third.join(5)
    assert not third.is_alive()
    assert box.depth == 1


def test_bytes_are_bounded_too_but_one_large_message_gets_through() -> None:
    box = inbox(most_bytes=EACH_BYTES)
    box.put(FakeDelivery("t", b"x" * 10_000, mid=1))
    second = threading.Thread(target=box.put, args=(FakeDelivery("t", b"y", mid=2),))
    second.start()
    second.join(0.05)
    assert second.is_alive()
    box.finish(box.take(0))
    second.join(5)
    assert box.depth == 1


def test_closing_lets_a_waiting_put_go_without_taking_its_message() -> None:
    box, log = inbox(most=1), list[int]()
    box.put(delivery(1))
    waiting = threading.Thread(target=box.put, args=(delivery(2, log=log),))
    waiting.start()
    box.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert (box.depth, log) == (1, [])
