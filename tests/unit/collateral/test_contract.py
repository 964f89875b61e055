"""Topics and payloads: what goes over the wire comes back the same, and rubbish is refused with a reason."""

import json
from datetime import UTC, datetime
from importlib import resources

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.contract import codec, messages, topics
from collateral.contract.messages import CountMade, Frame, HeadRange, Reading, Readings, Receipt, Status

NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
MOMENTS = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
READINGS = st.builds(
    Reading,
    tag=st.from_regex(r"[0-9a-f]{16}", fullmatch=True), seq=st.integers(0, 2**32), measured_at=MOMENTS,
    heard_at=MOMENTS,
    lat=st.none() | st.floats(-90, 90), lon=st.none() | st.floats(-180, 180), steps=st.none() | st.integers(0, 65_535),
    ear_temp_c=st.none() | st.floats(-60, 100), tamper=st.none() | st.booleans(),
)  # fmt: skip
BATCHES = st.builds(
    Readings,
    v=st.just(1), gateway=NAMES, spool=NAMES, number=st.integers(1, 2**53), sent_at=MOMENTS,
    readings=st.lists(READINGS, min_size=1, max_size=5), simulated=st.booleans(),
)  # fmt: skip


@given(farm=NAMES, gateway=NAMES, kind=st.sampled_from(topics.Kind))
def test_a_topic_reads_back_as_it_was_written(farm: str, gateway: str, kind: topics.Kind) -> None:
    topic = topics.Topic(farm, gateway, kind)
    assert topics.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "text", ["", "a/b", "herdlien/v2/f/g/readings", "herdlien/v1/f/g/gossip", "herdlien/v1/f/+/frame"]
)
def test_what_is_not_our_topic_is_refused(text: str) -> None:
    with pytest.raises(topics.TopicError):
        topics.parse(text)


@given(BATCHES)
def test_readings_read_back_as_they_were_written(batch: Readings) -> None:
    assert msgspec.to_builtins(codec.decode(codec.encode(batch), Readings)) == msgspec.to_builtins(batch)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_unreadable_never_a_crash(payload: bytes) -> None:
    for kind in (Readings, Status, CountMade, Receipt):
        with pytest.raises(codec.Unreadable):
            codec.decode(payload, kind)
    with pytest.raises(codec.Unreadable):
        codec.decode_frame(payload)


def test_a_newer_version_is_refused_by_its_number() -> None:
    with pytest.raises(codec.Unreadable, match="version 2"):
        codec.decode(b'{"v": 2, "gateway": {"id": "g"}}', Readings)


def test_a_time_without_a_zone_is_refused() -> None:
    good = json.loads(codec.encode(Status(v=1, gateway="g", state=messages.GatewayState.ONLINE, at=datetime.now(UTC))))
    with pytest.raises(codec.Unreadable):
        codec.decode(json.dumps(good | {"at": "2026-01-01T00:00:00"}).encode(), Status)


def test_an_oversized_payload_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(codec.Unreadable, match="too big"):
        codec.decode(b" " * (codec.MOST_JSON_BYTES + 1), Readings)


def test_a_picture_that_does_not_match_its_hash_is_refused() -> None:
    frame = Frame(
        v=1, gateway="g", spool="s", number=1, camera="c", sequence=1, captured_at=datetime.now(UTC), sha256="0" * 64,
        jpeg=b"not this",
    )  # fmt: skip
    with pytest.raises(codec.Unreadable, match="sha256"):
        codec.decode_frame(codec.encode_frame(frame))


def test_an_unknown_count_must_say_why() -> None:
    with pytest.raises(ValueError, match="unknown_because"):
        CountMade(
            v=1, camera="c", gateway="g", sequence=1, captured_at=datetime.now(UTC), counted_at=datetime.now(UTC),
            frame_sha256="0" * 64, count=None, method="m", model_version="1",
        )  # fmt: skip


def test_a_head_range_is_ordered() -> None:
    with pytest.raises(ValueError, match="low <= best <= high"):
        HeadRange(low=5, best=4, high=6)


@pytest.mark.parametrize("kind", messages.WIRE_JSON)
def test_the_committed_schema_is_that_of_the_code(kind: str) -> None:
    committed = resources.files("collateral.contract") / "schemas" / f"{kind}.v1.json"
    assert msgspec.json.decode(committed.read_bytes()) == msgspec.to_builtins(messages.schema(kind))
