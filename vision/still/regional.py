"""Counting one picture pen by pen: looked at once, counted in each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from vision.counting import HeadRange, PictureCount, choose, head_range
from vision.detector import Boxes, Detector, Image
from vision.expectation import counted_boxes
from vision.manifest import SceneTrust
from vision.pens import Pens
from vision.picture_quality import why_blind
from vision.region import Area


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a detector found in one picture, before anything is counted. scores: of all animals that may count.

    pens: the count of each pen; empty when the picture is unknown, or when nobody asked for pens.
    """

    counted: PictureCount
    scores: Boxes
    pens: dict[str, HeadRange] = field(default_factory=dict)


def look(
    image: Image, detector: Detector, trust: SceneTrust, *, species: str | None = None, area: Area | None = None
) -> Look:
    """Count `image`, (H,W,3) BGR uint8, in `area`, and in each of its pens when it is divided into pens.

    Each pen's interval is that of a whole picture with as many animals. A blind picture is unknown in every pen.
    """
    started = time.perf_counter()
    blind = why_blind(image)
    if blind is not None:
        took_ms = (time.perf_counter() - started) * 1000
        return Look(PictureCount.unknown(blind, detector.version, took_ms), Boxes.empty())
    height, width = image.shape[:2]
    wanted = choose(detector.detect(image), width, height, species, area)
    best, boxes = counted_boxes(wanted, trust)
    pens = {}
    if isinstance(area, Pens):
        each = area.by_pen(wanted, width, height)
        pens = {name: head_range(counted_boxes(inside, trust)[0], trust) for name, inside in each.items()}
    took_ms = (time.perf_counter() - started) * 1000
    return Look(PictureCount(head_range(best, trust), None, boxes, detector.version, took_ms), wanted, pens)
