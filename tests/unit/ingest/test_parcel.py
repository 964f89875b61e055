"""From bytes to rows, or to quarantine with the reason."""

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.contract import codec
from collateral.contract.messages import VERSION, CountMade, Frame, GatewayState, HeadRange, Status
from collateral.contract.topics import Kind
from collateral.store.counts import FrameRow, HeadCountRow
from collateral.store.gateways import StatusRow
from collateral.store.quarantine import QuarantineRow
from ingest.adapters.gateway_contract import reading_rows
from ingest.inbox import Arrival
from tests.unit.ingest.made import NOON, FakeDelivery, arrival, reading, readings, unpack


def reason(found: object) -> str:
    assert isinstance(found, QuarantineRow)
    return found.reason


def changed(**fields: object) -> bytes:
    plain = msgspec.json.decode(codec.encode(readings(7)))
    return msgspec.json.encode({**plain, **fields})


def frame(**fields: object) -> bytes:
    values = {"number": 3, "sha256": hashlib.sha256(b"jpeg").hexdigest(), "jpeg": b"jpeg", "gateway": "gw", **fields}
    return codec.encode_frame(
        Frame(v=VERSION, spool="s", camera="cam", sequence=1, captured_at=NOON, **values)  # type: ignore[arg-type]
    )


def test_readings_become_rows_with_both_clocks_and_a_number() -> None:
    parcel = unpack(arrival(codec.encode(readings(5, rows=3))))
    assert isinstance(parcel.contents, list)
    assert parcel.rows == 3
    assert parcel.number == ("gw", "s", 5)
    assert parcel.contents[0][:6] == ("00000000000000aa", 0, NOON, NOON, NOON, "gw")


@pytest.mark.parametrize(
    ("apart", "agree"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5, microseconds=1), False),
        (timedelta(days=-1), False),
    ],
)
def test_clocks_agree_within_five_minutes_either_way(apart: timedelta, agree: bool) -> None:
    batch = readings()
    batch.readings[0] = reading(late=apart)
    assert reading_rows(batch, NOON)[0][16] is agree


def test_a_clock_at_the_beginning_of_time_is_kept_and_flagged() -> None:
    never = datetime(1, 1, 1, tzinfo=UTC)
    batch = readings()
    batch.readings[0].measured_at = never
    parcel = unpack(arrival(codec.encode(batch)))
    assert isinstance(parcel.contents, list)
    assert parcel.contents[0][2] == never
    assert parcel.contents[0][16:18] == (False, None)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("clocks", [("measured_at",), ("measured_at", "heard_at")])
def test_a_clock_that_no_calendar_reaches_is_put_aside_for_it_could_not_be_read_back(
    at: str, clocks: tuple[str, ...]
) -> None:
    one = {
        "tag": "00000000000000aa",
        "seq": 1,
        "measured_at": "2026-03-01T12:00:00Z",
        "heard_at": "2026-03-01T12:00:00Z",
    }
    parcel = unpack(arrival(changed(readings=[one | dict.fromkeys(clocks, at)])))
    assert "is not between the years 1 and 9999" in reason(parcel.contents)


def test_a_frame_becomes_evidence() -> None:
    parcel = unpack(arrival(frame(), Kind.FRAME))
    assert isinstance(parcel.contents, FrameRow)
    assert parcel.number == ("gw", "s", 3)


def test_a_count_that_saw_nothing_says_why_and_has_no_figures() -> None:
    made = CountMade(
        v=VERSION, camera="cam", gateway="gw", sequence=1, captured_at=NOON, counted_at=NOON,
        frame_sha256="0" * 64, count=None, unknown_because="blocked", method="m", model_version="1",
    )  # fmt: skip
    parcel = unpack(arrival(codec.encode(made), Kind.COUNT))
    assert isinstance(parcel.contents, HeadCountRow)
    assert (parcel.contents.best, parcel.contents.unknown_because) == (None, "blocked")
    assert parcel.number is None


