"""From a count and its frame to the evidence that is kept: the record, and the picture it names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET

from collateral.contract.evidence import (
    CameraFinding,
    EvidenceRecord,
    SeenBox,
    Zone,
    canonical,
    fingerprint,
)
from collateral.contract.messages import HeadRange
from collateral.evidence.chain import Link
from vision.counting import PictureCount
from vision.detector import LABELS, Boxes, Image
from vision.drawing import View
from vision.evidence.picture import keepsake

UNSURE = 0.1
"""Boxes from this score on are shown and recorded although they do not count: between them low and high lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Where and when a frame comes from. sha256: of its bytes as they came."""

    camera: str
    sha256: str
    captured_at: datetime
    received_at: datetime
    counted_at: datetime
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A count and all that it rests on. seen: every box that was found, people and unsure ones among them.

    image: (H,W,3) BGR uint8, None when the bytes could not be read.
    """

    image: Image | None
    count: PictureCount
    seen: Boxes
    method: str
    model_sha256: str
    zones: tuple[Zone, ...] = ()
    findings: tuple[CameraFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept: the record in its canonical bytes, its name, and the JPEG."""

    record: bytes
    name: str
    jpeg: bytes


def make_evidence(taken: Taken, counted: Counted, link: Link) -> Evidence:
    """The evidence of one count, to hang at `link`."""
    unsure = uncounted(counted.seen, counted.count.boxes)
    view = View(unsure=unsure, zones=counted.zones, details=details(taken, counted))
    jpeg, people = keepsake(counted.image, counted.count, counted.seen.people, view)
    record = canonical(_record(taken, counted, link, unsure, fingerprint(jpeg), people))
    return Evidence(record, fingerprint(record), jpeg)


def uncounted(seen: Boxes, counted: Boxes) -> Boxes:
    """The animals that were found with some certainty and do not count."""
    known = {tuple(row) for row in counted.xyxy.tolist()}
    found = seen.animals.at_least(UNSURE)
    return found[[place for place, row in enumerate(found.xyxy.tolist()) if tuple(row) not in known]]


def details(taken: Taken, counted: Counted) -> str:
    """One line about where the picture comes from; what the camera is suspected of stands first."""
    suspected = [finding.kind for finding in counted.findings]
    parts = [
        *suspected, taken.camera, f"{taken.captured_at:%Y-%m-%d %H:%M:%S} {_zone(taken.captured_at)}",
        counted.count.model_version, f"frame {taken.sha256[:12]}",
    ]  # fmt: skip
    return " · ".join(parts)


def _zone(moment: datetime) -> str:
    hours = moment.utcoffset()
    return "UTC" if not hours else f"UTC{hours.total_seconds() / 3600:+g}"


def _record(
    taken: Taken, counted: Counted, link: Link, unsure: Boxes, picture_sha256: str, people: int
) -> EvidenceRecord:
    count = counted.count.count
    height, width = (0, 0) if counted.image is None else counted.image.shape[:2]
    return EvidenceRecord(
        camera=taken.camera, chain_since=link.chain_since, number=link.number, previous=link.previous,
        frame_sha256=taken.sha256, picture_sha256=picture_sha256, width=width, height=height,
        captured_at=taken.captured_at, received_at=taken.received_at, counted_at=taken.counted_at,
        count=None if count is None else HeadRange(low=count.low, best=count.best, high=count.high),
        unknown_because=counted.count.unknown_because, method=counted.method,
        model_version=counted.count.model_version, model_sha256=counted.model_sha256,
        zones=counted.zones, findings=counted.findings, boxes=_boxes(counted.count.boxes, unsure),
        people_hidden=people, simulated=taken.simulated, chain_begins=UNSET if link.begins is None else link.begins,
    )  # fmt: skip


def _boxes(counted: Boxes, unsure: Boxes) -> tuple[SeenBox, ...]:
    rows: Sequence[tuple[Boxes, bool]] = ((counted, True), (unsure, False))
    found = [
        SeenBox(
            label=LABELS[class_id], xyxy=(round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1)),
            score=round(score, 3), counted=counts,
        )
        for boxes, counts in rows
        for (x1, y1, x2, y2), score, class_id in zip(
            boxes.xyxy.tolist(), boxes.score.tolist(), boxes.class_id.tolist(), strict=True
        )
    ]  # fmt: skip
    return tuple(found)
