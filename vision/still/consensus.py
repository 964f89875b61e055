"""One count from a window of frames of one camera: the middle of them, never their sum.

Errors within one scene are strongly alike: the cow behind the post is behind the post in every frame. More frames
therefore narrow the interval only by the part of the error that changes from frame to frame. How large that part is
shows in the window itself, by how much its counts differ; it is taken for at most half of the variance that was
calibrated, however much they differ, and frames that follow each other closely count as fewer. Frames that repeat one
another differ not at all and so narrow nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from vision.counting import UNCALIBRATED_QUANTILE, HeadRange, head_range
from vision.errors import VisionError
from vision.manifest import SceneTrust

LEAST_FRAMES = 3
LEAST_SHARE = 0.5  # of the frames must have seen anything
CHANGING_SHARE = 0.5  # most of the error's variance that frames of one window may be said not to share
_MIDDLE = 1.4826  # median absolute deviation to standard deviation
_TWO_SIDED = 1.96


@dataclass(frozen=True, slots=True)
class FrameCount:
    """One frame of a camera. at_s: seconds, not falling. best: head, None where nothing could be seen, with why."""

    at_s: float
    best: int | None
    unknown_because: str | None = None


@dataclass(frozen=True, slots=True)
class WindowCount:
    """What a window says. Exactly one of `count` and `unknown_because` is None.

    frames, seen: all of them, and those that counted. worth: how many frames that share nothing but the scene they
    are worth. apart: seen frames far from the middle, which it ignores.
    """

    from_s: float
    to_s: float
    count: HeadRange | None
    unknown_because: str | None
    frames: int
    seen: int
    worth: float
    apart: int


class Timed(Protocol):
    """Anything that was seen at a moment."""

    @property
    def at_s(self) -> float:
        """Seconds, not falling."""
        ...


T = TypeVar("T", bound=Timed)


def windows(counts: Iterable[T], seconds: float) -> Iterator[list[T]]:
    """The frames of each `seconds`, from the first frame on; stretches without frames give none."""
    if not seconds > 0:
        raise VisionError(f"a window of {seconds} s holds nothing: write 15s or 2m")
    held: list[T] = []
    start = 0.0
    for count in counts:
        if held and count.at_s >= start + seconds:
            yield held
            held = []
        if not held:
            start = count.at_s
        held.append(count)
    if held:
        yield held


def agree(counts: Sequence[FrameCount], trust: SceneTrust) -> WindowCount:
    """One count for these frames. Unknown when fewer than three, or fewer than half of them, saw anything."""
    if not counts:
        raise VisionError("a window without frames has no count")
    known = np.array([count.best for count in counts if count.best is not None], np.float64)
    ends = counts[0].at_s, counts[-1].at_s
    if len(known) < max(LEAST_FRAMES, LEAST_SHARE * len(counts)):
        return WindowCount(*ends, None, _why(counts, len(known)), len(counts), len(known), 0.0, 0)
    middle = float(np.median(known))
    steady = _MIDDLE * float(np.median(np.abs(known - middle)))
    apart = int((np.abs(known - middle) > max(3 * steady, 3.0)).sum())
    worth = _worth(known[np.abs(known - middle) <= max(3 * steady, 3.0)])
    return WindowCount(*ends, _interval(middle, steady, worth, trust), None, len(counts), len(known), worth, apart)


def _interval(middle: float, steady: float, worth: float, trust: SceneTrust) -> HeadRange:
    """The single frame's interval, less the part of its variance that the window averages away."""
    best = round(middle)
    single = head_range(best, trust)
    known = trust.quantile_at(best)
    half = (UNCALIBRATED_QUANTILE if known is None else known) * math.sqrt(max(best, 1))
    variance = (half / _TWO_SIDED) ** 2
    changing = min(steady**2, CHANGING_SHARE * variance)
    narrowed = _TWO_SIDED * math.sqrt(max(variance - changing + changing / max(worth, 1.0), 0.0))
    reach = max(narrowed, 1.0 if half > 0 else 0.0)
    low, high = math.ceil(middle - reach - 1e-6), math.floor(middle + reach + 1e-6)
    return HeadRange(min(best, max(low, single.low)), best, max(best, min(high, single.high)))


def _worth(known: np.ndarray) -> float:
    """Independent frames that these are worth: their number, less for counts that follow their neighbours."""
    if len(known) < LEAST_FRAMES or np.ptp(known) == 0:
        return 1.0
    apart = known - known.mean()
    alike = float(np.clip((apart[1:] * apart[:-1]).sum() / (apart**2).sum(), 0.0, 0.95))
    return round(max(1.0, len(known) * (1 - alike) / (1 + alike)), 2)


def _why(counts: Sequence[FrameCount], seen: int) -> str:
    """The reason most unseen frames gave; too few frames when they give none."""
    reasons = [count.unknown_because for count in counts if count.unknown_because]
    if seen >= LEAST_FRAMES or len(reasons) > len(counts) - len(reasons):
        return max(sorted(set(reasons)), key=reasons.count)
    return "too_few_frames"
