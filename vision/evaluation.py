"""Counting error against labelled pictures. Detecting is done once; every figure follows from what was detected."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vision.counting import head_range
from vision.detector import CLASSES, Detector, Float
from vision.errors import VisionError
from vision.expectation import head
from vision.manifest import SceneTrust
from vision.matching import average_precision_by_class, hits
from vision.picture import read_picture
from vision.trust.chance import FLOOR
from vision.truth import Truth


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """One labelled picture after detection.

    score, found, class_id: (N,) per box, best first. count: true head; totals: the same by class. scene: kind of
    scene, "" where the set does not tell.
    """

    name: str
    count: int
    score: Float
    found: NDArray[np.bool_]
    is_points: bool
    took_ms: float
    scene: str = ""
    class_id: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    totals: dict[int, int] = field(default_factory=dict)
    labelled: bool = True

    def __post_init__(self) -> None:
        if len(self.class_id) != len(self.score):  # of one kind
            object.__setattr__(self, "class_id", np.zeros(len(self.score), np.int64))
            object.__setattr__(self, "totals", {0: self.count} if self.count else {})

    def counted(self, score: float) -> int:
        """Boxes with this score or more."""
        return int((self.score >= score).sum())

    def counted_by(self, trust: SceneTrust) -> int:
        """Whole head, as the program counts it."""
        return head(self.score[self.score >= FLOOR], trust)

    def right_of(self, best: int) -> tuple[int, int]:
        """Boxes that stand for a count of `best`, and how many of them found an animal."""
        shown = self.found[:best]
        return len(shown), int(shown.sum())


@dataclass(frozen=True, slots=True)
class SetFigures:
    """Figures of one set as it is counted. Head unless named otherwise.

    mae, rmse, bias: of the count per picture. mre: mean of |error| / true, an empty picture as if it held one.
    coverage95, width95: share of pictures whose interval holds the truth, and its mean width. precision, recall: of
    the boxes that stand for the count. ap50: boxes, point_ap: sets whose truth is points; mean over the classes that
    are there. unlabelled: pictures without a label file, held to be empty.
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
    unlabelled: int = 0


def examine_set(
    detector: Detector, truths: Iterable[Truth], advance: Callable[[], None] = lambda: None
) -> list[Examined]:
    """Run the detector over labelled pictures, calling `advance` after each. A picture that is broken raises."""
    examined = []
    for truth in truths:
        examined.append(examine_picture(detector, truth))
        advance()
    return examined


def examine_picture(detector: Detector, truth: Truth) -> Examined:
    """What the detector finds in one labelled picture. Raises VisionError for a picture that cannot be read."""
    image = read_picture(truth.path).image
    started = time.perf_counter()
    boxes = detector.detect(image).animals
    took_ms = (time.perf_counter() - started) * 1000
    boxes = boxes[np.argsort(-boxes.score, kind="stable")]
    found = hits(boxes, truth, image.shape[1], image.shape[0])
    totals = {int(kind): number for kind, number in Tally(truth.class_id.tolist()).items()}
    is_points = truth.points is not None
    return Examined(
        truth.path.name,
        truth.count,
        boxes.score,
        found,
        is_points,
        took_ms,
        truth.scene,
        boxes.class_id,
        totals,
        truth.labelled,
    )


def figures(examined: Sequence[Examined], trust: SceneTrust | Callable[[Examined], SceneTrust]) -> SetFigures:
    """The figures of an examined set, each picture counted as its trust says. Raises VisionError for an empty set."""
    if not examined:
        raise VisionError("no picture could be examined: see the errors, and name a set with pictures")
    trusts = [trust if isinstance(trust, SceneTrust) else trust(t) for t in examined]
    true = np.array([t.count for t in examined])
    counted = np.array([t.counted_by(own) for t, own in zip(examined, trusts, strict=True)])
    ranges = [head_range(int(best), own) for best, own in zip(counted, trusts, strict=True)]
    error, total = counted - true, int(true.sum())
    shown, right = np.sum([t.right_of(int(best)) for t, best in zip(examined, counted, strict=True)], axis=0)
    ap = _average_precision(examined)
    points = any(t.is_points for t in examined)
    return SetFigures(
        images=len(examined),
        true=total,
        counted=int(counted.sum()),
        mae=_round(np.abs(error).mean()),
        rmse=_round(np.sqrt((error**2).mean())),
        mre=_round((np.abs(error) / np.maximum(true, 1)).mean()),
        bias=_round(error.mean()),
        coverage95=_round(np.mean([r.low <= count <= r.high for r, count in zip(ranges, true, strict=True)])),
        width95=_round(np.mean([r.high - r.low for r in ranges])),
        precision=_share(int(right), int(shown)),
        recall=_share(int(right), total),
        ap50=None if points else ap,
        point_ap=ap if points else None,
        ms_per_frame=_round(np.median([t.took_ms for t in examined]), 1),
        unlabelled=sum(not t.labelled for t in examined),
    )


def by_scene(examined: Sequence[Examined]) -> dict[str, list[Examined]]:
    """The pictures of each kind of scene, in name order; empty where the set does not tell them apart."""
    return {name: [t for t in examined if t.scene == name] for name in sorted({t.scene for t in examined} - {""})}


def _average_precision(examined: Sequence[Examined]) -> float | None:
    totals = Tally[int]()
    for t in examined:
        totals.update(t.totals)
    kinds = {kind: totals[kind] for kind in range(len(CLASSES)) if totals[kind]}
    ap = average_precision_by_class(
        [t.score for t in examined], [t.found for t in examined], [t.class_id for t in examined], kinds
    )
    return None if ap is None else _round(ap)


def _share(part: int, whole: int) -> float | None:
    return _round(part / whole) if whole else None


def _round(value: float | np.floating, digits: int = 4) -> float:
    return round(float(value), digits)
