"""What is kept of a count: a record that names everything it rests on, and a picture without recognisable people.

A record's canonical form is JSON with sorted members and no spaces; its SHA-256 is its name. Each record holds the name
of its camera's one before, so that a changed, removed or moved one is found (`collateral.evidence.chain`).
Coordinates are pixels of the frame as it was taken; corners of zones are shares of its width and height.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from collateral.contract.messages import Count, HeadRange, Message, Moment, Name, Sha256

BEGIN = "0" * 64
"""What the first record of a chain names as the one before it."""
Share = Annotated[float, Meta(ge=0, le=1)]
Sentence = Annotated[str, Meta(max_length=300)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]


class CameraFinding(Struct, kw_only=True, frozen=True):
    """Something about the camera itself that whoever reads its count should know."""

    kind: Word
    says: Sentence


class Zone(Struct, kw_only=True, frozen=True):
    """A polygon in the picture: what stands in it is counted, or, with `counts` false, left out."""

    corners: Annotated[tuple[tuple[Share, Share], ...], Meta(min_length=3, max_length=200)]
    counts: bool = True


class SeenBox(Struct, kw_only=True, frozen=True):
    """One animal that was found. `counted` false: not sure enough, or not where it counts."""

    label: Word
    xyxy: tuple[float, float, float, float]
    score: Share
    counted: bool


class EvidenceRecord(Struct, kw_only=True, frozen=True):
    """What one count rests on. `count` None: it is unknown, and `unknown_because` says why.

    frame_sha256: of the bytes that came from the camera, which are not kept. picture_sha256: of the picture that is.
    chain_since, number, previous: the record's place among its camera's. chain_begins: in the first record of a chain
    alone, why there is a new one; left out where nobody said. people_hidden: how many were made
    unrecognisable. model_sha256: of the model's file; empty where there is none.
    """

    v: Annotated[int, Meta(ge=1, le=1)] = 1
    camera: Name
    chain_since: Moment
    number: Annotated[int, Meta(ge=1, le=2**53)]
    previous: Sha256
    frame_sha256: Sha256
    picture_sha256: Sha256
    width: Count
    height: Count
    captured_at: Moment
    received_at: Moment
    counted_at: Moment
    count: HeadRange | None
    unknown_because: Word | None
    method: Word
    model_version: Word
    model_sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
    zones: tuple[Zone, ...] = ()
    findings: tuple[CameraFinding, ...] = ()
    boxes: tuple[SeenBox, ...] = ()
    people_hidden: Count = 0
    simulated: bool = False
    chain_begins: Word | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.count is None) != (self.unknown_because is not None):
            raise ValueError("a record has either a count or a reason why it is unknown")
        if self.chain_begins is not UNSET and self.number != 1:
            raise ValueError("only the first record of a chain says why it begins")


class EvidenceMade(Message, kw_only=True):
    """One record in its canonical bytes, and the picture that it names."""

    gateway: Name
    record: bytes
    jpeg: bytes


def canonical(record: EvidenceRecord) -> bytes:
    """The bytes that are kept, hashed and compared: the same for equal records, always."""
    # Read once, so that a 0 that stands for 0.0 is written like every other.
    return _sorted(msgspec.json.decode(_sorted(record), type=EvidenceRecord))


def _sorted(record: EvidenceRecord) -> bytes:
    return msgspec.json.encode(record, order="sorted")


def read_record(content: bytes) -> EvidenceRecord:
    """The record in its canonical bytes. Raises ValueError for anything else, also for the same said differently."""
    record = msgspec.json.decode(content, type=EvidenceRecord)
    if canonical(record) != content:
        raise ValueError("the record is not in its canonical form")
    return record


def fingerprint(content: bytes) -> str:
    """SHA-256 in lower-case hex: the name of a record or a picture."""
    return hashlib.sha256(content).hexdigest()
