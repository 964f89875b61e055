"""What a camera saw go: counts that fell for good when animals left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from collateral.facts.herd import CameraState
from collateral.model.finding import Testimony, Witness
from collateral.model.herd import CameraCount

BASE_COUNTS = 3  # counts before the removal that a drop is measured from
BASE_WINDOW = timedelta(hours=3)
CONFIRMING_COUNTS = 2  # one low picture may be a bad picture
SIGMAS = 3.0
AGREES_FROM = 2 / 3  # the camera must see at least this share of what others say is gone
LEAST_SIGMA = 1.0  # even a perfect counter sees animals hide behind one another


@dataclass(frozen=True, slots=True)
class Drop:
    """A camera's typical count before, the lowest confirmed since, and when that was certain."""

    camera: CameraState
    before: float
    after: float
    certain_at: datetime
    frames: tuple[str, ...]

    @property
    def head(self) -> int:
        return round(self.before - self.after)

    def testimony(self) -> Testimony:
        particulars = {
            "camera": self.camera.camera_id, "pen": self.camera.pen_id, "before": self.before, "after": self.after,
            "drop": self.head, "frames": list(self.frames),
        }  # fmt: skip
        return Testimony(witness=Witness.CAMERA, since=self.certain_at, particulars=particulars)


def drop_since(camera: CameraState, began: datetime, head: int, least: int) -> Drop | None:
    """Whether the camera's counts fell for good after `began`, by at least two thirds of `head` and at least `least`.

    A counter misses animals far more often than it invents them, and misses come in spells (a herd lying in the
    dark). So the better half of the counts before tells what was there, and how much such counts scatter.
    """
    known = [c for c in camera.counts if c.count is not None]
    before = [c for c in known if began - BASE_WINDOW <= c.captured_at < began]
    if len(before) < BASE_COUNTS:
        return None
    good = _better_half([_best(c) for c in before])
    base = median(good)
    fallen = max(least, SIGMAS * _sigma(good), AGREES_FROM * head)
    low = _trailing_low([c for c in known if c.captured_at >= began], base - fallen)
    if len(low) < CONFIRMING_COUNTS:
        return None
    frames = (before[-1].frame_sha256, *(c.frame_sha256 for c in low[-CONFIRMING_COUNTS:]))
    return Drop(camera, base, min(_best(c) for c in low), low[CONFIRMING_COUNTS - 1].captured_at, frames)


def _trailing_low(counts: list[CameraCount], limit: float) -> list[CameraCount]:
    low: list[CameraCount] = []
    for count in reversed(counts):
        if _best(count) > limit:
            break
        low.append(count)
    return low[::-1]


def _better_half(values: list[int]) -> list[int]:
    """The values from the median up."""
    middle = median(values)
    return [v for v in values if v >= middle]


def _sigma(values: list[int]) -> float:
    """Spread of a camera's own counts: 1.4826 x median absolute deviation, never under one head."""
    middle = median(values)
    return max(LEAST_SIGMA, 1.4826 * median(abs(v - middle) for v in values))


def _best(count: CameraCount) -> int:
    if count.count is None:
        raise ValueError("only known counts can be compared")
    return count.count.best
