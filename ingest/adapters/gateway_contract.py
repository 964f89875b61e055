"""Contract version 1: what our own farm gateways publish. The hot path: 25,000 single readings a second come here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import msgspec

from collateral.contract import codec, topics
from collateral.contract.codec import Unreadable
from collateral.contract.evidence import EvidenceMade, EvidenceRecord, fingerprint
from collateral.contract.messages import CountMade, Frame, Readings, Status
from collateral.contract.topics import Kind, Topic
from collateral.store.counts import EvidenceRow, FrameRow, HeadCountRow
from collateral.store.gateways import StatusRow
from collateral.store.readings import NO_FIX_BUT_ZERO, ReadingRow
from ingest.adapters.adapter import Adapter, Number, Policy, Read, Understood, refuse_simulated

NAME = "herdlien"
READS = (Kind.READINGS, Kind.FRAME, Kind.COUNT, Kind.STATUS, Kind.EVIDENCE)
CLOCKS_AGREE = timedelta(minutes=5)
MOST_HEAD = 2**31 - 1
MOST_MS = 1e9

M = TypeVar("M", Readings, Frame, CountMade, Status)


def number_of(text: str, payload: bytes) -> Number | None:
    """The place in its gateway's spool of a message that cannot be understood, as far as it can be read.

    Only for the gateway that the topic names: nobody may close another's gap.
    """
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


def _readings(topic: Topic, policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    batch = codec.decode(payload, Readings)
    if batch.gateway != topic.gateway or batch.simulated:
        _of(topic, policy, batch)
    return reading_rows(batch, received_at), (batch.gateway, batch.spool, batch.number)


def _frame(topic: Topic, policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    frame = _of(topic, policy, codec.decode_frame(payload))
    row = _frame_row(frame, received_at, keep=policy.keep_originals)
    return row, (frame.gateway, frame.spool, frame.number)


def _count(topic: Topic, policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    return _count_row(_of(topic, policy, codec.decode(payload, CountMade)), received_at), None


def _evidence(topic: Topic, policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    made, record = codec.decode_evidence(payload)
    if made.gateway != topic.gateway:
        raise Unreadable(f"the topic names gateway {topic.gateway}, the payload {made.gateway}")
    refuse_simulated(policy, simulated=record.simulated)
    return _evidence_row(made, record, received_at), None


def _status(topic: Topic, policy: Policy, payload: bytes, received_at: datetime) -> Understood:
    return _status_row(_of(topic, policy, codec.decode(payload, Status)), received_at), None


def _of(topic: Topic, policy: Policy, message: M) -> M:
    if message.gateway != topic.gateway:
        raise Unreadable(f"the topic names gateway {topic.gateway}, the payload {message.gateway}")
    refuse_simulated(policy, simulated=message.simulated)
    return message


def reading_rows(batch: Readings, received_at: datetime) -> list[ReadingRow]:
    """The rows of a batch of readings, `clock_ok` where tag and gateway are within five minutes of one another."""
    gateway = batch.gateway
    rows: list[ReadingRow] = []
    for each in batch.readings:
        measured_at, heard_at = each.measured_at, each.heard_at
        clock_ok = -CLOCKS_AGREE <= measured_at - heard_at <= CLOCKS_AGREE
        if not clock_ok or not MINYEAR < heard_at.year < MAXYEAR:
            _in_calendar(measured_at, heard_at)
        rows.append((
            each.tag, each.seq, measured_at, heard_at, received_at, gateway,
            each.lat, each.lon, each.fix_error_m, each.steps, each.activity,
            each.ear_temp_c, each.battery_pct, each.rssi_dbm, each.snr_db, each.tamper, clock_ok,
            NO_FIX_BUT_ZERO if each.lat == 0 and each.lon == 0 else None, each.rumination_min,
        ))  # fmt: skip
    return rows


def _in_calendar(*moments: datetime | None) -> None:
    """A time whose zone puts it before the year 1 or after 9999 goes into the database and never comes out again."""
    for moment in filter(None, moments):
        try:
            moment.astimezone(UTC)
        except OverflowError as error:
            raise Unreadable(f"{moment.isoformat()} is not between the years {MINYEAR} and {MAXYEAR}") from error


def _frame_row(frame: Frame, received_at: datetime, *, keep: bool) -> FrameRow:
    """The frame's hash and times; its bytes, which may show people, only where that was decided."""
    _in_calendar(frame.captured_at)
    return FrameRow(
        sha256=frame.sha256,
        camera_id=frame.camera,
        captured_at=frame.captured_at,
        received_at=received_at,
        jpeg=frame.jpeg if keep else None,
    )


