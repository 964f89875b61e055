"""`vision serve` as a process, killed as a power cut would: chains go on, and views are not learnt anew."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import psycopg

from collateral.contract import codec
from collateral.contract.evidence import EvidenceRecord
from collateral.contract.messages import VERSION, CountMade, Frame
from collateral.contract.topics import Kind, Topic
from collateral.evidence.chain import Kept, verify
from collateral.ops.clock import Clock
from collateral.ops.mqtt import Connection, Delivery
from collateral.settings.fragments import BrokerSettings
from stack.broker import Broker
from stack.child import Child
from stack.folders import REPOSITORY
from tests.integration.api import open_bank
from tests.integration.field import PATIENCE_S, FieldGateway, await_true, running_ingest
from tests.integration.test_evidence_way import frames
from tests.unit.vision.builders import jpeg
from tests.unit.vision.camera_scenes import live
from vision.detector import Image

RATE = 20.0  # stills a few seconds apart, in event time


class Serve:
    """`python -m vision serve` as a child process."""

    def __init__(self, broker: Broker, client_id: str, folder: Path, state: Path | None) -> None:
        self.clock = Clock(time.time(), time.time(), RATE)
        self._log = folder / f"{client_id}.log"
        self._command = [sys.executable, "-m", "vision", "serve", "--client-id", client_id]
        self._command += [] if state is None else ["--state", str(state)]
        self._environment = {
            **os.environ, "HERDLIEN_BROKER_HOST": broker.host, "HERDLIEN_BROKER_PORT": str(broker.port),
            "HERDLIEN_CLOCK": self.clock.setting(), "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        self.child: Child | None = None

    def start(self) -> Serve:
        """Start, and wait until it counts."""
        self.child = child = Child(self._command, self._log, environment=self._environment, folder=REPOSITORY)
        await_true(lambda: "counting_started" in child.output() or child.status() is not None, "it counts")
        assert child.status() is None, child.output()
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.child is not None
        self.child.kill()

    def stop(self) -> int:
        """End it in good order."""
        assert self.child is not None
        return self.child.stop()

    def said(self, event: str) -> int:
        """How often its log has this event, over all its lives."""
        return self._log.read_text().count(f'"event": "{event}"')


@contextmanager
def serving(broker: Broker, client_id: str, folder: Path, state: Path | None) -> Iterator[Serve]:
    """A counter that counts; at the end it is stopped and forgotten by the broker."""
    serve = Serve(broker, client_id, folder, state)
    try:
        yield serve.start()
    finally:
        serve.stop()
        with Connection(client_id, settings_of(broker)):
            pass


def settings_of(broker: Broker) -> BrokerSettings:
    return BrokerSettings(broker_host=broker.host, broker_port=broker.port)


def chain_in(database: str) -> list[Kept]:
    """What the bank has of the camera's chain, in its order."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT record_sha256, content FROM evidence_record ORDER BY chain_since, number")
        return [Kept(name, content.encode()) for name, content in rows]


