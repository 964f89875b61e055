"""When a run of chaos is good, and that tiny queues are really written."""

from dataclasses import replace

import pytest

from bench.chaos import Result
from bench.havoc.unit import narrowed
from stack.errors import StackError
from stack.mosquitto import SETTINGS

GOOD = Result(
    published=100, stored=100, lost=0, duplicates=0, surplus=0, kills=30, kills_by={}, cuts=0, stalls=0, acts={},
    felt={}, minutes=3.0, tags=10, gateways=1, ingesters=1, workers=1, reader="paho", heard_twice=0, receipts=1, unsent=0,
    seconds_to_settle=1.0, seed=1, broker="", database="",
)  # fmt: skip


def test_a_whole_ledger_after_enough_kills_is_good() -> None:
    assert GOOD.good


@pytest.mark.parametrize(
    "fault",
    [{"lost": 1}, {"duplicates": 1}, {"surplus": 1}, {"unsent": 1}, {"unsent": -1}, {"kills": 29}, {"published": 0}],
)
def test_anything_lost_doubled_left_over_or_too_mild_is_not(fault: dict[str, int]) -> None:
    assert not replace(GOOD, **fault).good


def test_the_broker_gets_room_for_ten_messages() -> None:
    text = narrowed(SETTINGS)
    assert "max_queued_messages 10\n" in text
    assert "max_inflight_messages 5\n" in text


def test_settings_that_read_otherwise_are_refused_rather_than_left_wide() -> None:
    with pytest.raises(StackError, match="has no line 'max_inflight_messages 1000'"):
        narrowed("persistence true\n")
