"""What was heard becomes messages of the contract, nothing lost and nothing spoilt by its neighbour."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from collateral.contract import codec
from collateral.contract.messages import Heard, LocalFrame, Readings, Uplink
from edge.batching import MOST_PICTURE_BYTES, PictureTooBig, drafts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(minutes=1)


def uplink(number: int, lat: float | None = 41.0, heard_at: datetime | None = None) -> Uplink:
    return Uplink(tag=f"{number:016x}", seq=number, measured_at=NOON + timedelta(seconds=number), lat=lat,
                  lon=116.0, heard_at=heard_at)  # fmt: skip


def readings(heard: Heard) -> list[Readings]:
    return [codec.decode(draft.encode("spool", 1), Readings) for draft in drafts(heard, "gw-1", NOW)]


def test_an_uplink_without_a_time_is_stamped_and_one_with_keeps_its_own() -> None:
    (batch,) = readings(Heard(number=1, readings=[uplink(1), uplink(2, heard_at=NOON)], simulated=True))
    assert [reading.heard_at for reading in batch.readings] == [NOW, NOON]
    assert batch.simulated


def test_more_than_five_hundred_readings_make_several_messages() -> None:
    batches = readings(Heard(number=1, readings=[uplink(n) for n in range(1001)]))
    assert [len(batch.readings) for batch in batches] == [500, 500, 1]


def test_a_batch_knows_its_oldest_reading() -> None:
    (draft,) = drafts(Heard(number=1, readings=[uplink(9), uplink(3)]), "gw-1", NOW)
    assert draft.measured_from == NOON + timedelta(seconds=3)


def test_a_value_out_of_range_goes_alone_so_that_the_others_are_stored() -> None:
    heard = Heard(number=1, readings=[uplink(1), uplink(2, lat=95.0), uplink(3)])
    good, odd = drafts(heard, "gw-1", NOW)
    assert [r.seq for r in codec.decode(good.encode("s", 1), Readings).readings] == [1, 3]
    with pytest.raises(codec.Unreadable, match="lat"):
        codec.decode(odd.encode("s", 2), Readings)
    assert codec.number_of(odd.encode("s", 2), packed=False) is not None


def frame(jpeg: bytes) -> Heard:
    return Heard(number=1, frame=LocalFrame(camera="cam-1", sequence=4, captured_at=NOON, jpeg=jpeg))


def test_a_frame_carries_the_hash_of_its_picture() -> None:
    (draft,) = drafts(frame(b"picture"), "gw-1", NOW)
    message = codec.decode_frame(draft.encode("spool", 3))
    assert (message.sha256, message.number) == (hashlib.sha256(b"picture").hexdigest(), 3)
    assert draft.measured_from is None


def test_a_picture_that_no_broker_takes_is_refused() -> None:
    with pytest.raises(PictureTooBig):
        drafts(frame(b"x" * (MOST_PICTURE_BYTES + 1)), "gw-1", NOW)


def test_the_largest_picture_fits_the_contract() -> None:
    (draft,) = drafts(frame(b"x" * MOST_PICTURE_BYTES), "gw-1", NOW)
    codec.decode_frame(draft.encode("spool", 2**53))
