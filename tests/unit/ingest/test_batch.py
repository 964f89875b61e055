"""A batch is committed when it is large or old."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.batch import Batch
from tests.unit.ingest.made import arrival, codec, readings, unpack


def parcel(rows: int = 1) -> object:
    return unpack(arrival(codec.encode(readings(rows=rows))))


def test_an_empty_batch_is_never_due() -> None:
    assert not Batch(10, 0.05).due(1e9)


def test_it_is_due_by_age_counted_from_its_first_message() -> None:
    batch = Batch(10, 0.05)
    batch.add(parcel(), 100.0)
    batch.add(parcel(), 100.04)
    assert not batch.due(100.049)
    assert batch.due(100.051)


def test_it_is_due_at_once_when_it_has_enough_rows() -> None:
    batch = Batch(10, 0.05)
    batch.add(parcel(9), 0.0)
    assert not batch.due(0.0)
    batch.add(parcel(1), 0.0)
    assert batch.due(0.0)


def test_it_is_due_at_once_when_it_has_enough_bytes() -> None:
    batch = Batch(10, 0.05, most_bytes=50)
    batch.add(parcel(1), 0.0)
    assert batch.due(0.0)


def test_the_wait_for_the_next_message_ends_when_the_batch_is_due() -> None:
    batch = Batch(10, 0.05)
    assert batch.wait_s(7.0, 0.2) == 0.2
    batch.add(parcel(), 7.0)
    assert 0.009 < batch.wait_s(7.04, 0.2) < 0.011
    assert batch.wait_s(8.0, 0.2) == 0.0


@given(st.lists(st.tuples(st.integers(1, 8), st.floats(0, 0.03)), max_size=40))
def test_everything_put_in_comes_out_once_and_in_order(steps: list[tuple[int, float]]) -> None:
    batch, now, put, out = Batch(10, 0.05), 0.0, [], []
    for rows, pause in steps:
        now += pause
        put.append(parcel(rows))
        batch.add(put[-1], now)
        if batch.due(now):
            assert batch.rows >= 10 or now - batch.since_s >= 0.05
            out += batch.drain()
    assert [id(each) for each in out + batch.drain()] == [id(each) for each in put]
    assert batch.rows == batch.size == 0
