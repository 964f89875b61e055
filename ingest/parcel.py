"""From a received message to the rows it stands for. Pure; what cannot be understood becomes a quarantine row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from collateral.contract import codec, topics
from collateral.contract.messages import CountMade, Frame, Reading, Readings, Status
from collateral.contract.topics import Kind
from collateral.store.counts import FrameRow, HeadCountRow
from collateral.store.gateways import StatusRow
from collateral.store.quarantine import QuarantineRow
from collateral.store.readings import NO_FIX_BUT_ZERO, ReadingRow
from collateral.store.telemetry import Load
from ingest.inbox import Arrival

CLOCKS_AGREE = timedelta(minutes=5)

M = TypeVar("M", Readings, Frame, CountMade, Status)
Rows = list[ReadingRow] | FrameRow | HeadCountRow | StatusRow | QuarantineRow


class Misplaced(ValueError):
    """A payload came on a topic that it does not belong to; the message says how."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, what it stands for, and its place in its gateway's spool if it has one."""

    arrival: Arrival
    contents: Rows
    number: tuple[str, str, int] | None = None  # gateway, spool, number

    @property
    def rows(self) -> int:
        return len(self.contents) if isinstance(self.contents, list) else 1

    @property
    def size(self) -> int:
        return len(self.arrival.delivery.payload)

    @property
    def quarantined(self) -> bool:
        return isinstance(self.contents, QuarantineRow)

    def add_to(self, load: Load) -> None:
        """Put the rows where one transaction will store them."""
        match self.contents:
            case list() as readings:
                load.readings.extend(readings)
            case FrameRow() as frame:
                load.frames.append(frame)
            case HeadCountRow() as count:
                load.counts.append(count)
            case StatusRow() as status:
                load.statuses.append(status)
            case QuarantineRow() as row:
                load.quarantined.append(row)
        if self.number is not None:
            gateway, spool, number = self.number
            load.numbers.setdefault((gateway, spool), []).append(number)


def unpack(arrival: Arrival) -> Parcel:
    """The parcel in a message. Never fails: see `aside`."""
    try:
        topic = topics.parse(arrival.delivery.topic)
        return _understood(arrival, topic)
    except (topics.TopicError, codec.Unreadable, Misplaced) as error:
        return aside(arrival, str(error))


def aside(arrival: Arrival, reason: str) -> Parcel:
    """The parcel for a message that cannot be understood or stored.

    It counts as committed where its number can be read, since its bytes are kept and sending it again would not
    help. The number counts only for the gateway that the topic names: nobody may close another's gap.
    """
    delivery = arrival.delivery
    row = QuarantineRow(received_at=arrival.received_at, topic=delivery.topic, reason=reason, payload=delivery.payload)
    return Parcel(arrival, row, _number_of(delivery.topic, delivery.payload))


def _number_of(text: str, payload: bytes) -> tuple[str, str, int] | None:
    try:
        topic = topics.parse(text)
    except topics.TopicError:
        return None
    if topic.kind not in (Kind.READINGS, Kind.FRAME):
        return None
    number = codec.number_of(payload, packed=topic.kind is Kind.FRAME)
    if number is None or number.gateway != topic.gateway:
        return None
    return number.gateway, number.spool, number.number


def _understood(arrival: Arrival, topic: topics.Topic) -> Parcel:
    payload, received_at = arrival.delivery.payload, arrival.received_at
    match topic.kind:
        case Kind.READINGS:
            batch = _of(topic, codec.decode(payload, Readings))
            return Parcel(arrival, reading_rows(batch, received_at), (batch.gateway, batch.spool, batch.number))
        case Kind.FRAME:
            frame = _of(topic, codec.decode_frame(payload))
            return Parcel(arrival, _frame_row(frame, received_at), (frame.gateway, frame.spool, frame.number))
        case Kind.COUNT:
            return Parcel(arrival, _count_row(_of(topic, codec.decode(payload, CountMade)), received_at))
        case Kind.STATUS:
            return Parcel(arrival, _status_row(_of(topic, codec.decode(payload, Status)), received_at))
        case _:
            raise Misplaced(f"ingest reads no {topic.kind} messages")


def _of(topic: topics.Topic, message: M) -> M:
    if message.gateway != topic.gateway:
        raise Misplaced(f"the topic names gateway {topic.gateway}, the payload {message.gateway}")
    return message


def reading_rows(batch: Readings, received_at: datetime) -> list[ReadingRow]:
    """The rows of a batch of readings."""
    gateway = batch.gateway
    return [
        (
            each.tag, each.seq, each.measured_at, each.heard_at, received_at, gateway,
            each.lat, each.lon, each.fix_error_m, each.steps, each.activity,
            each.ear_temp_c, each.battery_pct, each.rssi_dbm, each.snr_db, each.tamper, clocks_agree(each),
            NO_FIX_BUT_ZERO if each.lat == 0 and each.lon == 0 else None,
        )
        for each in batch.readings
    ]  # fmt: skip


def clocks_agree(reading: Reading) -> bool:
    """Whether the tag's clock and the gateway's are within five minutes of one another."""
    return -CLOCKS_AGREE <= reading.measured_at - reading.heard_at <= CLOCKS_AGREE


def _frame_row(frame: Frame, received_at: datetime) -> FrameRow:
    return FrameRow(
        sha256=frame.sha256,
        camera_id=frame.camera,
        captured_at=frame.captured_at,
        received_at=received_at,
        jpeg=frame.jpeg,
    )


def _count_row(made: CountMade, received_at: datetime) -> HeadCountRow:
    head = made.count
    return HeadCountRow(
        camera_id=made.camera,
        sequence=made.sequence,
        captured_at=made.captured_at,
        counted_at=made.counted_at,
        received_at=received_at,
        gateway_id=made.gateway,
        low=head.low if head else None,
        best=head.best if head else None,
        high=head.high if head else None,
        unknown_because=None if head else made.unknown_because,
        method=made.method,
        model_version=made.model_version,
        frame_sha256=made.frame_sha256,
        boxes=made.boxes,
        took_ms=made.took_ms,
    )


def _status_row(status: Status, received_at: datetime) -> StatusRow:
    return StatusRow(
        gateway_id=status.gateway,
        received_at=received_at,
        state=status.state.value,
        reported_at=status.at,
        unsent=status.unsent,
        oldest_unsent_at=status.oldest_unsent_at,
        software=status.software,
    )