def test_a_counter_that_is_killed_again_and_again_leaves_one_whole_chain_at_the_bank(
    database: str, broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    sent = frames(15)
    with (
        open_bank(database),
        running_ingest(database, broker, client_id("ingest"), tmp_path),
        FieldGateway(mqtt_prefix, "n-gw", broker) as gateway,
        serving(broker, client_id("vision"), tmp_path, tmp_path / "state") as serve,
    ):
        end = tmp_path / "state" / "n-cam.chain"
        for life, wait_s in enumerate((0.0, 0.0, 0.03, 0.1)):
            before = written_ns(end)
            for frame in sent[life * 3 : life * 3 + 3]:
                gateway.publish(Kind.FRAME, codec.encode_frame(frame))
            at_once(lambda before=before: written_ns(end) != before)
            time.sleep(wait_s)
            serve.kill()
            serve.start()
        for frame in sent[12:]:
            gateway.publish(Kind.FRAME, codec.encode_frame(frame))
        await_true(lambda: all(frame.sha256 in counted_at(database) for frame in sent), "every frame is counted")
        chain = chain_in(database)
    whole = verify(chain)
    (only,) = whole.chains
    assert (whole.faults, only.first, only.last, only.begins) == ((), 1, len(chain), "nothing kept of this camera")
    assert len(chain) >= len(sent)


def at_once(condition: Callable[[], bool]) -> None:
    """Go on the moment that `condition` holds: the file is written, its record not yet published."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s in vain for a record"


def written_ns(path: Path) -> int:
    """When the file was written; 0 where there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0


def counted_at(database: str) -> set[str]:
    """The frames that the bank has records of."""
    with psycopg.connect(database) as connection:
        return {row[0] for row in connection.execute("SELECT frame_sha256 FROM evidence_record")}


class Camera:
    """A camera at a gateway, and what is said of its pictures."""

    def __init__(self, farm: str, broker: Broker, clock: Clock) -> None:
        self.counts: list[CountMade] = []
        self.records: list[EvidenceRecord] = []
        self._topics = {kind: str(Topic(farm, "gw", kind)) for kind in (Kind.FRAME, Kind.COUNT, Kind.EVIDENCE)}
        self._clock, self._sequence = clock, 0
        heard = [self._topics[Kind.COUNT], self._topics[Kind.EVIDENCE]]
        self._link = Connection(f"{farm}-camera", settings_of(broker), subscribe=heard, on_delivery=self._hear)

    def __enter__(self) -> Self:
        self._link.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def show(self, picture: Image) -> str | None:
        """Send one picture and await its count; why it is unknown."""
        self._sequence += 1
        data = jpeg(picture)
        frame = Frame(
            v=VERSION, gateway="gw", spool="s1", number=self._sequence, camera="cam-1", sequence=self._sequence,
            captured_at=self._clock.now(), sha256=hashlib.sha256(data).hexdigest(), jpeg=data,
        )  # fmt: skip
        self._link.publish(self._topics[Kind.FRAME], codec.encode_frame(frame))
        await_true(lambda: self.counts and self.counts[-1].sequence == self._sequence, "it is counted")
        return self.counts[-1].unknown_because

    def _hear(self, delivery: Delivery) -> None:
        if delivery.topic == self._topics[Kind.COUNT]:
            self.counts.append(codec.decode(delivery.payload, CountMade))
        else:
            self.records.append(codec.decode_evidence(delivery.payload)[1])
        delivery.acknowledge()


def covered(canvas: np.ndarray, _: int) -> np.ndarray:
    canvas[:, : canvas.shape[1] * 2 // 3] = (40, 60, 50)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.6))


def test_a_camera_that_was_covered_while_the_counter_was_down_is_found_out(
    broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    with (
        serving(broker, client_id("vision"), tmp_path, tmp_path / "state") as serve,
        Camera(mqtt_prefix, broker, serve.clock) as camera,
    ):
        assert [camera.show(picture) for picture in live(1.5)] == [None] * 6
        serve.kill()
        serve.start()
        said = [camera.show(picture) for picture in live(1, seed=1, before=covered)]
        assert said[-1] == "partly_covered"
        assert serve.said("camera_recalled") == 1
        kept = written_ns(tmp_path / "state" / "cam-1.watch")
        assert serve.stop() == 0
        assert written_ns(tmp_path / "state" / "cam-1.watch") > kept


def test_a_counter_without_a_folder_says_so_once_and_its_chain_says_why_it_begins(
    broker: Broker, mqtt_prefix: str, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    with (
        serving(broker, client_id("vision"), tmp_path, None) as serve,
        Camera(mqtt_prefix, broker, serve.clock) as camera,
    ):
        for picture in live(0.5):
            camera.show(picture)
        serve.kill()
        serve.start()
        assert [camera.show(picture) for picture in live(1, seed=1, before=covered)] == [None] * 4
        assert serve.said("nothing_is_remembered") == 2
        begins = [(record.number, record.chain_begins) for record in camera.records if record.number == 1]
        assert begins == [(1, "no state is kept")] * 2


def test_two_counters_cannot_share_a_folder(broker: Broker, client_id: Callable[[str], str], tmp_path: Path) -> None:
    with serving(broker, client_id("vision"), tmp_path, tmp_path / "state"):
        other = Child(
            [sys.executable, "-m", "vision", "serve", "--client-id", client_id("other"), "--state", str(tmp_path / "state")],
            tmp_path / "other.log", folder=REPOSITORY,
        )  # fmt: skip
        try:
            assert other.wait(30.0) == 2
            assert "another program keeps its state" in other.output()
        finally:
            other.stop()
