"""From a frame to what the bank sees of it: counted, published, stored and served, with its hashes all the way."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import psycopg

from collateral.contract import codec
from collateral.contract.evidence import canonical, fingerprint, read_record
from collateral.contract.messages import VERSION, Frame
from collateral.contract.topics import Kind
from collateral.evidence.chain import Kept, verify
from stack.broker import Broker
from tests.integration.api import NOW, open_bank
from tests.integration.field import FieldGateway, await_true, running_ingest
from tests.unit.vision.builders import boxes_of, jpeg, sunny_pen
from vision.camera.watches import Watches
from vision.counter import Counter
from vision.detectors.replay import ReplayDetector
from vision.evidence.chains import Chains
from vision.manifest import Manifest, SceneTrust
from vision.service import Answer, answer_frame

STANDING = boxes_of([((10, 10, 60, 170), 0.4, 3), ((100, 60, 160, 120), 0.9, 0), ((200, 60, 260, 120), 0.3, 0)])
COUNTS = "SELECT (SELECT count(*) FROM evidence WHERE source = 'n-cam' AND picture IS NOT NULL), (SELECT count(*) FROM evidence_record)"


def frames(number: int) -> list[Frame]:
    """Pictures of the camera of the northern farm, each another."""
    made = []
    for place in range(1, number + 1):
        picture = sunny_pen()
        cv2.circle(picture, (20 * place, 90), 8, (255, 255, 255), -1)
        data = jpeg(picture)
        made.append(Frame(
            v=VERSION, gateway="n-gw", spool="s1", number=place, camera="n-cam", sequence=place,
            captured_at=NOW - timedelta(minutes=40 - 10 * place), sha256=hashlib.sha256(data).hexdigest(), jpeg=data,
        ))  # fmt: skip
    return made


def answers(sent: list[Frame]) -> list[Answer]:
    manifest = Manifest("herd-test", "a" * 64, 640, {"any": SceneTrust(0.5, 0.5, 100)})
    counter = Counter(ReplayDetector([STANDING] * len(sent), "herd-test"), manifest)
    chains, made = Chains(NOW), []
    for frame in sent:
        made.append(answer_frame(frame, counter, chains, Watches(), NOW))
        chains.hung(frame.camera, made[-1].evidence.record)
    return made


def test_a_frame_is_kept_as_its_hash_a_picture_without_people_and_a_record_in_its_chain(
    database: str, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    sent = frames(3)
    made = answers(sent)
    evidence = [(Kind.EVIDENCE, codec.encode_evidence(answer.evidence)) for answer in made]
    # The last one's evidence comes before its frame, as it can with several workers, and again after it.
    messages = [evidence[2], *((Kind.FRAME, codec.encode_frame(frame)) for frame in sent), *evidence]
    with open_bank(database) as bank:
        with (
            running_ingest(database, broker, client_id("ingest"), tmp_path) as ingest,
            FieldGateway(mqtt_prefix, "n-gw", broker) as gateway,
        ):
            gateway.publish_until(lambda: stored(database) == (4, 3), "pictures and records are stored", *messages)
            await_true(lambda: ingest.health()["duplicates"] >= 1, "the second copy has come too")
        with psycopg.connect(database) as connection:
            kept = connection.execute("SELECT content FROM evidence WHERE source = 'n-cam'").fetchall()
            records = connection.execute(
                "SELECT record_sha256, content FROM evidence_record ORDER BY number"
            ).fetchall()
        assert kept == [(None,)] * 4

        frame, answer = sent[1], made[1]
        picture = bank.get(f"/evidence/{frame.sha256}", "n-officer")
        assert picture.headers["frame-sha256"] == frame.sha256
        assert picture.content == answer.evidence.jpeg != frame.jpeg
        told = bank.get(f"/evidence/{frame.sha256}/record", "n-officer")
        record = read_record(told.content)
        assert told.headers["record-sha256"] == hashlib.sha256(told.content).hexdigest()
        assert (record.frame_sha256, record.picture_sha256) == (frame.sha256, fingerprint(picture.content))
        assert (
            picture.headers["repr-digest"]
            == f"sha-256=:{base64.b64encode(bytes.fromhex(record.picture_sha256)).decode()}:"
        )
        assert (record.people_hidden, [box.counted for box in record.boxes]) == (1, [True, False])
        for name in (record.picture_sha256, told.headers["record-sha256"]):
            assert bank.get(f"/evidence/{name}/record", "n-officer").content == told.content
        assert bank.get(f"/evidence/{frame.sha256}/record", "s-officer").status_code == 404
        assert hidden(frame.jpeg, picture.content) > 10

    chain = [Kept(name, content.encode()) for name, content in records]
    assert [verify(chain).faults, len(chain)] == [(), 3]
    assert verify([chain[0], chain[2]]).faults
    assert verify([chain[0], chain[2], chain[1]]).faults
    assert verify([chain[0], Kept(chain[1].name, chain[1].content.replace(b'"best":1', b'"best":2')), chain[2]]).faults


def stored(database: str) -> tuple[int, ...]:
    """Pictures of the camera (one was there before) and records."""
    with psycopg.connect(database) as connection:
        row = connection.execute(COUNTS).fetchone()
    assert row is not None
    return tuple(row)


def hidden(before: bytes, after: bytes) -> float:
    """How much the place where the person stands has changed, in grey levels."""
    old, new = (
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).astype(int) for data in (before, after)
    )
    return float(np.abs(old[20:160, 15:55] - new[20:160, 15:55]).mean())


def test_a_record_that_was_tampered_with_on_its_way_is_put_aside(
    database: str, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    answer = answers(frames(1))[0].evidence
    record = read_record(answer.record)
    other = json.loads(answer.record) | {"picture_sha256": "b" * 64}
    forged = canonical(
        type(record)(**{**{f: getattr(record, f) for f in record.__struct_fields__}, "picture_sha256": "b" * 64})
    )
    assert json.loads(forged) == other
    answer.record = forged
    with (
        running_ingest(database, broker, client_id("ingest"), tmp_path),
        FieldGateway(mqtt_prefix, "n-gw", broker) as gateway,
    ):
        gateway.publish_until(
            lambda: aside(database), "it is put aside", (Kind.EVIDENCE, codec.encode_evidence(answer))
        )
    assert "not the one that its record names" in aside(database)[0]
    assert stored(database) == (0, 0)


def aside(database: str) -> list[str]:
    with psycopg.connect(database) as connection:
        return [reason for (reason,) in connection.execute("SELECT reason FROM quarantine")]
