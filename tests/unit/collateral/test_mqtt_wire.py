"""MQTT packets: what is written can be read, however the bytes are cut, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.ops import mqtt_wire as wire

VERSIONS = (4, 5)
TOPICS = st.text(st.characters(codec="utf-8", exclude_characters="\x00#+"), min_size=1, max_size=40)
MESSAGES = st.lists(st.tuples(TOPICS, st.binary(max_size=400), st.integers(1, 65_535)), max_size=20)


def cut(data: bytes, lengths: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(data[at : at + length])
        at += length
    return [*pieces, data[at:]]


@given(MESSAGES, st.lists(st.integers(0, 50), max_size=30), st.sampled_from(VERSIONS))
def test_messages_come_out_whole_and_in_order_however_the_bytes_are_cut(
    messages: list[tuple[str, bytes, int]], lengths: list[int], version: int
) -> None:
    data = b"".join(wire.publish(topic, body, mid, version) for topic, body, mid in messages)
    stream = wire.Stream(version)
    found = [each for piece in cut(data, lengths) for each in stream.feed(piece)[0]]
    assert [(each.topic, each.payload, each.mid) for each in found] == messages
    assert all(each.qos == 1 and not each.redelivered for each in found)


@given(st.binary(max_size=300), st.sampled_from(VERSIONS))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes, version: int) -> None:
    stream = wire.Stream(version)
    try:
        for other in stream.feed(data)[1]:
            if other.kind == wire.CONNACK:
                wire.refusal(other.body, version)
            elif other.kind == wire.SUBACK:
                wire.refused_filters(other.body, ["a"], version)
            elif other.kind == wire.PUBACK:
                wire.acknowledged(other.body)
    except wire.Malformed:
        pass


@pytest.mark.parametrize("size", [0, 100, 127, 128, 16_000, 16_383, 16_384, 2_100_000])
def test_lengths_of_one_to_four_bytes(size: int) -> None:
    ((message,), others) = wire.Stream(4).feed(wire.publish("t", b"x" * size, 7, 4))
    assert (len(message.payload), message.mid, others) == (size, 7, [])


def test_a_message_that_was_sent_before_says_so_and_one_at_qos_0_has_no_number() -> None:
    again = bytearray(wire.publish("t", b"x", 7, 4))
    again[0] |= 8
    at_most_once = b"\x30\x04\x00\x01tx"
    first, second = wire.Stream(4).feed(bytes(again) + at_most_once)[0]
    assert (first.redelivered, first.qos, first.mid) == (True, 1, 7)
    assert (second.redelivered, second.qos, second.mid, second.payload) == (False, 0, 0, b"x")


def test_properties_of_version_5_are_no_part_of_the_payload() -> None:
    expiry = b"\x02\x00\x00\x00\x3c"
    body = b"\x00\x01t\x00\x07" + bytes([len(expiry)]) + expiry + b"payload"
    ((message,), _) = wire.Stream(5).feed(b"\x32" + bytes([len(body)]) + body)
    assert message.payload == b"payload"


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"\x34\x05\x00\x01t\x00\x07", "QoS 2"),
        (b"\x32\x02\x00\x09", "before its payload"),
        (b"\x32\x01\x00", "without a topic"),
        (b"\x32\x80\x80\x80\x80\x01", "four bytes"),
        (b"\x30\x05\x00\x02\xff\xfex", "UTF-8"),
    ],
)
def test_what_is_no_mqtt_is_refused_with_the_reason(packet: bytes, reason: str) -> None:
    with pytest.raises(wire.Malformed, match=reason):
        wire.Stream(4).feed(packet)


def test_a_broker_that_refuses_says_why() -> None:
    assert wire.refusal(b"\x00\x00", 4) is None
    assert wire.refusal(b"\x00\x05", 4) == "Not authorized"
    assert wire.refusal(b"\x00\x87\x00", 5) == "Not authorized"
    assert wire.refusal(b"\x00\x87\x07\x1f\x00\x04gone", 5) == "gone"
    assert wire.refused_filters(b"\x00\x01\x00\x01\x87", ["a", "b"], 5) == ["b"]
    assert wire.refused_filters(b"\x00\x01\x01\x80", ["a", "b"], 4) == ["b"]
    assert wire.acknowledged(b"\x00\x07") == (7, None)
    assert wire.acknowledged(b"\x00\x07\x97\x00") == (7, "Quota exceeded")


def test_acknowledgements_of_a_batch_are_one_piece() -> None:
    assert wire.puback([1, 258]) == b"\x40\x02\x00\x01\x40\x02\x01\x02"


def test_a_password_stays_out_of_what_is_shown() -> None:
    hello = wire.Hello(
        client_id="c", version=5, clean=True, keepalive_s=9, receive_maximum=5, session_expiry_s=0,
        user="u", password="secret",
    )  # fmt: skip
    assert "secret" not in repr(hello)
    assert b"secret" in wire.connect(hello)
