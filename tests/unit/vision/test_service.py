"""Frames over MQTT: acknowledge only what was answered."""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from collateral.contract import codec
from collateral.contract.evidence import EvidenceRecord, canonical, fingerprint
from collateral.contract.messages import CountMade, Frame
from collateral.ops.mqtt import NotDelivered
from tests.unit.vision.builders import herd, jpeg, sunny_pen
from vision.camera.watches import Watches
from vision.commands import serve
from vision.counter import Counter
from vision.detectors.replay import ReplayDetector
from vision.evidence.chains import Chains
from vision.manifest import Manifest, SceneTrust
from vision.service import answer_frame

NOW = datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)
THEN = datetime(2026, 3, 1, 2, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOPIC = "herdlien/v1/farm-1/gw-1/frame"


@dataclass
class FakeDelivery:
    payload: bytes
    topic: str = TOPIC
    acknowledged: bool = False

    def acknowledge(self) -> None:
        self.acknowledged = True


@dataclass
class FakePublisher:
    failures: int = 0
    sent: list[tuple[str, CountMade]] = field(default_factory=list)
    evidence: list[EvidenceRecord] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes) -> None:
        if self.failures:
            self.failures -= 1
            raise NotDelivered("the broker is away")
        if topic.endswith("/evidence"):
            self.evidence.append(codec.decode_evidence(payload)[1])
        else:
            self.sent.append((topic, codec.decode(payload, CountMade)))


def counter_seeing(head: int) -> Counter:
    trust = {"any": SceneTrust(0.5, 0.5, 100), "rendered": SceneTrust(0.5, 0.25, 100)}
    return Counter(ReplayDetector([herd(head)] * 12, "herd-test"), Manifest("herd-test", "", 640, trust))


def frame_of(picture: bytes, scene: str | None = None) -> Frame:
    return Frame(
        v=1,
        gateway="gw-1",
        spool="s1",
        number=1,
        camera="cam-1",
        sequence=7,
        captured_at=THEN,
        sha256=hashlib.sha256(picture).hexdigest(),
        jpeg=picture,
        species="cattle",
        scene=scene,
    )


def handled(delivery: FakeDelivery, publisher: FakePublisher, stop: threading.Event | None = None) -> None:
    serve.handle(delivery, counter_seeing(16), Chains(THEN), Watches(), publisher, stop or threading.Event())  # type: ignore[arg-type]


def test_a_count_carries_the_frames_hash_its_boxes_and_both_times() -> None:
    frame = frame_of(jpeg(sunny_pen()))
    made = answer_frame(frame, counter_seeing(16), Chains(THEN), Watches(), NOW).count
    assert made.count is not None
    assert (made.count.low, made.count.best, made.count.high) == (14, 16, 18)
    assert (made.frame_sha256, made.captured_at, made.counted_at) == (frame.sha256, THEN, NOW)
    assert len(made.boxes) == 16


def test_the_frames_scene_chooses_the_interval() -> None:
    made = answer_frame(
        frame_of(jpeg(sunny_pen()), scene="rendered"), counter_seeing(16), Chains(THEN), Watches(), NOW
    ).count
    assert made.count is not None
    assert (made.count.low, made.count.high) == (15, 17)


@pytest.mark.parametrize(
    ("picture", "because"),
    [
        (b"no picture", "unreadable"),
        (jpeg(sunny_pen())[:900], "unreadable"),
        (jpeg(np.zeros((90, 160, 3), np.uint8)), "dark"),
    ],
)
def test_a_frame_that_shows_nothing_is_answered_unknown_with_the_reason(picture: bytes, because: str) -> None:
    delivery, publisher = FakeDelivery(codec.encode_frame(frame_of(picture))), FakePublisher()
    handled(delivery, publisher)
    assert [(made.count, made.unknown_because) for _, made in publisher.sent] == [(None, because)]
    assert delivery.acknowledged


def test_the_evidence_of_a_count_names_the_frame_and_follows_the_one_before() -> None:
    chains, publisher, counter = Chains(THEN), FakePublisher(), counter_seeing(16)
    for _ in range(2):
        delivery = FakeDelivery(codec.encode_frame(frame_of(jpeg(sunny_pen()))))
        serve.handle(delivery, counter, chains, Watches(), publisher, threading.Event())  # type: ignore[arg-type]
    first, second = publisher.evidence
    assert (first.frame_sha256, first.count) == (publisher.sent[0][1].frame_sha256, publisher.sent[0][1].count)
    assert (first.number, second.number, second.previous) == (1, 2, fingerprint(canonical(first)))


def test_a_count_goes_to_the_topic_of_the_gateway_that_sent_the_frame() -> None:
    delivery, publisher = FakeDelivery(codec.encode_frame(frame_of(jpeg(sunny_pen())))), FakePublisher()
    handled(delivery, publisher)
    assert [topic for topic, _ in publisher.sent] == ["herdlien/v1/farm-1/gw-1/count"]
    assert delivery.acknowledged


def test_a_frame_is_published_again_while_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "RETRY_S", 0.0)
    delivery, publisher = FakeDelivery(codec.encode_frame(frame_of(jpeg(sunny_pen())))), FakePublisher(failures=2)
    handled(delivery, publisher)
    assert len(publisher.sent) == 1
    assert delivery.acknowledged


def test_a_frame_whose_count_never_got_out_is_not_acknowledged() -> None:
    stop = threading.Event()
    stop.set()
    delivery, publisher = FakeDelivery(codec.encode_frame(frame_of(jpeg(sunny_pen())))), FakePublisher(failures=9)
    handled(delivery, publisher, stop)
    assert not delivery.acknowledged


@pytest.mark.parametrize("delivery", [FakeDelivery(b"\xc1garbage"), FakeDelivery(b"", topic="herdlien/v1/x")])
def test_a_payload_that_names_no_camera_is_let_go(delivery: FakeDelivery) -> None:
    publisher = FakePublisher()
    handled(delivery, publisher)
    assert publisher.sent == []
    assert delivery.acknowledged


def test_a_camera_that_is_suspected_counts_unknown_and_its_evidence_says_why() -> None:
    watches, counter, chains = Watches(), counter_seeing(16), Chains(THEN)
    still = jpeg(sunny_pen())
    answers = [
        answer_frame(
            msgspec.structs.replace(frame_of(still), sequence=number, captured_at=THEN + number * MINUTE),
            counter, chains, watches, THEN + number * MINUTE,
        )
        for number in range(12)
    ]  # fmt: skip
    assert answers[0].count.count is not None
    last = answers[-1]
    assert (last.count.count, last.count.unknown_because) == (None, "frozen")
    assert msgspec.json.decode(last.evidence.record)["findings"][0]["kind"] == "frozen"


def test_a_frame_that_is_delivered_again_does_not_make_its_camera_look_frozen() -> None:
    watches, counter, chains = Watches(), counter_seeing(16), Chains(THEN)
    frame = frame_of(jpeg(sunny_pen()))
    answers = [answer_frame(frame, counter, chains, watches, NOW + number * MINUTE) for number in range(12)]
    assert all(answer.count.count is not None for answer in answers)
