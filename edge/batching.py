"""From what the receiver heard to the messages of the contract. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec

from collateral.contract import codec
from collateral.contract.messages import (
    MOST_READINGS,
    VERSION,
    Frame,
    Heard,
    LocalFrame,
    Reading,
    Readings,
    Uplink,
)
from edge.spool import Draft

MOST_PICTURE_BYTES = codec.MOST_FRAME_BYTES - 16 * 1024
"""A frame and its envelope must fit what brokers and ingest accept, or it would block all that follows it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which gateway spools the message, when, and whether a simulator speaks."""

    gateway: str
    spooled_at: datetime
    simulated: bool


class PictureTooBig(ValueError):
    """A picture is larger than the broker and ingest accept; let the camera compress more."""


def drafts(heard: Heard, gateway: str, now: datetime) -> list[Draft]:
    """The messages for one `Heard`. Raises PictureTooBig. `now` stamps uplinks that carry no `heard_at`."""
    origin = Origin(gateway, now, heard.simulated)
    found = []
    for first in range(0, len(heard.readings), MOST_READINGS):
        found += _of_uplinks(heard.readings[first : first + MOST_READINGS], origin)
    if heard.frame is not None:
        found.append(_of_frame(heard.frame, origin))
    return found


def _of_uplinks(uplinks: list[Uplink], origin: Origin) -> list[Draft]:
    for uplink in uplinks:
        uplink.heard_at = uplink.heard_at or origin.spooled_at
    try:
        return [_batch(_readings(uplinks), origin)]
    except msgspec.ValidationError:
        return _sorted_out(uplinks, origin)


def _sorted_out(uplinks: list[Uplink], origin: Origin) -> list[Draft]:
    """One value out of range must not take the rest of the batch into quarantine: each such uplink goes alone."""
    good: list[Reading] = []
    odd: list[Reading] = []
    for uplink in uplinks:
        try:
            good += _readings([uplink])
        except msgspec.ValidationError:
            odd.append(cast(Reading, uplink))  # the same fields; ingest says what is wrong and keeps the bytes
    batches = [good] if good else []
    batches += [[each] for each in odd]
    return [_batch(readings, origin) for readings in batches]


def _readings(uplinks: list[Uplink]) -> list[Reading]:
    return msgspec.convert(uplinks, list[Reading], from_attributes=True)


def _batch(readings: list[Reading], origin: Origin) -> Draft:
    def encode(spool: str, number: int) -> bytes:
        message = Readings(
            v=VERSION,
            gateway=origin.gateway,
            spool=spool,
            number=number,
            sent_at=origin.spooled_at,  # when it was spooled; sending again repeats the same bytes
            readings=readings,
            simulated=origin.simulated,
        )
        return codec.encode(message)

    return Draft("readings", min(reading.measured_at for reading in readings), encode)


def _of_frame(frame: LocalFrame, origin: Origin) -> Draft:
    if len(frame.jpeg) > MOST_PICTURE_BYTES:
        raise PictureTooBig(f"{len(frame.jpeg)} bytes from {frame.camera}, at most {MOST_PICTURE_BYTES}")
    digest = hashlib.sha256(frame.jpeg).hexdigest()

    def encode(spool: str, number: int) -> bytes:
        message = Frame(
            v=VERSION,
            gateway=origin.gateway,
            spool=spool,
            number=number,
            camera=frame.camera,
            sequence=frame.sequence,
            captured_at=frame.captured_at,
            sha256=digest,
            jpeg=frame.jpeg,
            species=frame.species,
            scene=frame.scene,
            simulated=origin.simulated,
        )
        return codec.encode_frame(message)

    return Draft("frame", None, encode)
