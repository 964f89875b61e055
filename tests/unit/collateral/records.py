"""Evidence records that hang in one another, for the tests of this folder and others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import UNSET

from collateral.contract.evidence import EvidenceRecord, Zone, canonical, fingerprint
from collateral.contract.messages import HeadRange
from collateral.evidence.chain import Kept, Link

DAWN = datetime(2026, 6, 1, 6, tzinfo=UTC)


def record(link: Link, *, camera: str = "cam-1", best: int = 5) -> EvidenceRecord:
    """A known count of five, or of `best`."""
    at = DAWN + timedelta(minutes=10 * link.number)
    return EvidenceRecord(
        camera=camera, chain_since=link.chain_since, number=link.number, previous=link.previous,
        frame_sha256=fingerprint(b"frame %d" % link.number), picture_sha256=fingerprint(b"picture %d" % link.number),
        width=640, height=360, captured_at=at, received_at=at, counted_at=at,
        count=HeadRange(low=best - 1, best=best, high=best + 1), unknown_because=None, method="camera-still",
        model_version="herd-test", model_sha256="a" * 64, zones=(Zone(corners=((0, 0), (1, 0), (1, 1))),),
        chain_begins=UNSET if link.begins is None else link.begins,
    )  # fmt: skip


def chain(length: int, camera: str = "cam-1", since: datetime = DAWN) -> list[Kept]:
    """A whole chain of that many records."""
    kept: list[Kept] = []
    link = Link.first(since)
    for _ in range(length):
        content = canonical(record(link, camera=camera))
        kept.append(Kept(fingerprint(content), content))
        link = Link.after(content)
    return kept
