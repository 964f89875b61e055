"""The tag side says exactly what it reported."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bench.havoc.flock import SLOT, Flock, Herd

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(tags=st.integers(1, 60), slots=st.integers(1, 12), receivers=st.integers(1, 5), passed=st.integers(0, 30))
def test_what_the_receivers_hear_is_what_the_ledger_expects(tags: int, slots: int, receivers: int, passed: int) -> None:
    herd = Herd(tags, slots, NOON)
    heard = [
        (uplink.tag, uplink.seq, uplink.measured_at)
        for slot in range(passed)
        for receiver in range(receivers)
        for uplink in herd.heard(slot, receiver, receivers)
    ]
    assert Counter(heard) == Counter(herd.published(passed))
    assert len(set(heard)) == len(heard)
    flock = Flock(herd, [])
    flock.slots = passed
    assert flock.reported == len(heard)


def test_each_tag_reports_once_a_round_and_counts_its_reports() -> None:
    herd = Herd(tags=25, slots=10, begin=NOON)
    reports = [key for key in herd.published(20) if key[0] == f"{7:016x}"]
    assert reports == [(f"{7:016x}", 0, NOON + 7 * SLOT), (f"{7:016x}", 1, NOON + 17 * SLOT)]
    assert timedelta(seconds=1) == 10 * SLOT
