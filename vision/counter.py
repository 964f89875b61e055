"""A model with its manifest, ready to count: what programs hold on to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vision.counting import PictureCount, count_picture
from vision.detector import Detector, Image
from vision.errors import VisionError
from vision.manifest import Manifest, read_manifest
from vision.models import default_model
from vision.picture import decode_picture
from vision.region import Area
from vision.still.looks import Looks, open_looks


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts pictures with one detector and the trust its manifest gives."""

    detector: Detector
    manifest: Manifest

    def count(
        self, image: Image, *, species: str | None = None, region: Area | None = None, scene: str | None = None
    ) -> PictureCount:
        """Count one decoded picture, (H,W,3) BGR uint8. scene: a kind of scene that the manifest knows."""
        trust = self.manifest.trust(scene)
        return count_picture(image, self.detector_for(scene), species=species, region=region, trust=trust)

    def detector_for(self, scene: str | None) -> Detector:
        """The detector as the manifest wants this kind of scene looked at."""
        look = self.manifest.trust(scene).look
        return self.detector.by(look) if isinstance(self.detector, Looks) else self.detector

    def count_bytes(
        self, data: bytes, *, species: str | None = None, region: Area | None = None, scene: str | None = None
    ) -> PictureCount:
        """Count an encoded picture; bytes that are no picture give an unknown count, 'unreadable'. Never raises."""
        try:
            return self.count(decode_picture(data).image, species=species, region=region, scene=scene)
        except VisionError:
            return PictureCount.unknown("unreadable", self.manifest.version)


def open_counter(
    model: Path | None = None, *, size: int | None = None, threads: int = 2, floor: float = 0.05
) -> Counter:
    """Load a model (the one that comes along by default). size: longest side of its input, pixels."""
    path = model or default_model()
    manifest = read_manifest(path)
    side = size or manifest.image_size
    return Counter(open_looks(path, size=side, threads=threads, floor=floor, version=manifest.version), manifest)
