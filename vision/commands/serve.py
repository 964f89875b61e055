"""`serve`: read `frame` messages, publish `count` messages and the `evidence` they rest on."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Protocol

from collateral.contract import codec, topics
from collateral.contract.topics import Kind, Topic
from collateral.ops import clock, logs
from collateral.ops.mqtt import BrokerUnavailable, Connection, Delivery, NotDelivered
from vision.camera.watches import Watches
from vision.counter import Counter, open_counter
from vision.errors import VisionError
from vision.evidence.chains import Chains
from vision.service import answer_frame
from vision.settings import VisionSettings
from vision.state.memory import Memory, open_memory

RETRY_S = 2.0


class Publisher(Protocol):
    """The part of a broker connection that answering needs."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 1; NotDelivered when the broker has not acknowledged."""
        ...


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=1, help="threads per picture")
    parser.add_argument("--client-id", default="herdlien-vision", help="must stay the same across restarts")
    parser.add_argument(
        "--state", type=Path, help="folder to remember in over a restart; default: HERDLIEN_VISION_STATE"
    )
    parser.add_argument("--verbose", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. The session is durable: frames that come meanwhile wait at the broker."""
    logs.start("vision", verbose=arguments.verbose)
    counter = open_counter(arguments.model, size=arguments.size, threads=arguments.threads)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = VisionSettings()
        with open_memory(arguments.state or settings.vision_state, clock.now, clock.wall_now()) as memory:
            _work(arguments.client_id, settings, counter, memory, stop)
    except BrokerUnavailable as error:
        raise VisionError(str(error)) from error
    return 0


def _work(client_id: str, settings: VisionSettings, counter: Counter, memory: Memory, stop: threading.Event) -> None:
    frames = [topics.every(Kind.FRAME)]
    # at_most bounds what this process holds; a longer backlog waits at the broker
    with Connection(client_id, settings, subscribe=frames, durable=True, at_most=20) as link:
        logs.logger().info("counting_started", broker=link.where, model=counter.manifest.version)
        # What the last one may have been killed over: where it got out after all, ingest has it once.
        for hung in memory.unsure:
            if not _publish(hung.topic, hung.payload, link, stop):
                return
        for delivery in link.deliveries(stop):
            if delivery is not None:
                handle(delivery, counter, memory.chains, memory.watches, link, stop)


def handle(
    delivery: Delivery,
    counter: Counter,
    chains: Chains,
    watches: Watches,
    publisher: Publisher,
    stop: threading.Event,
) -> None:
    """Answer one delivery and acknowledge it once its count and its evidence are with the broker.

    What nobody could answer is acknowledged too.
    """
    try:
        topic = topics.parse(delivery.topic)
        frame = codec.decode_frame(delivery.payload)
    except (topics.TopicError, codec.Unreadable) as error:
        # without a camera and a time there is nothing to answer about; redelivery would not change that
        logs.logger().warning("frame_refused", topic=delivery.topic, reason=str(error))
        delivery.acknowledge()
        return
    answer = answer_frame(frame, counter, chains, watches, clock.now())
    made, evidence_topic = answer.count, _beside(topic, Kind.EVIDENCE)
    # Hung before it is published: whoever is killed in between publishes it at the next start.
    evidence = chains.hang(frame.camera, evidence_topic, answer.evidence)
    # The evidence first: where a count is seen, what it rests on is there too.
    if not _publish(evidence_topic, codec.encode_evidence(evidence), publisher, stop):
        return
    if _publish(_beside(topic, Kind.COUNT), codec.encode(made), publisher, stop):
        delivery.acknowledge()
        best = made.count.best if made.count else None
        logs.logger().debug("counted", camera=made.camera, sequence=made.sequence, best=best, took_ms=made.took_ms)


def _beside(frame_topic: Topic, kind: Kind) -> str:
    return str(Topic(frame_topic.farm, frame_topic.gateway, kind))


def _publish(topic: str, payload: bytes, publisher: Publisher, stop: threading.Event) -> bool:
    """Publish until the broker has it; False when stopped before, so that the frame is delivered again."""
    while True:
        try:
            publisher.publish(topic, payload)
            return True
        except NotDelivered as error:
            logs.logger().warning("answer_not_delivered", topic=topic, reason=str(error))
            if stop.wait(RETRY_S):
                return False
