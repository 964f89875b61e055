"""Head count of one picture, with an interval, or the reason why it cannot be counted."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from vision.detector import Boxes, Detector, Image
from vision.expectation import counted_boxes
from vision.manifest import UNCALIBRATED, SceneTrust
from vision.picture_quality import why_blind
from vision.region import Area

UNCALIBRATED_QUANTILE = 4.0  # wide on purpose: nobody has measured this model on this kind of scene


@dataclass(frozen=True, slots=True)
class HeadRange:
    """Whole head: the best figure and a 95 % interval around it."""

    low: int
    best: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class PictureCount:
    """What one picture says. Exactly one of `count` and `unknown_because` is None.

    boxes: the counted animals, pixels of the picture. took_ms: wall time of looking and counting.
    """

    count: HeadRange | None
    unknown_because: str | None
    boxes: Boxes
    model_version: str
    took_ms: float

    @classmethod
    def unknown(cls, because: str, model_version: str, took_ms: float = 0.0) -> PictureCount:
        """A picture that says nothing about the herd."""
        return cls(None, because, Boxes.empty(), model_version, took_ms)


def count_picture(
    image: Image,
    detector: Detector,
    *,
    species: str | None = None,
    region: Area | None = None,
    trust: SceneTrust = UNCALIBRATED,
) -> PictureCount:
    """Count the animals in `image`, (H,W,3) BGR uint8.

    species: count this class only. region: count what stands in it only. trust: how this scene kind is counted.
    A dark or covered picture is unknown, never 0.
    """
    started = time.perf_counter()
    blind = why_blind(image)
    if blind is not None:
        return PictureCount.unknown(blind, detector.version, _since(started))
    wanted = choose(detector.detect(image), image.shape[1], image.shape[0], species, region)
    best, boxes = counted_boxes(wanted, trust)
    return PictureCount(head_range(best, trust), None, boxes, detector.version, _since(started))


def choose(boxes: Boxes, width: int, height: int, species: str | None, region: Area | None) -> Boxes:
    """The boxes that may count: animals, of the species asked for, with their middle in the region."""
    wanted = boxes.animals if species is None else boxes.of_class(species)
    return wanted if region is None else region.inside(wanted, width, height)


def head_range(best: int, trust: SceneTrust) -> HeadRange:
    """The 95 % interval around `best`: half its width grows with the square root of the count.

    It is never narrower than a head to each side, unless no error at all was ever seen: where counts are small, a few
    fewer errors among the labelled pictures would otherwise make an interval of a single figure.
    """
    known = trust.quantile_at(best)
    quantile = UNCALIBRATED_QUANTILE if known is None else known
    half = max(quantile * math.sqrt(max(best, 1)), 1.0 if quantile > 0 else 0.0)
    slack = 1e-6  # rounding must not move a whole head
    return HeadRange(max(0, math.ceil(best - half - slack)), best, math.floor(best + half + slack))


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
