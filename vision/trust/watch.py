"""Has a camera's recall slipped since it was calibrated? The scores of what it finds tell, without any label.

When animals become harder to see, all scores slide, and those near the limit fall out of sight. How far they slid is
read from the boxes that are still found; what that does to recall is known from the labelled pictures. Animals that
vanish without lowering anyone's score (a corner out of view, a stall of them behind a wall) are not seen by this.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Float

SHIFT = 0.06  # from this loss of recall on an interval no longer holds
_SURE = 1.64  # standard errors
_ALLOWED = SHIFT / 2  # what must be ruled out: the other half is for pictures that differ from those calibrated on
_SLIDES = np.linspace(-2.5, 1.0, 141)  # of log odds
_POINTS = 41
_LIMITS = (0.1, 0.15, 0.2, 0.25, 0.3)
_TRIED = (0.0, -0.3, -0.6)  # slides that a good limit tells apart


@dataclass(frozen=True, slots=True)
class ScoreWatch:
    """What scores looked like when the model was calibrated.

    limit: boxes at or above it are watched. counted_from: the score from which an animal is held to be found.
    all_scores, right_scores: 41 evenly spaced quantiles, of all boxes and of those on animals. reach: share of the
    animals that had a box at all. spread: how far one picture's boxes, as one, stand from the mean log odds of all
    watched boxes (standard deviation). pictures: how many with watched boxes.
    """

    limit: float
    counted_from: float
    all_scores: tuple[float, ...]
    right_scores: tuple[float, ...]
    reach: float
    spread: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Slip:
    """recall_loss: best guess, in 0..1, negative for a gain. doubt: its standard error. pictures: with boxes."""

    recall_loss: float
    doubt: float
    pictures: int

    @property
    def verified(self) -> bool:
        """Whether a loss anywhere near `SHIFT` can be ruled out; few pictures rule out nothing."""
        return self.pictures > 0 and self.recall_loss + _SURE * self.doubt < _ALLOWED

    @property
    def reason(self) -> str | None:
        """Why it is not verified; None when it is."""
        if self.verified:
            return None
        return "recall_slipped" if self.recall_loss >= _ALLOWED else "too_few_pictures_to_rule_out_a_slip"


def fit_watch(scores: Sequence[Float], right: Sequence[Float], animals: int, counted_from: float) -> ScoreWatch | None:
    """The watch of a kind of scene, with the limit that tells slides best. right: scores of boxes on animals.

    None for fewer than 100 boxes or 8 pictures, and where no limit tells a slide: scores may lie such that the part
    above any limit looks the same wherever they slide.
    """
    tried = [_watch(scores, right, animals, counted_from, limit) for limit in _LIMITS]
    known = [(_blur(watch), row, watch) for row, watch in enumerate(tried) if watch is not None]
    blur, _, best = min(known, key=lambda one: one[:2], default=(math.inf, 0, None))
    return best if blur < SHIFT else None


def _watch(
    scores: Sequence[Float], right: Sequence[Float], animals: int, counted_from: float, limit: float
) -> ScoreWatch | None:
    _, spread, pictures = _middle(scores, limit)
    every, good = np.concatenate([*scores, np.zeros(0)]), np.concatenate([*right, np.zeros(0)])
    if pictures < 8 or len(every) < 100 or len(good) < 50:
        return None
    steps = np.linspace(0, 1, _POINTS)
    all_scores, right_scores = (tuple(round(float(v), 4) for v in np.quantile(of, steps)) for of in (every, good))
    reach = len(good) / max(animals, 1)
    return ScoreWatch(limit, counted_from, all_scores, right_scores, round(reach, 4), round(spread, 4), pictures)


def _blur(watch: ScoreWatch) -> float:
    """How far off the loss of recall is on average, for slides that are known, with doubt as for many pictures."""
    raw = _raw_mean_above(watch)
    off = []
    for slide in _TRIED:
        mean = float(np.interp(slide, _SLIDES, raw))
        slip = _slip(watch, raw, mean, watch.spread / math.sqrt(watch.pictures))
        off.append(abs(slip[0] - _recall(watch, 0.0) + _recall(watch, slide)) + slip[1])
    return float(np.mean(off))


def measure_slip(scores: Sequence[Float], watch: ScoreWatch) -> Slip:
    """How recall moved since calibration, from the scores of one camera's pictures."""
    mean, _, pictures = _middle(scores, watch.limit)
    if pictures == 0:
        return Slip(0.0, 1.0, 0)
    error = watch.spread * math.sqrt(1 / pictures + 1 / watch.pictures)
    loss, doubt = _slip(watch, _raw_mean_above(watch), mean, error)
    return Slip(round(loss, 4), round(doubt, 4), pictures)


def _slip(watch: ScoreWatch, raw: NDArray[np.float64], mean: float, error: float) -> tuple[float, float]:
    """Loss of recall and its standard error, from a mean with its own."""
    expected = np.maximum.accumulate(raw)
    slides = [float(np.interp(mean + by * error, expected, _SLIDES)) for by in (-1, 0, 1)]
    worse, loss, better = (_recall(watch, 0.0) - _recall(watch, slide) for slide in slides)
    return loss, max(worse - loss, loss - better, 1e-4)


def _middle(scores: Sequence[Float], limit: float) -> tuple[float, float, int]:
    """Mean log odds of the watched boxes, its spread from picture to picture, and how many pictures have any."""
    each = [_odds(s[s >= limit]) for s in scores if (s >= limit).any()]
    if not each:
        return 0.0, 0.0, 0
    boxes = np.array([len(odds) for odds in each], np.float64)
    sums = np.array([float(odds.sum()) for odds in each])
    mean = float(sums.sum() / boxes.sum())
    spread = math.sqrt(float(((sums - mean * boxes) ** 2).sum()) / max(len(each) - 1, 1)) / float(boxes.mean())
    return mean, spread, len(each)


def _raw_mean_above(watch: ScoreWatch) -> NDArray[np.float64]:
    """Mean log odds of the boxes above the limit, after each of the slides; it falls more slowly than they do."""
    odds = _fine(watch.all_scores)[None] + _SLIDES[:, None]
    seen = odds >= _odds(np.array([watch.limit]))[0]
    mean = np.where(seen, odds, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.asarray(mean)


def _recall(watch: ScoreWatch, slide: float) -> float:
    odds = _fine(watch.right_scores) + slide
    return watch.reach * float((odds >= _odds(np.array([watch.counted_from]))[0]).mean())


def _fine(quantiles: tuple[float, ...]) -> NDArray[np.float64]:
    """Five hundred scores, as log odds, that have these quantiles."""
    return _odds(np.interp(np.linspace(0, 1, 501), np.linspace(0, 1, len(quantiles)), quantiles))


def _odds(score: Float | NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(np.asarray(score, np.float64), 0.01, 0.99)
    return np.asarray(np.log(held / (1 - held)))
