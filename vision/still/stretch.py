"""A stretch of one camera's frames, counted window by window, in its whole view and pen by pen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vision.detector import Float, Image
from vision.manifest import SceneTrust
from vision.still.consensus import FrameCount, WindowCount, agree, windows
from vision.still.regional import Look
from vision.trust.watch import Slip, measure_slip

FRAMES = 20  # a window, unless asked otherwise: more of them share their errors


@dataclass(frozen=True, slots=True, eq=False)
class SeenFrame:
    """One frame and what was found in it. at_s: seconds since the first."""

    at_s: float
    look: Look


@dataclass(frozen=True, slots=True)
class Stretch:
    """One window: the count of the whole view, of each pen, and whether recall can be relied on."""

    whole: WindowCount
    pens: dict[str, WindowCount]
    trust: TrustNow


@dataclass(frozen=True, slots=True)
class TrustNow:
    """Whether an interval still holds for this camera. slip: None where nobody calibrated what to compare with."""

    verified: bool
    because: str | None
    slip: Slip | None


def count_stretch(
    frames: Iterable[tuple[float, Image]], look_at: Callable[[Image], Look], trust: SceneTrust, seconds: float
) -> Iterator[Stretch]:
    """The windows of a camera's frames, (seconds, picture), as they come."""
    seen = (SeenFrame(at_s, look_at(image)) for at_s, image in frames)
    for held in windows(seen, seconds):
        names = dict.fromkeys(name for frame in held for name in frame.look.pens)
        whole = agree([_whole(frame) for frame in held], trust)
        pens = {name: agree([_pen(frame, name) for frame in held], trust) for name in names}
        yield Stretch(whole, pens, trust_now([frame.look.scores.score for frame in held], trust))


def trust_now(scores: Sequence[Float], trust: SceneTrust) -> TrustNow:
    """Verified, or why not, from the scores of one camera's pictures. A model nobody measured is never verified."""
    if trust.watch is None or trust.quantile is None:
        return TrustNow(False, "not_calibrated", None)
    slip = measure_slip(scores, trust.watch)
    return TrustNow(slip.verified, slip.reason, slip)


def _whole(frame: SeenFrame) -> FrameCount:
    counted = frame.look.counted
    return FrameCount(frame.at_s, None if counted.count is None else counted.count.best, counted.unknown_because)


def _pen(frame: SeenFrame, name: str) -> FrameCount:
    count = frame.look.pens.get(name)
    return FrameCount(frame.at_s, None if count is None else count.best, frame.look.counted.unknown_because)
