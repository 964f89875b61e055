"""A made-up gateway that publishes as fast as a broker takes it, as a process of its own that costs next to nothing.

17,000 tags report once an hour, in turn. Messages are filled into templates rather than encoded one by one, and
written to the socket in large pieces; what is under way is bounded by ingest's receipts.

python -m bench.rig.flood --port PORT --rows N --per-message M: prints {"seconds": ...} from the first publish to the
receipt for the last message.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice

from collateral.contract import codec
from collateral.contract.messages import VERSION, Reading, Readings, Receipt
from collateral.contract.topics import Kind, Topic
from collateral.ops import mqtt_wire as wire
from collateral.store.readings import ReadingRow
from ingest.adapters.gateway_contract import reading_rows

FARM, GATEWAY, SPOOL = "bench", "gateway-1", "spool-1"
TOPIC = str(Topic(FARM, GATEWAY, Kind.READINGS))
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(hours=1)
TAGS = 17_000
PATIENCE_S = 120.0
PIECE_BYTES = 256 * 1024
MOST_AHEAD = 2_000_000
"""Readings whose messages are made before the clock starts: the publisher is not what is measured."""
MQTT_3_1_1 = 4
HEARD_AFTER = timedelta(seconds=2)
# Values that stand nowhere else in a message.
_NUMBER, _SEQUENCE = 1_234_567_890_123, 987_654_321
_MEASURED = datetime(1999, 1, 2, 3, 4, 5, tzinfo=UTC)
_HEARD = datetime(1999, 2, 3, 4, 5, 6, tzinfo=UTC)


def payloads(rows: int, per_message: int) -> Iterator[bytes]:
    """The readings messages of `rows` readings, numbered from 1. `per_message` must divide the number of tags."""
    if TAGS % per_message:
        raise SystemExit(f"--per-message must divide {TAGS}")
    templates = [_template(first, per_message) for first in range(0, TAGS, per_message)]
    for sequence in count():
        at = SINCE + sequence * EVERY
        each = (b"%d" % sequence, _json(at), _json(at + HEARD_AFTER)) * per_message
        for place, template in enumerate(templates):
            number = sequence * len(templates) + place + 1
            if number > rows // per_message:
                return
            yield template % (b"%d" % number, *each)


def messages(rows: int, per_message: int) -> Iterator[Readings]:
    """The same, decoded."""
    for payload in payloads(rows, per_message):
        yield codec.decode(payload, Readings)


def copy_rows(rows: int, per_message: int) -> Iterator[ReadingRow]:
    """The rows that these messages become."""
    for message in messages(rows, per_message):
        yield from reading_rows(message, SINCE)


def rows_of_tag(tag: str, rows: int) -> int:
    """How many of the first `rows` readings are this tag's."""
    place = int(tag, 16)
    return rows // TAGS + (place < rows % TAGS) if place < TAGS else 0


def _template(first: int, per_message: int) -> bytes:
    readings = [_reading(place) for place in range(first, first + per_message)]
    message = Readings(
        v=VERSION, gateway=GATEWAY, spool=SPOOL, number=_NUMBER, sent_at=SINCE, readings=readings, simulated=True
    )
    body = codec.encode(message)
    for value in (b"%d" % _NUMBER, b"%d" % _SEQUENCE, _json(_MEASURED), _json(_HEARD)):
        body = body.replace(value, b"%b")
    return body


def _reading(place: int) -> Reading:
    return Reading(
        tag=f"{place:016x}", seq=_SEQUENCE, measured_at=_MEASURED, heard_at=_HEARD,
        lat=43.9 + place % 100 / 1e4, lon=116.1 + place % 97 / 1e4, fix_error_m=8.0, steps=place % 120,
        activity=float(place % 100), ear_temp_c=31.5, battery_pct=80.0, rssi_dbm=-92.0, snr_db=7.5,
    )  # fmt: skip