def _evidence_row(made: EvidenceMade, record: EvidenceRecord, received_at: datetime) -> EvidenceRow:
    _in_calendar(record.captured_at, record.chain_since, record.received_at, record.counted_at)
    content = made.record.decode()
    _storable(content)
    return EvidenceRow(
        record_sha256=fingerprint(made.record),
        frame_sha256=record.frame_sha256,
        camera_id=record.camera,
        chain_since=record.chain_since,
        number=record.number,
        captured_at=record.captured_at,
        received_at=received_at,
        record=content,
        picture_sha256=record.picture_sha256,
        picture=made.jpeg,
    )


def _count_row(made: CountMade, received_at: datetime) -> HeadCountRow:
    head = made.count
    if head is not None and head.high > MOST_HEAD:
        raise Unreadable(f"{head.high} head is out of range: at most {MOST_HEAD} can be stored")
    if made.took_ms is not None and abs(made.took_ms) > MOST_MS:
        raise Unreadable(f"took_ms {made.took_ms:g} is no duration")
    _in_calendar(made.captured_at, made.counted_at)
    _storable(made.method, made.model_version, made.unknown_because or "")
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
        # Too small for the column is too small for anybody.
        took_ms=None if made.took_ms is None else round(made.took_ms, 3),
    )


def _status_row(status: Status, received_at: datetime) -> StatusRow:
    _in_calendar(status.at, status.oldest_unsent_at)
    _storable(status.software)
    return StatusRow(
        gateway_id=status.gateway,
        received_at=received_at,
        state=status.state.value,
        reported_at=status.at,
        unsent=status.unsent,
        oldest_unsent_at=status.oldest_unsent_at,
        software=status.software,
    )


def _storable(*texts: str) -> None:
    """The database would refuse it too, but would take the whole batch apart to find it."""
    if any("\x00" in text for text in texts):
        raise Unreadable("a text holds the character NUL, which the database cannot keep")


_KINDS: dict[Kind, Callable[[Topic, Policy, bytes, datetime], Understood]] = {
    Kind.READINGS: _readings,
    Kind.FRAME: _frame,
    Kind.COUNT: _count,
    Kind.STATUS: _status,
    Kind.EVIDENCE: _evidence,
}


def _reader(text: str, policy: Policy) -> Read | None:
    if not text.startswith(f"{topics.ROOT}/"):
        return None
    try:
        topic = topics.parse(text)
    except topics.TopicError as error:
        raise Unreadable(str(error)) from error
    if topic.kind not in _KINDS:
        raise Unreadable(f"ingest reads no {topic.kind} messages")
    return partial(_KINDS[topic.kind], topic, policy)


_TELLING = {"readings": Kind.READINGS, "state": Kind.STATUS, "frame_sha256": Kind.COUNT}


def _topic_of(payload: bytes) -> str:
    gateway, kind = _addressed(payload)
    try:
        return str(Topic("farm", gateway, kind))
    except topics.TopicError as error:
        raise Unreadable(str(error)) from error


def _addressed(payload: bytes) -> tuple[str, Kind]:
    try:
        members = msgspec.json.decode(payload, type=dict)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return codec.decode_frame(payload).gateway, Kind.FRAME
    kind = next((kind for member, kind in _TELLING.items() if member in members), Kind.READINGS)
    return str(members.get("gateway", "")), kind


ADAPTER = Adapter(
    NAME,
    tuple(topics.every(kind) for kind in READS),
    _reader,
    _topic_of,
    aliases=("v1", "gateway", "contract", "contract-v1", "edge"),
)
