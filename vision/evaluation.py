"""Counting error against labelled pictures. Detecting is done once; every figure follows from what was detected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.counting import head_range
from vision.detector import Detector, Float
from vision.manifest import SceneTrust
from vision.matching import average_precision, hits
from vision.picture import read_picture
from vision.truth import Truth


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """One labelled picture after detection. score, found: (N,) per box, best first; count: true head."""

    name: str
    count: int
    score: Float
    found: NDArray[np.bool_]
    is_points: bool
    took_ms: float

    def counted(self, score: float) -> int:
        return int((self.score >= score).sum())

    def right(self, score: float) -> int:
        return int(self.found[self.score >= score].sum())


@dataclass(frozen=True, slots=True)
class SetFigures:
    """Figures of one set at one operating point. Head unless named otherwise.

    mae, rmse, bias: of the count per picture. mre: mean of |error| / true. coverage95, width95: share of pictures
    whose interval holds the truth, and its mean width. ap50: boxes; point_ap: sets whose truth is points.
    """

    images: int
    true: int
    counted: int
    mae: float
    rmse: float
    mre: float
    bias: float
    coverage95: float
    width95: float
    precision: float | None
    recall: float | None
    ap50: float | None
    point_ap: float | None
    ms_per_frame: float


def examine_set(
    detector: Detector, truths: Iterable[Truth], advance: Callable[[], None] = lambda: None
) -> list[Examined]:
    """Run the detector over labelled pictures, calling `advance` after each."""
    examined = []
    for truth in truths:
        examined.append(_examine(detector, truth))
        advance()
    return examined


def figures(examined: Sequence[Examined], trust: SceneTrust) -> SetFigures:
    """The figures of a examined set, counted as `trust` says. Raises ValueError for an empty set."""
    true = np.array([t.count for t in examined])
    counted = np.array([t.counted(trust.score) for t in examined])
    error = counted - true
    ranges = [head_range(int(best), trust) for best in counted]
    inside = [r.low <= count <= r.high for r, count in zip(ranges, true, strict=True)]
    right, total = sum(t.right(trust.score) for t in examined), int(true.sum())
    ap = average_precision([t.score for t in examined], [t.found for t in examined], total)
    points = examined[0].is_points
    return SetFigures(
        images=len(examined),
        true=total,
        counted=int(counted.sum()),
        mae=_round(np.abs(error).mean()),
        rmse=_round(np.sqrt((error**2).mean())),
        mre=_round((np.abs(error) / np.maximum(true, 1)).mean()),
        bias=_round(error.mean()),
        coverage95=_round(np.mean(inside)),
        width95=_round(np.mean([r.high - r.low for r in ranges])),
        precision=_share(right, int(counted.sum())),
        recall=_share(right, total),
        ap50=None if points or ap is None else _round(ap),
        point_ap=_round(ap) if points and ap is not None else None,
        ms_per_frame=_round(np.median([t.took_ms for t in examined]), 1),
    )


def _examine(detector: Detector, truth: Truth) -> Examined:
    image = read_picture(truth.path).image
    started = time.perf_counter()
    boxes = detector.detect(image)
    took_ms = (time.perf_counter() - started) * 1000
    found = hits(boxes, truth, image.shape[1], image.shape[0])
    return Examined(truth.path.name, truth.count, boxes.score, found, truth.points is not None, took_ms)


def _share(part: int, whole: int) -> float | None:
    return _round(part / whole) if whole else None


def _round(value: float | np.floating, digits: int = 4) -> float:
    return round(float(value), digits)