def _json(at: datetime) -> bytes:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


Await = Callable[[int], None]
"""Blocks until so many messages have been taken."""


class Gateway:
    """One connection to the broker that publishes and hears receipts. MQTT 3.1.1, so that no quota holds it back."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = wire.Stream(MQTT_3_1_1)
        self._changed = threading.Condition()
        self._up_to = self._acknowledged = 0
        self._mid = 0
        self._writing = threading.Lock()
        hello = wire.Hello(
            client_id="bench-flood", version=MQTT_3_1_1, clean=True, keepalive_s=600, receive_maximum=0,
            session_expiry_s=0,
        )  # fmt: skip
        self._socket.sendall(wire.connect(hello))
        self._socket.sendall(wire.subscribe(1, [str(Topic(FARM, GATEWAY, Kind.RECEIPT))], MQTT_3_1_1))
        self._await(wire.SUBACK)
        threading.Thread(target=self._hear, daemon=True).start()

    def publish(self, bodies: list[bytes]) -> None:
        """Send these; returns when they are written to the socket."""
        packets = []
        for body in bodies:
            self._mid = self._mid % 65_535 + 1
            packets.append(wire.publish(TOPIC, body, self._mid, MQTT_3_1_1))
        self._write(b"".join(packets))

    def await_receipt(self, number: int) -> None:
        """Block until ingest has said that `number` is committed."""
        self._await_that(lambda: self._up_to >= number, f"receipt for message {number}")

    def await_acknowledged(self, number: int) -> None:
        """Block until the broker has acknowledged that many messages."""
        self._await_that(lambda: self._acknowledged >= number, f"acknowledgement of message {number}")

    def _await_that(self, reached: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(reached, PATIENCE_S):
                raise SystemExit(f"no {what} within {PATIENCE_S} s (committed {self._up_to})")

    def _await(self, kind: int) -> None:
        while not any(other.kind == kind for other in self._stream.feed(self._socket.recv(4096))[1]):
            pass

    def _write(self, packets: bytes) -> None:
        with self._writing:  # two threads must not mix their bytes
            self._socket.sendall(packets)

    def _hear(self) -> None:
        while data := self._socket.recv(PIECE_BYTES):
            published, others = self._stream.feed(data)
            if published:
                self._write(wire.puback([message.mid for message in published]))
            with self._changed:
                self._acknowledged += sum(other.kind == wire.PUBACK for other in others)
                if published:
                    receipts = [codec.decode(message.payload, Receipt).committed_up_to for message in published]
                    self._up_to = max(self._up_to, *receipts)
                self._changed.notify_all()


def flood(rows: int, per_message: int, window: int, publish: Callable[[list[bytes]], None], awaited: Await) -> float:
    """Publish everything with at most `window` messages that are not yet `awaited`; seconds until the last one is."""
    bodies = payloads(rows, per_message)
    if rows <= MOST_AHEAD:
        bodies = iter(list(bodies))
    at_once = max(1, min(window // 4, PIECE_BYTES // (per_message * 250)))
    sent, began = 0, time.perf_counter()
    while piece := list(islice(bodies, at_once)):
        awaited(sent + len(piece) - window)
        publish(piece)
        sent += len(piece)
    awaited(sent)
    return time.perf_counter() - began


def main() -> int:
    """Publish and report."""
    parser = argparse.ArgumentParser(prog="bench.rig.flood", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--per-message", type=int, required=True)
    parser.add_argument("--window", type=int, default=1000, help="messages published and not yet receipted")
    parser.add_argument("--unreceipted", action="store_true", help="go by the broker's acknowledgements instead")
    given = parser.parse_args()
    gateway = Gateway(given.host, given.port)
    awaited = gateway.await_acknowledged if given.unreceipted else gateway.await_receipt
    seconds = flood(given.rows, given.per_message, given.window, gateway.publish, awaited)
    print(json.dumps({"seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
