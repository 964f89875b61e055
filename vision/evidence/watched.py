"""A counter that also hands over what it found: the animals that do not count, and the people to hide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from collateral.contract.evidence import CameraFinding, Zone
from vision.counter import Counter
from vision.counting import PictureCount
from vision.detector import Boxes, Detector, Image
from vision.evidence.making import Counted
from vision.picture import UnreadablePicture, decode_picture
from vision.region import Region

Suspect = Callable[[Image], tuple[CameraFinding, ...]]


def unsuspected(_: Image) -> tuple[CameraFinding, ...]:
    """For a single picture, of whose camera nothing is known."""
    return ()


@dataclass(slots=True)
class WatchedDetector:
    """A detector whose last answer can be looked at."""

    inner: Detector
    seen: Boxes = field(default_factory=Boxes.empty)

    @property
    def version(self) -> str:
        return self.inner.version

    def detect(self, image: Image) -> Boxes:
        """As the inner detector."""
        self.seen = self.inner.detect(image)
        return self.seen


def count_watched(
    counter: Counter,
    data: bytes,
    *,
    method: str,
    species: str | None = None,
    region: Region | None = None,
    scene: str | None = None,
    suspect: Suspect = unsuspected,
) -> Counted:
    """Count an encoded picture and keep all that its evidence needs. Never raises: bytes may be no picture.

    suspect: what its camera is suspected of with this picture; the first of it is why the count is unknown.
    """
    watched = WatchedDetector(counter.detector_for(scene))
    try:
        image = decode_picture(data).image
    except UnreadablePicture:
        image = None
    known = Counter(watched, counter.manifest)
    findings: tuple[CameraFinding, ...] = ()
    if image is None:
        counted = known.count_bytes(data, species=species, region=region, scene=scene)
    else:
        counted, findings = known.count(image, species=species, region=region, scene=scene), suspect(image)
        if counted.count is None:  # a picture that counts as unknown may still show a person
            watched.detect(image)
        elif findings:
            counted = PictureCount.unknown(findings[0].kind, counted.model_version, counted.took_ms)
    zones = () if region is None else (Zone(corners=region.corners),)
    return Counted(
        image=image, count=counted, seen=watched.seen, method=method, model_sha256=counter.manifest.sha256,
        zones=zones, findings=findings,
    )  # fmt: skip