def test_a_count_that_saw_something_gives_no_excuse() -> None:
    made = CountMade(
        v=VERSION, camera="cam", gateway="gw", sequence=1, captured_at=NOON, counted_at=NOON, frame_sha256="0" * 64,
        count=HeadRange(low=1, best=2, high=3), unknown_because="left over", method="m", model_version="1",
    )  # fmt: skip
    parcel = unpack(arrival(codec.encode(made), Kind.COUNT))
    assert isinstance(parcel.contents, HeadCountRow)
    assert (parcel.contents.best, parcel.contents.unknown_because) == (2, None)


def test_a_will_has_no_time_of_its_own() -> None:
    will = Status(v=VERSION, gateway="gw", state=GatewayState.OFFLINE)
    parcel = unpack(arrival(codec.encode(will), Kind.STATUS))
    assert isinstance(parcel.contents, StatusRow)
    assert (parcel.contents.state, parcel.contents.reported_at) == ("offline", None)


def test_unknown_fields_do_not_hurt() -> None:
    assert not unpack(arrival(changed(humidity=0.4))).quarantined


@pytest.mark.parametrize(
    ("payload", "why", "numbered"),
    [
        (b"", "truncated", False),
        (b"{", "truncated", False),
        (b"\xff\xfe", "JSON", False),
        (changed(v=2), "version 2", True),
        (changed(readings=[]), "length >= 1", True),
        (changed(readings=[{"tag": "AA"}]), "tag", True),
        (changed(padding="x" * codec.MOST_JSON_BYTES), "too big", True),
        (changed(number=0), ">= 1", False),
        (changed(spool="no/slash"), "regex", False),
        (b"[" * 100_000, "", False),
    ],
)
def test_what_cannot_be_read_is_put_aside_with_the_reason(payload: bytes, why: str, numbered: bool) -> None:
    parcel = unpack(arrival(payload))
    assert why in reason(parcel.contents)
    assert parcel.number == (("gw", "s", 7) if numbered else None)


def test_a_tag_in_capitals_is_put_aside_and_pointed_at() -> None:
    batch = readings(rows=3)
    batch.readings[1].tag = "00000000000000AA"
    assert "$.readings[1].tag" in reason(unpack(arrival(codec.encode(batch))).contents)


def test_a_payload_of_another_gateway_is_put_aside_and_closes_nobodys_gap() -> None:
    parcel = unpack(arrival(codec.encode(readings(7, gateway="victim")), gateway="liar"))
    assert "names gateway liar, the payload victim" in reason(parcel.contents)
    assert parcel.number is None


def test_a_picture_that_is_not_what_its_hash_says_is_put_aside() -> None:
    parcel = unpack(arrival(frame(jpeg=b"other"), Kind.FRAME))
    assert "sha256" in reason(parcel.contents)
    assert parcel.number == ("gw", "s", 3)


def test_an_oversize_frame_is_put_aside_and_counted() -> None:
    big = b"x" * (codec.MOST_FRAME_BYTES + 1)
    parcel = unpack(arrival(frame(jpeg=big, sha256=hashlib.sha256(big).hexdigest()), Kind.FRAME))
    assert "too big" in reason(parcel.contents)
    assert parcel.number == ("gw", "s", 3)


@pytest.mark.parametrize("topic", ["herdlien/v1/farm/gw/receipt", "herdlien/v2/farm/gw/readings", "spam", ""])
def test_a_topic_that_is_not_for_ingest_is_put_aside(topic: str) -> None:
    assert unpack(Arrival(FakeDelivery(topic, b"{}"), NOON)).quarantined


@given(st.binary(max_size=300), st.sampled_from(list(Kind)))
def test_no_bytes_at_all_make_it_fail(payload: bytes, kind: Kind) -> None:
    unpack(arrival(payload, kind))
