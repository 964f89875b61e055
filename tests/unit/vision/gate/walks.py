"""Animals of known ways as the frames of a perfect detector, and ways to spoil them."""

from collections.abc import Callable, Sequence

import numpy as np

from vision.gate.sight import Sight

Way = Callable[[float], tuple[float, float] | None]
"""Where an animal's middle is at a time in seconds, or None while it cannot be seen."""

LONG, WIDE = 80.0, 40.0  # of an animal, pixels


def straight(x: float, start: float, speed: float, since: float = 0.0) -> Way:
    """Down (or up) the picture at `speed` pixels a second from (x, start) on."""

    def way(t: float) -> tuple[float, float] | None:
        y = start + speed * (t - since)
        return (x, y) if t >= since and -60 < y < 660 else None

    return way


def through(*points: tuple[float, float, float]) -> Way:
    """From (t, x, y) to (t, x, y) ... in straight lines; seen between the first and the last."""
    t, x, y = np.array(points).T

    def way(at: float) -> tuple[float, float] | None:
        return (float(np.interp(at, t, x)), float(np.interp(at, t, y))) if t[0] <= at <= t[-1] else None

    return way


def hidden(way: Way, since: float, until: float) -> Way:
    """The same, out of sight for a while."""
    return lambda t: None if since <= t < until else way(t)


def film(ways: Sequence[Way], seconds: float, rate: float = 15.0, score: float = 0.9, kind: int = 0) -> list[Sight]:
    """What a perfect detector reports of a 600 by 600 picture."""
    frames = []
    for number in range(int(seconds * rate)):
        middles = [place for way in ways if (place := way(number / rate)) is not None]
        boxes = np.array([_box(x, y) for x, y in middles], np.float64).reshape(-1, 4)
        boxes = boxes[(boxes[:, 3] - boxes[:, 1] > 4) if len(boxes) else slice(None)]
        frames.append(sight(number, number / rate, boxes, score, kind))
    return frames


def sight(number: int, t: float, boxes: np.ndarray, score: float = 0.9, kind: int = 0) -> Sight:
    """One frame with boxes of one score and class."""
    xyxy = np.asarray(boxes, np.float64).reshape(-1, 4)
    return Sight(number, t, xyxy, np.full(len(xyxy), score), np.full(len(xyxy), kind, np.int64))


def spoiled(frames: Sequence[Sight], seed: int, missed: float = 0.1, jitter: float = 2.0) -> list[Sight]:
    """With boxes missed and shaken."""
    rng = np.random.default_rng(seed)
    return [
        Sight(f.frame, f.t, f.xyxy + rng.normal(0, jitter, f.xyxy.shape), f.score, f.kind).only(
            rng.random(len(f)) >= missed
        )
        for f in frames
    ]


def _box(x: float, y: float) -> list[float]:
    """Clipped to the picture, as detectors do."""
    return [x - WIDE / 2, max(y - LONG / 2, 0.0), x + WIDE / 2, min(y + LONG / 2, 600.0)]
